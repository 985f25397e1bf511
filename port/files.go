package port

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/gokeras/gokeras/port/internal/python"
)

var tFile = object("file", "*textFile")

// open is open(path, mode) of a text file.
func (t *translator) open(c *call) *value {
	path, mode := t.as(c.need(0, "file"), "string", c.e), c.arg(1, "mode")
	for _, k := range []string{"encoding", "errors", "newline"} {
		c.arg(-1, k)
	}
	c.done()
	how := `"r"`
	if mode != nil {
		how = t.as(mode, "string", c.e)
		if strings.Contains(how, "b") && mode.konst {
			t.approximate("texts and bytes are one in Go")
		}
	}
	return &value{typ: tFile, code: fmt.Sprintf("%s(%s, %s)", t.helper("openText"), path, how)}
}

func (t *translator) fileMethod(v *value, name string, c *call) *value {
	switch name {
	case "read", "readline":
		if len(c.args) == 0 {
			return &value{typ: tStr, code: v.tight() + "." + name + "()"}
		}
	case "readlines":
		return &value{typ: listOf(tStr), code: v.tight() + ".lines()"}
	case "write":
		text := c.need(0, "text")
		c.done()
		return done("%s.write(%s)", v.tight(), t.as(text, "string", c.e))
	case "close", "flush":
		c.done()
		return done("%s.%s()", v.tight(), name)
	}
	fail(c.e, "the method %s of a file isn't translated", name)
	return nil
}

// transparent are the contexts that change nothing which programs here could do otherwise.
var transparent = []string{"tensorflow.device", "warnings.catch_warnings", "keras.utils.custom_object_scope", "tensorflow.name_scope", "keras.name_scope", "contextlib.suppress"}

var tPath = typ{kind: "path", goT: "string"}

// pathMethod is a method of a pathlib.Path.
func (t *translator) pathMethod(v *value, name string, c *call) *value {
	switch name {
	case "exists", "is_file", "is_dir":
		return &value{typ: tBool, code: fmt.Sprintf("%s(%s)", t.helper("exists"), v.code)}
	case "mkdir":
		return done("must.M(os.MkdirAll(%s, 0o755))", v.code)
	case "glob":
		t.approximate("the names come in alphabetical order")
		return &value{typ: listOf(tPath), code: fmt.Sprintf("must.M1(filepath.Glob(filepath.Join(%s, %s)))", v.code, t.as(c.need(0, "pattern"), "string", c.e))}
	case "joinpath":
		return &value{typ: tPath, code: fmt.Sprintf("filepath.Join(%s, %s)", v.code, t.as(c.need(0, "other"), "string", c.e))}
	case "read_text":
		return &value{typ: tStr, code: fmt.Sprintf("%s(%s, \"r\").read()", t.helper("openText"), v.code)}
	case "iterdir":
		t.approximate("the names come in alphabetical order")
		return &value{typ: listOf(tPath), code: fmt.Sprintf("must.M1(filepath.Glob(filepath.Join(%s, \"*\")))", v.code)}
	case "with_suffix":
		return &value{typ: tPath, code: fmt.Sprintf("strings.TrimSuffix(%s, filepath.Ext(%[1]s)) + %s", v.code, t.as(c.need(0, "suffix"), "string", c.e)), loose: true}
	}
	fail(c.e, "the method %s of a path isn't translated", name)
	return nil
}

// pathAttr is an attribute of a pathlib.Path, nil for a method.
func pathAttr(v *value, name string) *value {
	switch name {
	case "name":
		return &value{typ: tStr, code: "filepath.Base(" + v.code + ")"}
	case "parent":
		return &value{typ: tPath, code: "filepath.Dir(" + v.code + ")"}
	case "suffix":
		return &value{typ: tStr, code: "filepath.Ext(" + v.code + ")"}
	case "stem":
		return &value{typ: tStr, code: fmt.Sprintf("strings.TrimSuffix(filepath.Base(%s), filepath.Ext(%[1]s))", v.code)}
	}
	return nil
}

// withStmt is a with statement: its body stands in place, files are closed after it.
func (t *translator) withStmt(s *python.Stmt) {
	var close []string
	for i := 0; i+1 < len(s.Targets); i += 2 {
		e, as := s.Targets[i], s.Targets[i+1]
		if e.Kind == python.Call {
			callee := t.expr(e.Args[0])
			if slices.Contains(transparent, callee.path) {
				t.approximate("%s has no counterpart: what stands in it is done as elsewhere", callee.path)
				continue
			}
			if callee.kind == "method" && callee.path == "scope" && callee.self.kind == "strategy" {
				continue
			}
		}
		v := t.expr(e)
		if v.kind == "tape" {
			if t.sc.step == nil {
				fail(e, "a GradientTape outside of a function that trains on one batch isn't translated")
			}
			if as != nil {
				t.bind(as, v)
			}
			continue
		}
		if v.kind == "archive" && as != nil {
			t.bind(as, v)
			continue
		}
		if v.kind != "file" {
			fail(e, "with %s isn't translated", v.describe())
		}
		if as == nil || as.Kind != python.Name {
			fail(e, "a file without a name isn't translated")
		}
		t.bind(as, v)
		closing := t.sc.names[as.Text].v.code + ".close()"
		if t.sc.result != nil && leaves(s.Body) {
			t.code("defer %s", closing)
			continue
		}
		close = append(close, closing)
	}
	each := t.stmt
	if t.sc.step != nil {
		each = t.translate // a step that lacks a statement is none
	}
	for _, inner := range s.Body {
		each(inner)
	}
	for _, code := range slices.Backward(close) {
		t.code("%s", code)
	}
}

// leaves reports that statements leave the block around them.
func leaves(body []*python.Stmt) bool {
	for _, s := range body {
		switch s.Kind {
		case python.Return, python.Break, python.Continue:
			return true
		case python.Def, python.Class:
			continue
		}
		if leaves(s.Body) || leaves(s.Else) {
			return true
		}
	}
	return false
}

// raise is a raise statement with an exception of a known form.
func (t *translator) raise(s *python.Stmt) {
	e := s.Value
	if e == nil && len(s.Targets) > 0 {
		e = s.Targets[0]
	}
	if e == nil && t.handling != nil {
		t.code("panic(%s)", t.handling.ref())
		return
	}
	if e == nil {
		panic(&left{s.Line, "a raise without an exception isn't translated"})
	}
	name, text := e, `""`
	if e.Kind == python.Call {
		name = e.Args[0]
		if len(e.Args) > 1 {
			text = t.printed(t.expr(e.Args[1]), e)
		}
	}
	if name.Kind != python.Name {
		fail(e, "this exception isn't translated")
	}
	t.imports["np"] = true
	t.code("np.Fail(%q, \"%%v\", %s)", name.Text, text)
}

func (t *translator) exit(c *call) *value {
	n := c.arg(0, "status")
	c.done()
	code := "0"
	if n != nil && n.kind == "int" {
		code = n.code
	}
	if n != nil && n.kind == "str" {
		code = "1"
		t.code("fmt.Fprintln(os.Stderr, %s)", n.code)
	}
	return done("os.Exit(%s)", code)
}

// system is a call of os, sys, shutil, glob, time and the like; nil where it isn't known.
func (t *translator) system(path string, c *call) *value {
	text := func(i int, names ...string) string { return t.as(c.need(i, names...), "string", c.e) }
	strs := func(code string) *value { return &value{typ: listOf(tStr), code: code} }
	switch path {
	case "sys.path.append", "sys.path.insert":
		return t.searchPath(path, c)
	case "sys.exit", "os._exit":
		return t.exit(c)
	case "os.listdir":
		if len(c.args)+len(c.keys) == 0 {
			return strs(t.helper("listDir") + `(".")`)
		}
		t.approximate("the names come in alphabetical order")
		return strs(fmt.Sprintf("%s(%s)", t.helper("listDir"), text(0, "path")))
	case "glob.glob":
		if r := c.arg(-1, "recursive"); r != nil {
			fail(c.e, "recursive isn't translated")
		}
		t.approximate("the names come in alphabetical order")
		return strs(fmt.Sprintf("must.M1(filepath.Glob(%s))", text(0, "pathname")))
	case "tempfile.mkdtemp":
		return &value{typ: tStr, code: `must.M1(os.MkdirTemp("", "tmp"))`}
	case "tempfile.gettempdir":
		return &value{typ: tStr, code: "os.TempDir()"}
	case "packaging.version.parse", "packaging.version.Version", "distutils.version.LooseVersion", "distutils.version.StrictVersion":
		v := c.need(0, "version")
		c.done()
		return &value{path: cmp.Or(v.path, "packaging.version.__version__")}
	case "pathlib.Path":
		if len(c.args)+len(c.keys) == 0 {
			return &value{typ: tPath, code: `"."`, konst: true}
		}
		v := c.need(0, "path")
		return &value{typ: tPath, code: t.as(v, "string", c.e), konst: v.konst}
	case "os.getcwd", "pathlib.Path.cwd":
		return &value{typ: tStr, code: "must.M1(os.Getwd())"}
	case "os.path.dirname":
		return &value{typ: tStr, code: fmt.Sprintf("%s(%s)", t.helper("dirName"), text(0, "p"))}
	case "os.path.basename":
		return &value{typ: tStr, code: fmt.Sprintf("%s(%s)", t.helper("baseName"), text(0, "p"))}
	case "os.path.abspath", "os.path.realpath":
		return &value{typ: tStr, code: fmt.Sprintf("must.M1(filepath.Abs(%s))", text(0, "path"))}
	case "os.path.expanduser":
		return &value{typ: tStr, code: fmt.Sprintf("%s(%s)", t.helper("expandUser"), text(0, "path"))}
	case "os.path.getsize":
		return &value{typ: tInt, code: fmt.Sprintf("int(must.M1(os.Stat(%s)).Size())", text(0, "filename"))}
	case "os.path.splitext":
		p := text(0, "p")
		return &value{tuple: true, typ: typ{kind: "tuple"}, items: []*value{{typ: tStr, code: fmt.Sprintf("strings.TrimSuffix(%s, filepath.Ext(%[1]s))", p)},
			{typ: tStr, code: "filepath.Ext(" + p + ")"}}}
	case "urllib.request.urlretrieve":
		url, path := text(0, "url"), text(1, "filename")
		c.done()
		return done("%s(%s, %s)", t.helper("fetchTo"), url, path)
	case "os.remove", "os.unlink":
		return done("must.M(os.Remove(%s))", text(0, "path"))
	case "shutil.rmtree":
		c.arg(-1, "ignore_errors")
		return done("must.M(os.RemoveAll(%s))", text(0, "path"))
	case "os.rename", "shutil.move":
		return done("must.M(os.Rename(%s, %s))", text(0, "src"), text(1, "dst"))
	case "shutil.copyfile", "shutil.copy", "shutil.copy2":
		return done("%s(%s, %s)", t.helper("copyFile"), text(0, "src"), text(1, "dst"))
	case "os.environ.get", "os.getenv":
		or := c.arg(1, "default")
		if or == nil {
			return &value{typ: tStr, code: fmt.Sprintf("os.Getenv(%s)", text(0, "key"))}
		}
		return &value{typ: tStr, code: fmt.Sprintf("cmp.Or(os.Getenv(%s), %s)", text(0, "key"), t.as(or, "string", c.e))}
	case "os.system", "subprocess.call", "subprocess.run":
		return nil
	case "time.sleep":
		return done("time.Sleep(time.Duration(%s * float64(time.Second)))", t.as(c.need(0, "secs"), "float64", c.e))
	case "time.perf_counter", "time.clock", "time.monotonic", "timeit.default_timer", "time.process_time":
		return &value{typ: tFloat, code: "float64(time.Now().UnixNano()) / 1e9", loose: true}
	case "gc.collect", "IPython.display.clear_output", "sys.stdout.flush", "google.colab.drive.mount", "google.colab.output.clear", "absl.logging.set_verbosity", "logging.disable",
		"tensorflow.compat.v1.logging.set_verbosity", "tensorflow.logging.set_verbosity", "tensorflow.config.run_functions_eagerly",
		"tensorflow.config.experimental.set_memory_growth", "tensorflow.enable_eager_execution", "tensorflow.compat.v1.enable_eager_execution", "sys.setrecursionlimit",
		"seaborn.set_context", "seaborn.set_palette", "seaborn.despine", "matplotlib.rc", "pandas.set_option", "tensorflow.config.set_visible_devices", "tensorflow.config.experimental.set_visible_devices", "tensorflow.config.optimizer.set_jit", "tensorflow.config.set_logical_device_configuration", "tensorflow.config.threading.set_intra_op_parallelism_threads", "tensorflow.config.threading.set_inter_op_parallelism_threads", "nltk.download", "locale.setlocale", "tensorflow.random.get_global_generator",
		"tensorflow.debugging.set_log_device_placement", "keras.backend.set_session", "keras.utils.disable_interactive_logging", "keras.utils.enable_interactive_logging", "keras.config.disable_traceback_filtering", "keras.config.enable_traceback_filtering", "tensorflow_datasets.disable_progress_bar", "keras.backend.set_learning_phase", "np.warnings.filterwarnings":
		t.approximate("%s is left out", path)
		return done("")
	case "sys.stdout.write":
		return done("fmt.Print(%s)", text(0, "s"))
	case "tensorflow.config.list_physical_devices", "tensorflow.config.experimental.list_physical_devices", "tensorflow.config.list_logical_devices", "tensorflow.config.experimental.list_logical_devices":
		t.approximate("GoMLX finds its devices by itself")
		return strs("[]string{}")
	case "tensorflow.test.is_built_with_cuda", "tensorflow.test.is_gpu_available":
		t.approximate("GoMLX finds its devices by itself")
		return &value{typ: tBool, code: "false", konst: true}
	case "textwrap.dedent":
		v := c.need(0, "text")
		c.done()
		if text, err := strconv.Unquote(v.code); err == nil && v.konst {
			return &value{typ: tStr, code: strconv.Quote(dedented(text)), konst: true}
		}
	case "os.walk":
		t.approximate("the names come in alphabetical order")
		top := text(0, "top")
		c.done()
		return &value{typ: listOf(object("walked folder", "walked")), code: fmt.Sprintf("%s(%s)", t.helper("walk"), top)}
	case "tensorflow.io.read_file", "tensorflow.read_file":
		return &value{typ: object("bytes of a file", "string"), code: text(0, "filename")}
	case "tensorflow.image.decode_image", "tensorflow.image.decode_jpeg", "tensorflow.image.decode_png", "tensorflow.io.decode_image", "tensorflow.io.decode_jpeg", "tensorflow.io.decode_png":
		raw, channels := c.need(0, "contents"), c.arg(1, "channels")
		c.arg(-1, "expand_animations")
		c.done()
		if raw.kind == "bytes of a file" && (channels == nil || channels.code == "3" || channels.code == "0") {
			if channels == nil || channels.code == "0" {
				t.approximate("an image that is decoded is taken to have three channels")
			}
			v := pixels(&value{code: fmt.Sprintf("must.M1(datasets.LoadImage(%s, datasets.LoadImageOptions{TensorFlow: true}))", raw.code)})
			return &value{typ: tArray, code: v.code, eager: true}
		}
		fail(c.e, "an image of other than 3 channels isn't translated")
	case "tensorflow.image.resize":
		x, size, method := c.need(0, "images"), c.need(1, "size"), c.arg(2, "method")
		c.done()
		if x.kind == "array" && (method == nil || method.code == `"bilinear"`) && len(size.items) == 2 {
			return &value{typ: tArray, eager: true, code: fmt.Sprintf("%s(layers.Resizing(%s), %s, false)", t.helper("callLayer"), t.as(size, "...int", c.e), t.data(x, c.e))}
		}
	case "csv.reader":
		return t.csvReader(c)
	case "matplotlib.image.imread", "matplotlib.pyplot.imread":
		file := text(0, "fname")
		c.done()
		return &value{typ: tArray, code: "plt.Imread(" + file + ")"}
	case "tensorflow.test.gpu_device_name":
		t.approximate("GoMLX finds its devices by itself")
		return &value{typ: tStr, code: `""`, konst: true}
	case "tensorflow.executing_eagerly":
		return &value{typ: tBool, code: "true", konst: true}
	case "tensorflow.distribute.MirroredStrategy", "tensorflow.distribute.get_strategy":
		t.approximate("the program runs on one device")
		return &value{typ: typ{kind: "strategy"}, path: ""}
	case "keras.utils.get_file":
		return t.getFile(c)
	}
	return nil
}

// getFile is keras.utils.get_file of a plain file.
func (t *translator) getFile(c *call) *value {
	unpack := ""
	for _, k := range []string{"extract", "untar"} {
		if v := c.arg(-1, k); v != nil && t.as(v, "bool", c.e) == "true" {
			unpack = k
		}
	}
	for _, k := range []string{"cache_dir", "file_hash", "md5_hash", "hash_algorithm", "archive_format"} {
		if c.arg(-1, k) != nil {
			t.approximate("get_file's %s is left out", k)
		}
	}
	name, origin := c.arg(0, "fname"), c.arg(1, "origin")
	folder := `"datasets"`
	if f := c.arg(-1, "cache_subdir"); f != nil {
		folder = t.as(f, "string", c.e)
	}
	c.done()
	if origin == nil {
		fail(c.e, "get_file needs an origin")
	}
	from := t.as(origin, "string", c.e)
	as := fmt.Sprintf("%s(%s)", t.helper("baseName"), from)
	if name != nil && name.kind == "str" {
		as = name.code
	}
	code := fmt.Sprintf("%s(%s, %s, %s)", t.helper("getFile"), as, from, folder)
	if unpack != "" {
		code = fmt.Sprintf("%s(%s)", t.helper("unpacked"), code)
		t.approximate("an archive is unpacked into a folder of its name with _extracted behind it, as Keras 3 does")
	}
	return &value{typ: tStr, code: code}
}

// dedented is textwrap.dedent: a text without the spaces that all its lines begin with.
func dedented(text string) string {
	lines := strings.Split(text, "\n")
	margin, known := "", false
	for i, l := range lines {
		code := strings.TrimLeft(l, " \t")
		if code == "" {
			lines[i] = ""
			continue
		}
		indent := l[:len(l)-len(code)]
		if !known {
			margin, known = indent, true
		}
		for !strings.HasPrefix(indent, margin) {
			margin = margin[:len(margin)-1]
		}
	}
	for i, l := range lines {
		lines[i] = strings.TrimPrefix(l, margin)
	}
	return strings.Join(lines, "\n")
}

var tRows = object("rows of a CSV file", "*csvRows")

// csvReader is csv.reader of a file.
func (t *translator) csvReader(c *call) *value {
	file, comma := c.need(0, "csvfile"), `","`
	if d := c.arg(-1, "delimiter"); d != nil {
		comma = t.as(d, "string", c.e)
	}
	if q := c.arg(-1, "quotechar"); q != nil && q.code != strconv.Quote(`"`) {
		fail(c.e, "other quotes than \" in CSV files aren't translated")
	}
	c.done()
	if file.kind != "file" {
		fail(c.e, "csv.reader of %s isn't translated", file.describe())
	}
	t.helper("openText")
	t.helper("csvReader")
	return &value{typ: tRows, code: fmt.Sprintf("&csvRows{%s, %s}", file.code, comma), loose: true}
}
