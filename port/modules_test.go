package port

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestModules reads modules that import each other, that aren't Python, that compute, that lie in folders of a library's name, and that aren't there.
func TestModules(t *testing.T) {
	for _, c := range []struct {
		name, script string
		files        map[string]string
		want         string // in the program, where all is translated
		left         string // in the report, where something isn't
	}{
		{"a cycle", "import one\nprint(one.f(2))", map[string]string{"one.py": "import two\ndef f(x):\n    return two.g(x)", "two.py": "import one\nN = 3\ndef g(x):\n    return x * N"}, "func g(x int) int", ""},
		{"itself", "import one\nprint(one.N)", map[string]string{"one.py": "import one\nN = 3"}, "fmt.Println(n)", ""},
		{"not Python", "import one\nprint(one.f())", map[string]string{"one.py": "def f(:\n    return 1"}, "", "not Python"},
		{"computes in a function", "def f():\n    import one\n    return one.N\nprint(f())", map[string]string{"one.py": "N = 3"}, "", "imported first in a function"},
		{"a folder of a library's name", "from keras.layers import Dense\nx = Dense(3)", map[string]string{"keras/notes.py": "1"}, "layers.Dense(3)", ""},
		{"a file in place of a library", "from random import seed\nprint(seed(2))", map[string]string{"random.py": "def seed(x):\n    return x + 1"}, "return x + 1", ""},
		{"nothing of the name", "from one import g\nprint(g)", map[string]string{"one.py": "N = 3"}, "", "one.g isn't defined"},
		{"a name that a function changes", "from one import N, bump\nbump()\nprint(N)", map[string]string{"one.py": "N = 3\ndef bump():\n    global N\n    N += 1"}, "n2 := n", ""},
		{"outside of the folder", "import one\nprint(one.N)", nil, "", "one.N isn't"},
		{"left in a module", "import one\nprint(one.N)", map[string]string{"one.py": "import foo\nN = foo.bar()"}, "", "line 2 of one.py"},
		{"unused and left", "import one\nprint(one.f())", map[string]string{"one.py": "import foo\nclass A(foo.B):\n    pass\ndef f():\n    return 1"}, "return 1", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			dir := t.TempDir()
			for name, text := range c.files {
				file := filepath.Join(dir, name)
				if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
					t.Fatal(err)
				}
				if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			nb, err := ReadScript([]byte(c.script))
			if err != nil {
				t.Fatal(err)
			}
			p, err := Translate(nb, Options{Name: "a.py", Folder: dir})
			if err != nil {
				t.Fatal(err)
			}
			checkGo(t, c.script, p)
			main, report := string(p.Files["main.go"]), p.Report.Markdown()
			if c.left != "" && !strings.Contains(report, c.left) {
				t.Errorf("the report hasn't %q:\n%s", c.left, report)
			}
			if c.left == "" && (!p.Report.Whole() || !strings.Contains(main, c.want)) {
				t.Errorf("hasn't %q:\n%s\n%s", c.want, main, report)
			}
		})
	}
}
