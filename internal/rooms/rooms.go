// Package rooms checks that imports in this module point downwards only, in the order of one table: that of the rooms in
// ARCHITECTURE.md. A package may import those of its own row and of rows below it. Test files may import everything, and so may
// rows that say "tests only"; what is in these is imported by test files alone.
package rooms

import (
	"fmt"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// Table is the file with the table of rooms, relative to the module's root.
const Table = "ARCHITECTURE.md"

// row is a row of the table. A folder that isn't in the table belongs to the row of the nearest one above it that is.
type row struct {
	number    int
	folders   []string
	testsOnly bool
}

// Check returns what is wrong with the imports of the module in dir, an empty list if nothing is: imports that point up, folders
// without a row, rows without a folder. It reads files for every system and with every build tag.
func Check(dir, module string) ([]string, error) {
	text, err := os.ReadFile(filepath.Join(dir, Table))
	if err != nil {
		return nil, err
	}
	rows := readTable(string(text))
	if len(rows) == 0 {
		return nil, fmt.Errorf("%s has no table of rooms: rows that begin with \"| `folder`\"", Table)
	}
	c := &checker{module: module, rows: map[string]row{}, seen: map[string]bool{}}
	for _, r := range rows {
		for _, folder := range r.folders {
			if _, twice := c.rows[folder]; twice {
				c.wrong = append(c.wrong, fmt.Sprintf("%s lists %s twice", Table, folder))
			}
			c.rows[folder] = r
		}
	}
	if err := c.walk(dir); err != nil {
		return nil, err
	}
	for folder := range c.rows {
		if !c.seen[folder] {
			c.wrong = append(c.wrong, fmt.Sprintf("%s lists %s, where there is no Go file", Table, folder))
		}
	}
	slices.Sort(c.wrong)
	return c.wrong, nil
}

var quoted = regexp.MustCompile("`([^`]+)`")

// readTable reads the rows: lines of a Markdown table whose first cell names folders in back quotes, up to where the table ends.
func readTable(text string) []row {
	var rows []row
	for _, line := range strings.Split(text, "\n") {
		if !strings.HasPrefix(line, "| `") {
			if len(rows) > 0 {
				break
			}
			continue
		}
		r := row{number: len(rows), testsOnly: strings.Contains(line, "tests only")}
		first, _, _ := strings.Cut(line[1:], "|")
		for _, name := range quoted.FindAllStringSubmatch(first, -1) {
			r.folders = append(r.folders, strings.TrimSuffix(name[1], "/"))
		}
		rows = append(rows, r)
	}
	return rows
}

type checker struct {
	module string
	rows   map[string]row // by folder
	seen   map[string]bool
	wrong  []string
}

// rowOf finds the row of a folder, and the folder that is listed there.
func (c *checker) rowOf(folder string) (r row, listed string, ok bool) {
	for ; folder != "."; folder = path.Dir(folder) {
		if r, ok := c.rows[folder]; ok {
			return r, folder, true
		}
	}
	return row{}, "", false
}

func (c *checker) walk(dir string) error {
	return filepath.WalkDir(dir, func(file string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case d.IsDir() && file != dir && (strings.HasPrefix(d.Name(), ".") || strings.HasPrefix(d.Name(), "_") || d.Name() == "testdata"):
			return filepath.SkipDir
		case d.IsDir() || !strings.HasSuffix(file, ".go"):
			return nil
		}
		name, err := filepath.Rel(dir, file)
		if err != nil {
			return err
		}
		return c.file(file, filepath.ToSlash(name))
	})
}

// rowless notes a folder without a row, once.
func (c *checker) rowless(folder string) {
	if text := fmt.Sprintf("%s has no row for %s", Table, folder); !slices.Contains(c.wrong, text) {
		c.wrong = append(c.wrong, text)
	}
}

// file checks the imports of one file; name is relative to the module's root.
func (c *checker) file(file, name string) error {
	folder := path.Dir(name)
	r, listed, ok := c.rowOf(folder)
	if !ok {
		if folder != "." || !strings.HasSuffix(name, "_test.go") {
			c.rowless(folder)
		}
		return nil
	}
	c.seen[listed] = true
	if r.testsOnly || strings.HasSuffix(name, "_test.go") {
		return nil
	}
	parsed, err := parser.ParseFile(token.NewFileSet(), file, nil, parser.ImportsOnly)
	if err != nil {
		return err
	}
	for _, spec := range parsed.Imports {
		imported, err := strconv.Unquote(spec.Path.Value)
		if err != nil {
			return err
		}
		target, own := strings.CutPrefix(imported, c.module+"/")
		if !own {
			continue
		}
		switch to, _, ok := c.rowOf(target); {
		case !ok:
			c.rowless(target)
		case to.testsOnly:
			c.wrong = append(c.wrong, fmt.Sprintf("%s imports %s, which is for tests only", name, target))
		case to.number < r.number:
			c.wrong = append(c.wrong, fmt.Sprintf("%s imports %s, which %s has above %s", name, target, Table, listed))
		}
	}
	return nil
}
