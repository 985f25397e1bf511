package port

// languageHelpers are what Python's operators and texts do where Go's do otherwise.
var languageHelpers = map[string]string{
	"floatMod": `
// floatMod is Python's a % b of floats: it has the sign of b.
func floatMod(a, b float64) float64 {
	if b == 0 {
		np.Fail("ZeroDivisionError", "float modulo")
	}
	r := math.Mod(a, b)
	if r == 0 {
		return math.Copysign(0, b)
	}
	if (r < 0) != (b < 0) {
		r += b
	}
	return r
}
`,
	"floatFloor": `
// floatFloor is Python's a // b of floats.
func floatFloor(a, b float64) float64 {
	if b == 0 {
		np.Fail("ZeroDivisionError", "float floor division by zero")
	}
	r := math.Mod(a, b)
	whole := (a - r) / b
	if r != 0 && (r < 0) != (b < 0) {
		whole--
	}
	if whole == 0 {
		return math.Copysign(0, a/b)
	}
	if floor := math.Floor(whole); whole-floor > 0.5 {
		return floor + 1
	} else {
		return floor
	}
}
`,
	"roundTo": `
// roundTo is Python's round(x, digits): the nearest decimal number, as exactly as x is one.
func roundTo(x float64, digits int) float64 {
	if math.IsNaN(x) || math.IsInf(x, 0) {
		return x
	}
	if digits >= 0 {
		y, err := strconv.ParseFloat(strconv.FormatFloat(x, 'f', digits, 64), 64)
		if err != nil {
			return x
		}
		return y
	}
	ten := math.Pow(10, float64(-digits))
	return math.RoundToEven(x/ten) * ten
}
`,
	"absInt": `
func absInt(n int) int {
	if n < 0 {
		return -n
	}
	return n
}
`,
	"sumInts": `
// sumInts is sum(list) of whole numbers.
func sumInts(list []int) int {
	sum := 0
	for _, x := range list {
		sum += x
	}
	return sum
}
`,
	"sumFloats": `
// sumFloats is sum(list) of floats, from the first to the last; Python 3.12 and later also keeps what additions lose.
func sumFloats(list []float64) float64 {
	sum := 0.0
	for _, x := range list {
		sum += x
	}
	return sum
}
`,
	"orIfEmpty": `
// orIfEmpty is min(list, default=or) and max(list, default=or).
func orIfEmpty[T any](list []T, or T, f func([]T) T) T {
	if len(list) == 0 {
		return or
	}
	return f(list)
}
`,
	"inBase": `
// inBase is hex, oct and bin.
func inBase(n int, prefix string) string {
	sign := ""
	if n < 0 {
		sign, n = "-", -n
	}
	return sign + prefix + strconv.FormatInt(int64(n), map[string]int{"0x": 16, "0o": 8, "0b": 2}[prefix])
}
`,
	"placeIn": `
// placeIn is an index of a list of n, which counts from its end where it is below 0.
func placeIn(i, n int) int {
	if i < 0 {
		i += n
	}
	if i < 0 || i >= n {
		np.Fail("IndexError", "list index out of range")
	}
	return i
}
`,
	"runesOf": `
// lastText is the text that was last taken apart: loops go over the letters of one text.
var lastText struct {
	text  string
	runes []rune
}

func runesOf(text string) []rune {
	if lastText.runes == nil || lastText.text != text {
		lastText.text, lastText.runes = text, []rune(text)
	}
	return lastText.runes
}
`,
	"charAt": `
// charAt is text[i].
func charAt(text string, i int) string {
	runes := runesOf(text)
	if i < 0 {
		i += len(runes)
	}
	if i < 0 || i >= len(runes) {
		np.Fail("IndexError", "string index out of range")
	}
	return string(runes[i])
}
`,
	"textPart": `
// textPart is a slice of a text.
func textPart(text string, s np.Slice) string {
	runes := runesOf(text)
	start, count, step := s.Bounds(len(runes))
	if step == 1 {
		return string(runes[start : start+count])
	}
	part := make([]rune, count)
	for i := range part {
		part[i] = runes[start+i*step]
	}
	return string(part)
}
`,
	"findText": `
// findText is text.find(part).
func findText(text, part string) int {
	i := strings.Index(text, part)
	if i < 0 {
		return i
	}
	return utf8.RuneCountInString(text[:i])
}
`,
	"indexText": `
// indexText is text.index(part).
func indexText(text, part string) int {
	i := findText(text, part)
	if i < 0 {
		np.Fail("ValueError", "substring not found")
	}
	return i
}
`,
	"splitWords": `
// splitWords is text.split(maxsplit=most).
func splitWords(text string, most int) (words []string) {
	for text = strings.TrimLeftFunc(text, unicode.IsSpace); text != ""; text = strings.TrimLeftFunc(text, unicode.IsSpace) {
		end := strings.IndexFunc(text, unicode.IsSpace)
		if end < 0 || len(words) == most {
			return append(words, text)
		}
		words, text = append(words, text[:end]), text[end:]
	}
	return words
}
`,
	"rsplit": `
// rsplit is text.rsplit(sep, most).
func rsplit(text, sep string, most int) []string {
	parts := strings.Split(text, sep)
	if n := len(parts) - most; n > 1 {
		parts = append([]string{strings.Join(parts[:n], sep)}, parts[n:]...)
	}
	return parts
}
`,
	"partition": `
// partition is text.partition(sep).
func partition(text, sep string) (before, mark, after string) {
	before, after, found := strings.Cut(text, sep)
	if !found {
		return text, "", ""
	}
	return before, sep, after
}
`,
	"rpartition": `
// rpartition is text.rpartition(sep).
func rpartition(text, sep string) (before, mark, after string) {
	i := strings.LastIndex(text, sep)
	if i < 0 {
		return "", "", text
	}
	return text[:i], sep, text[i+len(sep):]
}
`,
	"padText": `
// padText is a text in a width: to the left, to the right or in the middle, where center puts the odd place as Python's does.
func padText(text string, width int, fill, align string) string {
	n := width - utf8.RuneCountInString(text)
	if n <= 0 {
		return text
	}
	left := 0
	switch align {
	case ">":
		left = n
	case "^":
		left = n/2 + n&width&1
	}
	return strings.Repeat(fill, left) + text + strings.Repeat(fill, n-left)
}
`,
	"inField": `
// inField is a text that a format puts into a field: the sign and the prefix stay in front of zeros.
func inField(text string, width int, fill, align string) string {
	n := width - utf8.RuneCountInString(text)
	if n <= 0 {
		return text
	}
	switch align {
	case "<":
		return text + strings.Repeat(fill, n)
	case "^":
		return strings.Repeat(fill, n/2) + text + strings.Repeat(fill, n-n/2)
	case "=":
		sign := 0
		if text != "" && strings.ContainsRune("+- ", rune(text[0])) {
			sign = 1
		}
		return text[:sign] + strings.Repeat(fill, n) + text[sign:]
	}
	return strings.Repeat(fill, n) + text
}
`,
	"thousands": `
// thousands puts mark between the thousands of a number's text.
func thousands(text, mark string) string {
	from := 0
	for from < len(text) && (text[from] < '0' || text[from] > '9') {
		from++
	}
	to := from
	for to < len(text) && text[to] >= '0' && text[to] <= '9' {
		to++
	}
	made := text[:from]
	for i := from; i < to; i++ {
		if i > from && (to-i)%3 == 0 {
			made += mark
		}
		made += text[i : i+1]
	}
	return made + text[to:]
}
`,
	"asciiOnly": `
// asciiOnly is a text without the letters that aren't of ASCII.
func asciiOnly(text string) string {
	return strings.Map(func(r rune) rune {
		if r > 0x7f {
			return -1
		}
		return r
	}, text)
}
`,
	"swapcase": `
func swapcase(text string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsUpper(r) {
			return unicode.ToLower(r)
		}
		return unicode.ToUpper(r)
	}, text)
}
`,
	"formatField": `
// fieldSpec are the parts of a format of Python's.
var fieldSpec = regexp.MustCompile(` + "`^(?:(.)?([<>^=]))?([-+ ])?(0)?([0-9]*)([,_])?(?:\\.([0-9]+))?([a-zA-Z%])?$`" + `)

// formatField is Python's format(v, spec).
func formatField(v any, spec string) string {
	m := fieldSpec.FindStringSubmatch(spec)
	if m == nil {
		np.Fail("ValueError", "Invalid format specifier '%s'", spec)
	}
	fill, align, sign, zero, mark, kind := m[1], m[2], m[3], m[4], m[6], m[8]
	width, _ := strconv.Atoi(m[5])
	precision, err := strconv.Atoi(m[7])
	if err != nil {
		precision = 6
	}
	if a, ok := v.(*np.Array); ok {
		switch d := string(a.DType()); {
		case strings.HasPrefix(d, "float"):
			v = a.Float()
		case strings.Contains(d, "int"):
			v = a.Int()
		default:
			v = a.Text()
		}
	}
	if b, ok := v.(bool); ok {
		if kind == "" && spec == "" {
			return boolText(b)
		}
		v = map[bool]int{true: 1}[b]
	}
	if n, ok := v.(int); ok && kind != "" && strings.Contains("eEfFgG%", kind) {
		v = float64(n)
	}
	text, number := "", true
	switch v := v.(type) {
	case int:
		verb := map[string]string{"x": "%x", "X": "%X", "o": "%o", "b": "%b", "c": "%c"}[kind]
		if verb == "" {
			verb = "%d"
		}
		text = fmt.Sprintf(verb, v)
	case float64:
		switch {
		case kind == "%":
			text = strconv.FormatFloat(100*v, 'f', precision, 64) + "%"
		case kind == "" && m[7] == "":
			text = np.FloatString(v)
		case kind == "" || kind == "n":
			np.Fail("NotImplementedError", "the format '%s' of a float", spec)
		default:
			text = fmt.Sprintf("%."+strconv.Itoa(precision)+kind, v)
			text = strings.ReplaceAll(strings.ReplaceAll(strings.ReplaceAll(text, "+Inf", "inf"), "-Inf", "-inf"), "NaN", "nan")
		}
	default:
		number = false
		text = fmt.Sprint(v)
		if runes := []rune(text); m[7] != "" && precision < len(runes) {
			text = string(runes[:precision])
		}
	}
	if number && (sign == "+" || sign == " ") && !strings.HasPrefix(text, "-") {
		text = sign + text
	}
	if mark != "" {
		text = thousands(text, mark)
	}
	if zero != "" && align == "" {
		fill, align = "0", "="
	}
	if fill == "" {
		fill = " "
	}
	if align == "" && number {
		align = ">"
	}
	if align == "" {
		align = "<"
	}
	return inField(text, width, fill, align)
}
`,
	"dictOrder": `
// keysInOrder are the keys of a dict in the order in which they came: Go's maps have none.
type keysInOrder struct{ dict, keys any }

// dictOrder has the order of each dict, by its address. It keeps the dicts, so that no other takes an address.
var dictOrder = map[uintptr]*keysInOrder{}

// orderedKeys are the keys of a map in their order; sorted, where none is known.
func orderedKeys(r reflect.Value) (keys []reflect.Value) {
	if order := dictOrder[r.Pointer()]; order != nil {
		for list, i := reflect.ValueOf(order.keys), 0; i < list.Len(); i++ {
			if r.MapIndex(list.Index(i)).IsValid() {
				keys = append(keys, list.Index(i))
			}
		}
	}
	if len(keys) != r.Len() {
		keys = r.MapKeys()
		slices.SortFunc(keys, func(a, b reflect.Value) int { return strings.Compare(fmt.Sprint(a), fmt.Sprint(b)) })
	}
	return keys
}
`,
	"put": `
// put is dict[key] = v.
func put[K comparable, V any](dict map[K]V, key K, v V) {
	if _, ok := dict[key]; !ok {
		at := reflect.ValueOf(dict).Pointer()
		if dictOrder[at] == nil {
			dictOrder[at] = &keysInOrder{dict, []K{}}
		}
		keys := dictOrder[at].keys.([]K)
		if len(keys) != len(dict) { // something was deleted: this, perhaps
			keys = slices.DeleteFunc(keys, func(k K) bool { return k == key })
		}
		dictOrder[at].keys = append(keys, key)
	}
	dict[key] = v
}
`,
	"dictOf": `
// dictOf is a dict whose keys are in an order.
func dictOf[K comparable, V any](dict map[K]V, keys ...K) map[K]V {
	made := map[K]V{}
	for _, k := range keys {
		put(made, k, dict[k])
	}
	return made
}
`,
	"keysOf": `
// keysOf are a dict's keys in their order; sorted, where the dict came from elsewhere.
func keysOf[K cmp.Ordered, V any](dict map[K]V) []K {
	if order := dictOrder[reflect.ValueOf(dict).Pointer()]; order != nil {
		var keys []K
		for _, k := range order.keys.([]K) {
			if _, ok := dict[k]; ok {
				keys = append(keys, k)
			}
		}
		if len(keys) == len(dict) {
			return keys
		}
	}
	return slices.Sorted(maps.Keys(dict))
}
`,
	"byNumber": `
// byNumber is a dict whose keys have the order of their numbers.
func byNumber(dict map[string]int) map[string]int {
	keys := slices.Sorted(maps.Keys(dict))
	slices.SortStableFunc(keys, func(a, b string) int { return cmp.Compare(dict[a], dict[b]) })
	dictOrder[reflect.ValueOf(dict).Pointer()] = &keysInOrder{dict, keys}
	return dict
}
`,
	"cloneDict": `
// cloneDict is dict.copy().
func cloneDict[K cmp.Ordered, V any](dict map[K]V) map[K]V {
	made := map[K]V{}
	updateDict(made, dict)
	return made
}
`,
	"updateDict": `
// updateDict is dict.update(other).
func updateDict[K cmp.Ordered, V any](dict, other map[K]V) {
	for _, k := range keysOf(other) {
		put(dict, k, other[k])
	}
}
`,
	"orderedText": `
// orderedText is a dict as Python prints it.
func orderedText[K cmp.Ordered, V any](dict map[K]V) string {
	var parts []string
	for _, k := range keysOf(dict) {
		parts = append(parts, repr(k)+": "+repr(dict[k]))
	}
	return "{" + strings.Join(parts, ", ") + "}"
}
`,
	"orderedTuples": `
// orderedTuples is a dict of tuples as Python prints it.
func orderedTuples[K cmp.Ordered, V any](dict map[K][]V) string {
	var parts []string
	for _, k := range keysOf(dict) {
		parts = append(parts, repr(k)+": "+tupleRepr(dict[k]))
	}
	return "{" + strings.Join(parts, ", ") + "}"
}
`,
	"orderedLists": `
// orderedLists is a dict of arrays as Python prints one of lists.
func orderedLists[K cmp.Ordered](dict map[K]*np.Array) string {
	var parts []string
	for _, k := range keysOf(dict) {
		parts = append(parts, repr(k)+": "+listText(dict[k]))
	}
	return "{" + strings.Join(parts, ", ") + "}"
}
`,
	"counterText": `
// counterText is a Counter as Python prints it.
func counterText[K cmp.Ordered](counts map[K]int) string {
	var parts []string
	for _, c := range mostCommon(counts, -1) {
		parts = append(parts, repr(c.A)+": "+repr(c.B))
	}
	if parts == nil {
		return "Counter()"
	}
	return "Counter({" + strings.Join(parts, ", ") + "})"
}
`,
	"textsOf": `
// textsOf are a list's elements as print writes them.
func textsOf[T any](list []T) []string {
	texts := make([]string, len(list))
	for i, x := range list {
		texts[i] = repr(x)
	}
	return texts
}
`,
	"anyText": `
// anyText is a value of a kind that only the running program knows, as print writes it.
func anyText(v any) string {
	switch v := v.(type) {
	case string:
		return v
	case *np.Array:
		return v.String()
	}
	return repr(v)
}
`,
	"tupleRepr": `
// tupleRepr is a list as Python prints a tuple.
func tupleRepr[T any](list []T) string {
	text := repr(list)
	text = text[1 : len(text)-1]
	if len(list) == 1 {
		text += ","
	}
	return "(" + text + ")"
}
`,
	"sizesText": `
// sizesText is a list of the shapes of symbolic tensors as Python prints it.
func sizesText(list [][]int) string {
	var parts []string
	for _, s := range list {
		parts = append(parts, tupleText(s))
	}
	return "[" + strings.Join(parts, ", ") + "]"
}
`,
	"tuplesText": `
// tuplesText is a list of tuples as Python prints it.
func tuplesText[T any](list [][]T) string {
	var parts []string
	for _, t := range list {
		parts = append(parts, tupleRepr(t))
	}
	return "[" + strings.Join(parts, ", ") + "]"
}
`,
	"compareTuples": `
// compareTuples orders numbers, texts, lists and tuples as Python does.
func compareTuples(a, b reflect.Value) int {
	switch a.Kind() {
	case reflect.Interface:
		return compareTuples(a.Elem(), b.Elem())
	case reflect.Int:
		return cmp.Compare(a.Int(), b.Int())
	case reflect.Float64:
		return cmp.Compare(a.Float(), b.Float())
	case reflect.String:
		return cmp.Compare(a.String(), b.String())
	case reflect.Bool:
		return cmp.Compare(fmt.Sprint(a.Bool()), fmt.Sprint(b.Bool()))
	case reflect.Struct:
		for i := range a.NumField() {
			if c := compareTuples(a.Field(i), b.Field(i)); c != 0 {
				return c
			}
		}
		return 0
	case reflect.Slice:
		for i := range min(a.Len(), b.Len()) {
			if c := compareTuples(a.Index(i), b.Index(i)); c != 0 {
				return c
			}
		}
		return cmp.Compare(a.Len(), b.Len())
	}
	if x, ok := a.Interface().(*np.Array); ok {
		return cmp.Compare(x.Float(), b.Interface().(*np.Array).Float())
	}
	np.Fail("TypeError", "'<' not supported between instances of '%s'", a.Type())
	return 0
}
`,
	"sortedTuples": `
// sortedTuples is sorted(list, reverse=down) of tuples.
func sortedTuples[T any](list []T, down bool) []T {
	return sortedByTuple(list, func(x T) any { return x }, down)
}
`,
	"sortedByTuple": `
// sortedByTuple is sorted(list, key=key, reverse=down) by tuples.
func sortedByTuple[T any](list []T, key func(T) any, down bool) []T {
	list = slices.Clone(list)
	slices.SortStableFunc(list, func(a, b T) int {
		if down {
			a, b = b, a
		}
		return compareTuples(reflect.ValueOf(key(a)), reflect.ValueOf(key(b)))
	})
	return list
}
`,
	"mostCommon": `
// mostCommon is Counter.most_common(n), of all for an n below 0.
func mostCommon[K cmp.Ordered](counts map[K]int, n int) []struct {
	A K
	B int
} {
	var list []struct {
		A K
		B int
	}
	for _, k := range keysOf(counts) {
		list = append(list, struct {
			A K
			B int
		}{k, counts[k]})
	}
	slices.SortStableFunc(list, func(a, b struct {
		A K
		B int
	}) int {
		return cmp.Compare(b.B, a.B)
	})
	if n >= 0 {
		list = list[:min(n, len(list))]
	}
	return list
}
`,
	"amongOf": `
// amongOf are the elements of list that are among others, or that are not.
func amongOf[T comparable](list, others []T, among bool) []T {
	var made []T
	for _, x := range list {
		if slices.Contains(others, x) == among {
			made = append(made, x)
		}
	}
	return made
}
`,
	"setText": `
// setText is a set as Python prints it.
func setText[T any](set []T) string {
	if len(set) == 0 {
		return "set()"
	}
	text := repr(set)
	return "{" + text[1:len(text)-1] + "}"
}
`,
	"listText": `
// listText is array.tolist() as Python prints it.
func listText(a *np.Array) string {
	if a.NDim() == 0 {
		switch d := string(a.DType()); {
		case strings.HasPrefix(d, "float"):
			return np.FloatString(a.Float())
		case d == "bool":
			return boolText(a.Truth())
		case strings.Contains(d, "int"):
			return fmt.Sprint(a.Int())
		}
		return repr(a.Text())
	}
	var parts []string
	for _, x := range a.All() {
		parts = append(parts, listText(x))
	}
	return "[" + strings.Join(parts, ", ") + "]"
}
`,
	"joinPath": `
// joinPath is os.path.join, which cleans nothing.
func joinPath(parts ...string) string {
	path := ""
	for i, part := range parts {
		switch {
		case i == 0 || filepath.IsAbs(part):
			path = part
		case path == "" || strings.HasSuffix(path, string(filepath.Separator)):
			path += part
		default:
			path += string(filepath.Separator) + part
		}
	}
	return path
}
`,
	"californiaHousing": `
// californiaHousing is fetch_california_housing: of the file cal_housing.data in the folder of -data, as StatLib has it.
func californiaHousing() *sk.Bunch {
	if *dataset == "synthetic" {
		x, y, _, _ := synthetic("california_housing")
		return sk.CaliforniaHousing(np.Concatenate([]*np.Array{x, np.ExpandDims(y, -1)}, 1))
	}
	return sk.CaliforniaHousing(np.LoadTxt(filepath.Join(*dataFolder, "cal_housing.data"), ",", 0))
}
`,
	"transposed": `
// transposed is zip(*list) of lists.
func transposed[T any](list [][]T) [][]T {
	var columns [][]T
	for i := 0; len(list) > 0; i++ {
		var column []T
		for _, row := range list {
			if i >= len(row) {
				return columns
			}
			column = append(column, row[i])
		}
		columns = append(columns, column)
	}
	return columns
}
`,
	"columnOf": `
// columnOf is a part of each of a list's tuples.
func columnOf[T, C any](list []T, part func(T) C) []C {
	column := make([]C, len(list))
	for i, x := range list {
		column[i] = part(x)
	}
	return column
}
`,
	"each": `
func each(list []*np.Array) []any {
	var all []any
	for _, a := range list {
		all = append(all, a)
	}
	return all
}
`,
	"arrayTuple": `
// arrayTuple is a tuple of arrays as Python prints it.
func arrayTuple(list []*np.Array) string {
	text := arraysText(list)
	text = text[1 : len(text)-1]
	if len(list) == 1 {
		text += ","
	}
	return "(" + text + ")"
}
`,
	"fieldOf": `
// fieldOf is an array in a format: a single number of NumPy's float32 is written there as Python's float that it is.
func fieldOf(a *np.Array) any {
	if d := string(a.DType()); a.NDim() == 0 && (d == "float32" || d == "float16") {
		return np.FloatString(a.Float())
	}
	return a
}
`,
}
