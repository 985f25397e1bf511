package port

// pythonHelpers are what Python's texts, lists, dicts and files do where Go's do otherwise.
var pythonHelpers = map[string]string{
	"try": `
// try runs f and returns what it panics with.
func try(f func()) (err error) {
	defer func() {
		switch r := recover().(type) {
		case nil:
		case error:
			err = r
		default:
			err = fmt.Errorf("%v", r)
		}
	}()
	f()
	return nil
}
`,
	"exceptionText": `
// exceptionText is an exception as Python prints it: its text, without its class.
func exceptionText(err error) string {
	if e, ok := err.(*np.Error); ok {
		return e.Text
	}
	if text := map[string]string{"IndexError": "list index out of range", "ZeroDivisionError": "division by zero"}[exceptionClass(err)]; text != "" {
		return text
	}
	return err.Error()
}
`,
	"exceptionClass": `
// exceptionClass is what Python calls an error, "" where that isn't known.
func exceptionClass(err error) string {
	if e, ok := err.(*np.Error); ok {
		return e.Kind
	}
	if _, ok := err.(runtime.Error); ok {
		switch text := err.Error(); {
		case strings.Contains(text, "out of range"):
			return "IndexError"
		case strings.Contains(text, "divide by zero"):
			return "ZeroDivisionError"
		case strings.Contains(text, "nil pointer"):
			return "TypeError"
		}
	}
	if os.IsNotExist(err) {
		return "FileNotFoundError"
	}
	return ""
}
`,
	"raised": `
// baseOf are the classes of Python's exceptions that stand over others.
var baseOf = map[string]string{"KeyError": "LookupError", "IndexError": "LookupError", "ZeroDivisionError": "ArithmeticError", "OverflowError": "ArithmeticError", "FileNotFoundError": "OSError",
	"FileExistsError": "OSError", "PermissionError": "OSError", "ConnectionError": "OSError", "TimeoutError": "OSError", "UnicodeDecodeError": "ValueError", "UnicodeEncodeError": "ValueError", "AxisError": "ValueError",
	"ModuleNotFoundError": "ImportError", "NotImplementedError": "RuntimeError", "JSONDecodeError": "ValueError", "LinAlgError": "ValueError", "RecursionError": "RuntimeError"}

// raised reports that an error is of one of Python's classes. One whose class isn't known is taken to be of each.
func raised(err error, classes ...string) bool {
	class := exceptionClass(err)
	for c := class; c != ""; c = baseOf[c] {
		if slices.Contains(classes, c) || c == "OSError" && (slices.Contains(classes, "IOError") || slices.Contains(classes, "EnvironmentError")) {
			return true
		}
	}
	return class == "" || class != "KeyboardInterrupt" && class != "SystemExit" && slices.Contains(classes, "Exception") || slices.Contains(classes, "BaseException")
}
`,
	"entryAt": `
// entryAt is dict[key].
func entryAt[K comparable, V any](dict map[K]V, key K) V {
	v, ok := dict[key]
	if !ok {
		np.Fail("KeyError", "%s", repr(key))
	}
	return v
}
`,
	"lookup": `
// lookup is dict.get(key), nil where the dict doesn't have it.
func lookup[K comparable, V any](dict map[K]V, key K) *V {
	if v, ok := dict[key]; ok {
		return &v
	}
	return nil
}

// have is what a pointer that stands for None or a value holds.
func have[T any](p *T) T {
	if p == nil {
		np.Fail("TypeError", "None stands where a value is wanted")
	}
	return *p
}
`,
	"divide": `
// divide is a / b, which Python refuses for a b of 0.
func divide(a, b float64) float64 {
	if b == 0 {
		np.Fail("ZeroDivisionError", "division by zero")
	}
	return a / b
}
`,
	"argv": `
// argv is Python's sys.argv: the program and its arguments without its flags.
func argv() []string { return append([]string{os.Args[0]}, flag.Args()...) }
`,
	"pointer": `
func pointer[T any](v T) *T { return &v }
`,
	"unique": `
// unique is a list's elements in their order, none of them twice.
func unique[T cmp.Ordered](list []T) []T { return slices.Compact(slices.Sorted(slices.Values(list))) }
`,
	"hasKey": `
// hasKey is Python's key in dict.
func hasKey[K comparable, V any](m map[K]V, key K) bool {
	_, ok := m[key]
	return ok
}
`,
	"entryOr": `
// entryOr is dict.get(key, or).
func entryOr[K comparable, V any](m map[K]V, key K, or V) V {
	if v, ok := m[key]; ok {
		return v
	}
	return or
}
`,
	"popEntry": `
// popEntry is dict.pop(key).
func popEntry[K comparable, V any](m map[K]V, key K) V {
	v, ok := m[key]
	if !ok {
		np.Fail("KeyError", "%s", repr(key))
	}
	delete(m, key)
	return v
}
`,
	"valuesOf": `
// valuesOf are a dict's values in the order of keys.
func valuesOf[K comparable, V any](m map[K]V, keys []K) []V {
	list := make([]V, len(keys))
	for i, k := range keys {
		list[i] = m[k]
	}
	return list
}
`,
	"popItem": `
// popItem is list.pop(i).
func popItem[T any](list *[]T, i int) T {
	v := (*list)[i]
	*list = slices.Delete(*list, i, i+1)
	return v
}
`,
	"indexOf": `
// indexOf is list.index(v).
func indexOf[T comparable](list []T, v T) int {
	i := slices.Index(list, v)
	if i < 0 {
		np.Fail("ValueError", "%v is not in list", v)
	}
	return i
}
`,
	"countOf": `
// countOf is list.count(v).
func countOf[T comparable](list []T, v T) int {
	n := 0
	for _, x := range list {
		if x == v {
			n++
		}
	}
	return n
}
`,
	"reversed": `
func reversed[T any](list []T) []T {
	list = slices.Clone(list)
	slices.Reverse(list)
	return list
}
`,
	"lossOf": `
// lossOf is the loss of predictions.
func lossOf(loss losses.Loss, yTrue, yPred *np.Array) *np.Array {
	x := functional.InputWith(functional.InputOptions{Shape: yPred.Shape()[1:], Name: "predictions"})
	model := must.M1(functional.NewModel(x, layers.Identity().Name("same").Apply(x))).Named("loss")
	must.M(model.Compile(functional.Compile{Loss: loss}))
	return np.Of(must.M1(model.TestOnBatch(yPred.Tensor(), yTrue.Tensor(), functional.BatchOptions{})).Loss()).AsType("float32")
}
`,
	"limits": `
// limits are the two ends of an axis.
func limits(low, high float64) []float64 { return []float64{low, high} }
`,
	"sortedDown": `
// sortedDown is sorted(list, reverse=True).
func sortedDown[T cmp.Ordered](list []T) []T {
	list = slices.Clone(list)
	slices.SortStableFunc(list, func(a, b T) int { return cmp.Compare(b, a) })
	return list
}
`,
	"sortedBy": `
// sortedBy is sorted(list, key=key, reverse=down).
func sortedBy[T any, K cmp.Ordered](list []T, key func(T) K, down bool) []T {
	list = slices.Clone(list)
	slices.SortStableFunc(list, func(a, b T) int {
		if down {
			a, b = b, a
		}
		return cmp.Compare(key(a), key(b))
	})
	return list
}
`,
	"listOf": `
// listOf is an array as a list of its elements.
func listOf(a *np.Array) []*np.Array {
	var list []*np.Array
	for _, x := range a.All() {
		list = append(list, x)
	}
	return list
}
`,
	"containsArray": `
// containsArray reports that one of the arrays is equal to x.
func containsArray(list []*np.Array, x *np.Array) bool {
	return slices.ContainsFunc(list, func(a *np.Array) bool { return np.ArrayEqual(a, x) })
}
`,
	"addToSet": `
// addToSet adds an element to a set, which is held as a list.
func addToSet[T comparable](set *[]T, x T) {
	if !slices.Contains(*set, x) {
		*set = append(*set, x)
	}
}
`,
	"counter": `
// counter counts how often each item is there.
func counter[K comparable](items []K) map[K]int {
	counts := map[K]int{}
	for _, item := range items {
		put(counts, item, counts[item]+1)
	}
	return counts
}
`,
	"countPlot": `
// countPlot draws how often each value is there.
func countPlot(values *np.Array) {
	var names []string
	counts := map[string]int{}
	for _, v := range values.Strings() {
		if counts[v]++; counts[v] == 1 {
			names = append(names, v)
		}
	}
	slices.Sort(names)
	var heights []int
	for _, name := range names {
		heights = append(heights, counts[name])
	}
	plt.Bar(names, heights)
	plt.Ylabel("count")
}
`,
	"arraysOf": `
// arraysOf is tensors as arrays.
func arraysOf(list []*tensors.Tensor) []*np.Array {
	arrays := make([]*np.Array, len(list))
	for i, t := range list {
		arrays[i] = np.FromTensor(t)
	}
	return arrays
}
`,
	"arraysText": `
// arraysText is a list of arrays as Python prints it.
func arraysText(list []*np.Array) string {
	parts := make([]string, len(list))
	for i, a := range list {
		parts[i] = a.Repr()
		if a.NDim() == 0 { // a number of NumPy's
			switch d := string(a.DType()); {
			case d == "bool":
				parts[i] = "np." + a.String() + "_"
			case strings.Contains(d, "int"), strings.HasPrefix(d, "float"):
				parts[i] = "np." + d + "(" + a.String() + ")"
			case strings.HasPrefix(d, "<"):
				parts[i] = "np.str_(" + quotedText(a.Text()) + ")"
			}
		}
	}
	return "[" + strings.Join(parts, ", ") + "]"
}
`,
	"callbackList": `
func callbackList[C callbacks.Callback](list []C) []callbacks.Callback {
	var all []callbacks.Callback
	for _, c := range list {
		all = append(all, c)
	}
	return all
}
`,
	"parseInt": `
// parseInt is Python's int of a text.
func parseInt(text string) int {
	n, err := strconv.Atoi(strings.ReplaceAll(strings.TrimSpace(text), "_", ""))
	if err != nil {
		np.Fail("ValueError", "invalid literal for int() with base 10: '%s'", text)
	}
	return n
}
`,
	"parseFloat": `
// parseFloat is Python's float of a text.
func parseFloat(text string) float64 {
	v, err := strconv.ParseFloat(strings.TrimSpace(text), 64)
	if err != nil && !errors.Is(err, strconv.ErrRange) || strings.ContainsAny(text, "xXpP") {
		np.Fail("ValueError", "could not convert string to float: '%s'", text)
	}
	return v
}
`,
	"every": `
// every is a list's part by a slice with a step.
func every[T any](list []T, s np.Slice) []T {
	start, count, step := s.Bounds(len(list))
	part := make([]T, count)
	for i := range part {
		part[i] = list[start+i*step]
	}
	return part
}
`,
	"frameAs": `
// frameAs is a frame with all of its columns as another type.
func frameAs(f *pd.Frame, dtype np.DType) *pd.Frame {
	made := f.Copy()
	for _, name := range f.Columns() {
		made.Put(name, f.Col(name).AsType(dtype))
	}
	return made
}
`,
	"framesOf": `
// framesOf is pd.DataFrame of a dict of columns.
func framesOf[V any](dict map[string]V) *pd.Frame {
	var columns []pd.Column
	for _, name := range slices.Sorted(maps.Keys(dict)) {
		columns = append(columns, pd.Column{Name: name, Values: dict[name]})
	}
	return pd.Of(columns...)
}
`,
	"softmax": `
// softmax is tf.nn.softmax over the last axis.
func softmax(x *np.Array) *np.Array {
	e := np.Exp(np.Subtract(x, np.Max(x, -1, np.KeepDims)))
	return np.Divide(e, np.Sum(e, -1, np.KeepDims))
}
`,
	"raggedShape": `
// raggedShape is the shape of an array of lists.
func raggedShape[T any](list []T) []int { return []int{len(list)} }
`,
	"historyFrame": `
// historyFrame is pd.DataFrame(history.history).
func historyFrame(logs map[string][]float64) *pd.Frame {
	var columns []pd.Column
	for _, name := range slices.Sorted(maps.Keys(logs)) {
		columns = append(columns, pd.Column{Name: name, Values: logs[name]})
	}
	return pd.Of(columns...)
}
`,
	"plotFrame": `
// plotFrame draws each column as a line.
func plotFrame(f *pd.Frame) {
	plt.NewFigure()
	for _, name := range f.Columns() {
		plt.Plot(f.Col(name), plt.Label(name))
	}
	plt.Legend()
}
`,
	"strftime": `
// strftime is Python's datetime.strftime of the directives that file names have.
func strftime(t time.Time, format string) string {
	return strings.NewReplacer("%Y", t.Format("2006"), "%y", t.Format("06"), "%m", t.Format("01"), "%d", t.Format("02"), "%H", t.Format("15"), "%M", t.Format("04"), "%S", t.Format("05"),
		"%b", t.Format("Jan"), "%B", t.Format("January"), "%a", t.Format("Mon"), "%A", t.Format("Monday"), "%j", t.Format("002"), "%I", t.Format("03"), "%p", t.Format("PM"), "%%", "%").Replace(format)
}
`,
	"formatText": `
// formatText is str.format of places without formats.
func formatText(format string, args ...any) string {
	for i, a := range args {
		format = strings.ReplaceAll(format, fmt.Sprintf("{%d}", i), fmt.Sprint(a))
		format = strings.Replace(format, "{}", fmt.Sprint(a), 1)
	}
	return format
}
`,
	"logValues": `
// logValues are the logs that a callback is given.
func logValues(logs *callbacks.Logs) map[string]float64 { return maps.Collect(logs.All()) }
`,
	"tensorText": `
// tensorText is a tensor as TensorFlow prints it.
func tensorText(a *np.Array) string {
	if a.DType()[0] == '<' {
		return a.String()
	}
	text := a.String()
	if strings.Contains(text, "\n") {
		text = "\n" + text
	}
	return fmt.Sprintf("tf.Tensor(%s, shape=%s, dtype=%s)", text, a.ShapeString(), a.DType())
}
`,
	"tupleText": `
// tupleText is a part of a shape as Python prints it.
func tupleText(list []int) string {
	parts := make([]string, len(list))
	for i, n := range list {
		parts[i] = fmt.Sprint(n)
		if n < 0 {
			parts[i] = "None"
		}
	}
	if len(parts) == 1 {
		return "(" + parts[0] + ",)"
	}
	return "(" + strings.Join(parts, ", ") + ")"
}
`,
	"boolInt": `
func boolInt(b bool) int {
	if b {
		return 1
	}
	return 0
}
`,
	"title": `
// title is str.title: each letter after another character is a capital.
func title(text string) string {
	before := ' '
	return strings.Map(func(r rune) rune {
		letter := unicode.IsLetter(before)
		before = r
		if letter {
			return unicode.ToLower(r)
		}
		return unicode.ToTitle(r)
	}, text)
}
`,
	"capitalize": `
// capitalize is str.capitalize.
func capitalize(text string) string {
	runes := []rune(strings.ToLower(text))
	if len(runes) > 0 {
		runes[0] = unicode.ToTitle(runes[0])
	}
	return string(runes)
}
`,
	"isdigit": isText("isdigit", "unicode.IsDigit(r)"), "isalpha": isText("isalpha", "unicode.IsLetter(r)"), "isspace": isText("isspace", "unicode.IsSpace(r)"),
	"isalnum": isText("isalnum", "unicode.IsLetter(r) || unicode.IsNumber(r)"),
	"isupper": `
func isupper(text string) bool { return strings.ToUpper(text) == text && strings.ToLower(text) != text }
`,
	"islower": `
func islower(text string) bool { return strings.ToLower(text) == text && strings.ToUpper(text) != text }
`,
	"zfill": `
// zfill is str.zfill: zeros in front of a number.
func zfill(text string, width int) string {
	sign := ""
	if text != "" && (text[0] == '-' || text[0] == '+') {
		sign, text = text[:1], text[1:]
	}
	return sign + strings.Repeat("0", max(width-len(sign)-len(text), 0)) + text
}
`,
	"splitLines": `
// splitLines is str.splitlines.
func splitLines(text string) []string {
	text = strings.NewReplacer("\r\n", "\n", "\r", "\n").Replace(text)
	if text == "" {
		return nil
	}
	return strings.Split(strings.TrimSuffix(text, "\n"), "\n")
}
`,
	"openText": `
// textFile is a text file as Python's open gives it: read at once, written at once.
type textFile struct {
	text string // what hasn't been read yet
	file *os.File
}

func openText(path, mode string) *textFile {
	flags := map[byte]int{'w': os.O_CREATE | os.O_TRUNC | os.O_WRONLY, 'a': os.O_CREATE | os.O_APPEND | os.O_WRONLY, 'x': os.O_CREATE | os.O_EXCL | os.O_WRONLY}[(mode + "r")[0]]
	if flags != 0 {
		return &textFile{file: must.M1(os.OpenFile(path, flags, 0o644))}
	}
	raw, err := os.ReadFile(path)
	if err != nil {
		np.Fail("FileNotFoundError", "%v", err)
	}
	text := string(raw)
	if !strings.Contains(mode, "b") {
		text = strings.NewReplacer("\r\n", "\n", "\r", "\n").Replace(text)
	}
	return &textFile{text: text}
}

func (f *textFile) read() string {
	text := f.text
	f.text = ""
	return text
}

func (f *textFile) readline() string {
	line, rest, found := strings.Cut(f.text, "\n")
	if found {
		line += "\n"
	}
	f.text = rest
	return line
}

func (f *textFile) lines() []string {
	list := strings.SplitAfter(f.read(), "\n")
	if list[len(list)-1] == "" {
		list = list[:len(list)-1]
	}
	return list
}

// each are the lines as a loop takes them: what else reads the file meanwhile takes some of them.
func (f *textFile) each() iter.Seq2[int, string] {
	return func(yield func(int, string) bool) {
		for i := 0; f.text != ""; i++ {
			if !yield(i, f.readline()) {
				return
			}
		}
	}
}

func (f *textFile) write(text string) { must.M1(f.file.WriteString(text)) }

func (f *textFile) flush() {}

func (f *textFile) close() {
	if f.file != nil {
		must.M(f.file.Close())
	}
}
`,
	"csvReader": `
// csvRows are the rows of a file as csv.reader gives them.
type csvRows struct {
	file  *textFile
	comma string
}

// next is the next row: fields stand between commas, or in quotes, in which two are one, and which may hold ends of lines.
func (r *csvRows) next() []string {
	if r.file.text == "" {
		np.Fail("StopIteration", "")
	}
	row := []string{}
	var field strings.Builder
	quoted, begun := false, false
	for line := r.file.readline(); ; line = r.file.readline() {
		for i := 0; i < len(line); i++ {
			switch c := line[i]; {
			case quoted && c == '"' && strings.HasPrefix(line[i+1:], "\""):
				field.WriteByte('"')
				i++
			case quoted && c == '"':
				quoted = false
			case quoted:
				field.WriteByte(c)
			case c == '"' && field.Len() == 0:
				quoted, begun = true, true
			case strings.HasPrefix(line[i:], r.comma):
				row, begun = append(row, field.String()), true
				field.Reset()
			case c != '\n':
				begun = true
				field.WriteByte(c)
			}
		}
		if !quoted || r.file.text == "" {
			break
		}
	}
	if !begun {
		return row // an empty line
	}
	return append(row, field.String())
}

func (r *csvRows) each() iter.Seq2[int, []string] {
	return func(yield func(int, []string) bool) {
		for i := 0; r.file.text != ""; i++ {
			if !yield(i, r.next()) {
				return
			}
		}
	}
}
`,
	"walk": `
// walked is what os.walk says of a folder.
type walked struct {
	path    string
	folders []string
	files   []string
}

// walk is os.walk.
func walk(top string) []walked {
	entries, err := os.ReadDir(top)
	if err != nil {
		return nil
	}
	here := walked{path: top}
	for _, e := range entries {
		if info, err := os.Stat(filepath.Join(top, e.Name())); err == nil && info.IsDir() {
			here.folders = append(here.folders, e.Name())
		} else {
			here.files = append(here.files, e.Name())
		}
	}
	list := []walked{here}
	for _, name := range here.folders {
		if info, err := os.Lstat(filepath.Join(top, name)); err == nil && info.IsDir() {
			list = append(list, walk(filepath.Join(top, name))...)
		}
	}
	return list
}
`,
	"timeText": `
// timeText is a time as Python's datetime is printed: mark stands between the day and the hour.
func timeText(t time.Time, mark string) string {
	text := t.Format("2006-01-02" + mark + "15:04:05")
	if micro := t.Nanosecond() / 1000; micro > 0 {
		text += fmt.Sprintf(".%06d", micro)
	}
	return text
}
`,
	"layersText": `
// layersText are layers as Keras 3 prints a list of them.
func layersText(layers []functional.Layer) string {
	var parts []string
	for _, l := range layers {
		parts = append(parts, layerText(l))
	}
	return "[" + strings.Join(parts, ", ") + "]"
}
`,
	"layerText": `
// layerText is a layer as Keras 3 prints it.
func layerText(l functional.Layer) string {
	built := "False"
	if l.Base().Built() {
		built = "True"
	}
	return fmt.Sprintf("<%s name=%s, built=%s>", l.KerasClass().Name, l.Base().Name(), built)
}
`,
	"errorOf": `
// errorOf is the mean of errors along the last axis, as Keras's functions for two arrays give it.
func errorOf(yTrue, yPred any, of func(any) *np.Array) *np.Array {
	p := np.Of(yPred)
	y := np.Of(yTrue).AsType(p.DType())
	switch { // Keras gives them the same rank
	case y.NDim() == 2 && p.NDim() == 1 && y.Dim(-1) == 1:
		p = np.ExpandDims(p, -1)
	case p.NDim() == 2 && y.NDim() == 1 && p.Dim(-1) == 1:
		y = np.ExpandDims(y, -1)
	case y.NDim() == p.NDim()+1 && y.Dim(-1) == 1:
		y = np.Squeeze(y, -1)
	case p.NDim() == y.NDim()+1 && p.Dim(-1) == 1:
		p = np.Squeeze(p, -1)
	}
	mean := np.Mean(of(np.Subtract(y, p)), -1)
	if !strings.HasPrefix(string(p.DType()), "float") {
		mean = mean.AsType("float32")
	}
	return mean
}
`,
	"intsOf": `
// intsOf are arrays of whole numbers as lists.
func intsOf(arrays []*np.Array) [][]int {
	var lists [][]int
	for _, a := range arrays {
		lists = append(lists, a.Ints())
	}
	return lists
}
`,
	"eachElement": `
// eachElement is a function for each element of arrays of one shape, as np.vectorize has it.
func eachElement[T any](f func(i int) T, arrays ...*np.Array) *np.Array {
	shape := arrays[0].Shape()
	for _, a := range arrays {
		if !slices.Equal(a.Shape(), shape) {
			np.Fail("NotImplementedError", "a vectorized function takes arrays of one shape here, not of %v and %v", shape, a.Shape())
		}
	}
	n := arrays[0].Size()
	if n == 0 {
		np.Fail("ValueError", "cannot call vectorize on size 0 inputs unless otypes is set")
	}
	list := make([]T, n)
	for i := range n {
		list[i] = f(i)
	}
	return np.Of(list).Reshape(shape...)
}
`,
	"averageBy": `
// averageBy is np.average(a, weights=weights) of all elements.
func averageBy(a, weights any) *np.Array {
	x, w := np.Of(a), np.Of(weights)
	if !slices.Equal(x.Shape(), w.Shape()) {
		np.Fail("TypeError", "Axis must be specified when shapes of a and weights differ.")
	}
	sum := np.Sum(w)
	if sum.Float() == 0 {
		np.Fail("ZeroDivisionError", "Weights sum to zero, can't be normalized")
	}
	return np.Divide(np.Sum(np.Multiply(x, w)), sum)
}
`,
	"reprArray": `
// reprArray is an array as Python prints it inside of a list or a tuple.
func reprArray(a *np.Array) string {
	if a.NDim() == 0 {
		return a.String()
	}
	return a.Repr()
}
`,
	"pairPlot": `
// pairPlot draws each column of numbers over each other one, in colours by the values of the column hue, and its histogram.
func pairPlot(f *pd.Frame, hue string, names ...string) {
	if len(names) == 0 {
		for _, name := range f.Numbers().Columns() {
			if name != hue {
				names = append(names, name)
			}
		}
	}
	n := len(names)
	if n == 0 {
		np.Fail("ValueError", "No variables found for grid columns.")
	}
	groups := []*np.Array{np.Arange(f.Len())}
	if hue != "" {
		groups = nil
		by := f.Col(hue)
		for _, v := range pd.Unique(by).All() {
			groups = append(groups, np.FlatNonzero(np.Equal(by, v)))
		}
	}
	_, panes := plt.Subplots(n, n, plt.FigSize{2.5 * float64(n), 2.5 * float64(n)})
	for r, below := range names {
		for c, across := range names {
			for _, rows := range groups {
				x, y := np.Take(f.Col(across), rows), np.Take(f.Col(below), rows)
				if r == c {
					panes[r][c].Hist(x)
				} else {
					panes[r][c].Scatter(x, y)
				}
			}
			if r == n-1 {
				panes[r][c].Xlabel(across)
			}
			if c == 0 {
				panes[r][c].Ylabel(below)
			}
		}
	}
}
`,
	"accuracies": `
// accuracies are those of a history by the name "acc" or "val_acc", which Keras 1 gave the metric "accuracy", too.
func accuracies(logs map[string][]float64, name string) []float64 {
	if v, ok := logs[name]; ok {
		return v
	}
	return logs[strings.Replace(name, "acc", "accuracy", 1)]
}
`,
	"listDir": `
// listDir is os.listdir.
func listDir(path string) []string {
	var names []string
	for _, e := range must.M1(os.ReadDir(path)) {
		names = append(names, e.Name())
	}
	return names
}
`,
	"dirName": `
// dirName is os.path.dirname.
func dirName(path string) string {
	i := strings.LastIndexByte(path, '/') + 1
	if dir := strings.TrimRight(path[:i], "/"); dir != "" {
		return dir
	}
	return path[:i]
}
`,
	"baseName": `
// baseName is os.path.basename.
func baseName(path string) string { return path[strings.LastIndexByte(path, '/')+1:] }
`,
	"expandUser": `
// expandUser is os.path.expanduser of the user's own folder.
func expandUser(path string) string {
	if path == "~" || strings.HasPrefix(path, "~/") {
		return must.M1(os.UserHomeDir()) + path[1:]
	}
	return path
}
`,
	"copyFile": `
func copyFile(from, to string) {
	raw := must.M1(os.ReadFile(from))
	if info, err := os.Stat(to); err == nil && info.IsDir() {
		to = filepath.Join(to, filepath.Base(from))
	}
	must.M(os.WriteFile(to, raw, 0o644))
}
`,
	"getFile": `
// getFile is keras.utils.get_file: a file in Keras's folder, from the network if it isn't there.
func getFile(name, url, folder string) string {
	home := os.Getenv("KERAS_HOME")
	if home == "" {
		home = filepath.Join(must.M1(os.UserHomeDir()), ".keras")
	}
	path := filepath.Join(home, folder, name)
	if exists(path) {
		return path
	}
	fetchTo(url, path)
	return path
}
`,
	"fetchTo": `
// fetchTo puts what the network has at a URL into a file, which is there whole or not at all.
func fetchTo(url, path string) {
	must.M(os.MkdirAll(filepath.Dir(path), 0o755))
	answer := must.M1(http.Get(url))
	defer func() { _ = answer.Body.Close() }()
	if answer.StatusCode != http.StatusOK {
		np.Fail("Exception", "URL fetch failure on %s: %s", url, answer.Status)
	}
	part := must.M1(os.CreateTemp(filepath.Dir(path), filepath.Base(path)+".*"))
	_, err := io.Copy(part, answer.Body)
	if closing := part.Close(); err == nil {
		err = closing
	}
	if err != nil {
		_ = os.Remove(part.Name())
		np.Fail("Exception", "URL fetch failure on %s: %v", url, err)
	}
	must.M(os.Rename(part.Name(), path))
}
`,
	"extractAll": `
// extractAll puts what an archive holds, .zip or .tar, which may be compressed by gzip, into a folder.
func extractAll(archive, folder string) {
	must.M(os.MkdirAll(folder, 0o755))
	root := must.M1(os.OpenRoot(folder))
	defer func() { _ = root.Close() }()
	put := func(name string, from io.Reader) {
		name = filepath.FromSlash(strings.TrimPrefix(name, "./"))
		must.M(root.MkdirAll(filepath.Dir(name), 0o755))
		file := must.M1(root.Create(name))
		must.M1(io.Copy(file, from))
		must.M(file.Close())
	}
	if z, err := zip.OpenReader(archive); err == nil {
		for _, f := range z.File {
			if !f.FileInfo().IsDir() {
				from := must.M1(f.Open())
				put(f.Name, from)
				_ = from.Close()
			}
		}
		_ = z.Close()
	} else {
		file := must.M1(os.Open(archive))
		var from io.Reader = file
		if unzipped, err := gzip.NewReader(file); err == nil {
			from = unzipped
		} else {
			must.M1(file.Seek(0, io.SeekStart))
		}
		for t := tar.NewReader(from); ; {
			h, err := t.Next()
			if errors.Is(err, io.EOF) {
				break
			}
			must.M(err)
			if h.Typeflag == tar.TypeReg {
				put(h.Name, t)
			}
		}
		_ = file.Close()
	}
}
`,
	"unpacked": `
// unpacked is the folder with what an archive holds, .zip or .tar, which may be compressed by gzip.
func unpacked(archive string) string {
	dir := archive + "_extracted"
	if exists(dir) {
		return dir
	}
	part := must.M1(os.MkdirTemp(filepath.Dir(dir), "unpacked*"))
	extractAll(archive, part)
	must.M(os.Rename(part, dir))
	return dir
}
`,
	"repeatedTexts": `
// repeatedTexts are the texts of syntheticTexts, those to train on over and over, as many as the program counts on.
func repeatedTexts(rows int, name string, o datasets.SequenceOptions) (xTrain [][]int, yTrain *np.Array, xTest [][]int, yTest *np.Array) {
	some, y, xTest, yTest := syntheticTexts(name, o)
	for i := range rows {
		xTrain = append(xTrain, some[i%len(some)])
	}
	return xTrain, y.Index(np.Mod(np.Arange(rows), y.Len())), xTest, yTest
}
`,
	"loadTexts": `
// loadTexts is load_data of imdb and reuters: lists of the numbers of words, and classes.
func loadTexts(name string, o datasets.SequenceOptions) (xTrain [][]int, yTrain *np.Array, xTest [][]int, yTest *np.Array) {
	if *dataset == "synthetic" {
		return syntheticTexts(name, o)
	}
	o.Folder = *dataFolder
	load := datasets.IMDB
	if name == "reuters" {
		load = datasets.Reuters
	}
	data := must.M1(load(o))
	return data.XTrain, np.Of(data.YTrain), data.XTest, np.Of(data.YTest)
}

// syntheticTexts makes texts whose words tell their classes.
func syntheticTexts(name string, o datasets.SequenceOptions) (xTrain [][]int, yTrain *np.Array, xTest [][]int, yTest *np.Array) {
	const train, test = 512, 128
	classes, words := 2, 1000
	if name == "reuters" {
		classes = 46
	}
	if o.NumWords > 4 {
		words = min(words, o.NumWords)
	}
	rng := np.NewRandomState(1)
	y := rng.RandInt(0, classes, train+test)
	y.SetIndex(np.Arange(classes), np.S(":%d", classes))
	x := make([][]int, train+test)
	for i, class := range y.Ints() {
		x[i] = append(rng.RandInt(4, words, 20+i%30).Ints(), 4+class%(words-4), 4+class%(words-4))
		x[i][0] = 1
	}
	return x[:train], y.Index(np.S(":%d", train)), x[train:], y.Index(np.S("%d:", train))
}
`,
	"wordIndex": `
// wordIndex is get_word_index of imdb and reuters: the number of each word.
func wordIndex(name string) map[string]int {
	if *dataset == "synthetic" {
		index := map[string]int{}
		for i := 1; i < 1000; i++ {
			index[fmt.Sprint("word", i)] = i
		}
		return index
	}
	if name == "Reuters" {
		return must.M1(datasets.ReutersWordIndex(datasets.Options{Folder: *dataFolder}))
	}
	return must.M1(datasets.IMDBWordIndex(datasets.Options{Folder: *dataFolder}))
}
`,
}

// isText is a method of str's that is true where a text has letters, all of one sort.
func isText(name, test string) string {
	return "\nfunc " + name + "(text string) bool {\n\tfor _, r := range text {\n\t\tif !(" + test + ") {\n\t\t\treturn false\n\t\t}\n\t}\n\treturn text != \"\"\n}\n"
}
