package port

import (
	"fmt"
	"regexp"
	"strings"
)

// helper notes that the program needs a function of helpers.go, and returns its name.
func (t *translator) helper(name string) string {
	t.helpers[name] = true
	for _, other := range needs[name] {
		if !t.helpers[other] {
			t.helper(other)
		}
	}
	return name
}

// needs are the helpers that a helper calls.
var needs = map[string][]string{"floorDiv": {"mod"}, "loadData": {"synthetic"}, "repr": {"boolText", "dictOrder"}, "noteMetric": {"metricResult"}, "score": {"toCategorical"}, "gridSearch": {"score", "toCategorical"}, "resetMetric": {"metricResult"}, "loadTexts": {"loadData", "synthetic", "pointer"}, "wordIndex": {"loadData", "synthetic"},
	"getFile": {"exists", "fetchTo"}, "unpacked": {"exists", "extractAll"}, "layersText": {"layerText"}, "weightsText": {"weightText", "tupleText"}, "weightText": {"tupleText"}, "sizesText": {"tupleText"}, "lossOfTensors": {"sameRank"}, "categorical": {"softmax"}, "variablesModel": {"tensorsOf"}, "openText": {"splitLines"}, "nextImages": {"nextBatch"}, "mapOneToOne": {"elementArray"}, "mapOneToTwo": {"elementArray"}, "mapTwoToOne": {"elementArray"}, "mapTwoToTwo": {"elementArray"}, "keepOne": {"elementArray"},
	"keepTwo": {"elementArray"}, "batchesOf": {"elementArray"}, "inputsOf": {"elementArray"},
	"charAt": {"runesOf"}, "textPart": {"runesOf"}, "indexText": {"findText"}, "formatField": {"inField", "thousands", "boolText"}, "put": {"dictOrder"}, "dictOf": {"put", "dictOrder"}, "keysOf": {"dictOrder"}, "byNumber": {"put", "dictOrder"}, "cloneDict": {"updateDict", "put", "keysOf", "dictOrder"}, "updateDict": {"put", "keysOf", "dictOrder"}, "orderedText": {"keysOf", "repr", "boolText", "dictOrder"}, "mostCommon": {"keysOf", "dictOrder"}, "counter": {"put", "dictOrder"}, "popKey": {"popEntry"}, "exceptionText": {"exceptionClass"}, "raised": {"exceptionClass"}, "entryAt": {"repr", "boolText", "dictOrder"}, "popEntry": {"repr", "boolText", "dictOrder"}, "setText": {"repr"}, "jsonText": {"parseJSON", "dictOrder"}, "configValue": {"parseJSON"}, "layerSizes": {"layerArgument"}, "jsonAs": {"parseJSON"}, "jsonAt": {"jsonRepr"}, "jsonItems": {"parseJSON"}, "jsonLen": {"jsonItems"}, "jsonKeys": {"jsonAs"}, "jsonValues": {"jsonAs"}, "jsonPairs": {"jsonAs"}, "jsonGet": {"jsonAs"}, "jsonTrue": {"jsonLen"}, "jsonEqual": {"jsonRepr"}, "jsonHas": {"jsonItems", "jsonEqual", "jsonAs"}, "jsonRepr": {"parseJSON", "repr", "boolText", "dictOrder"}, "jsonArray": {"jsonAs"}, "jsonInt": {"jsonAs", "boolInt", "parseInt"}, "jsonFloat": {"jsonAs", "parseFloat"},
	"jsonDictOfLists": {"jsonLists", "keysOf", "put", "dictOrder"}, "orderedLists": {"keysOf", "repr", "listText", "boolText", "dictOrder"}, "orderedTuples": {"keysOf", "repr", "tupleRepr"}, "counterText": {"mostCommon", "repr"}, "anyText": {"repr"}, "textsOf": {"repr"}, "arraysText": {"repr"}, "arrayTuple": {"arraysText"}, "californiaHousing": {"loadData", "synthetic"}, "listText": {"repr", "boolText"}, "tupleRepr": {"repr"}, "tuplesText": {"tupleRepr"}, "sortedTuples": {"sortedByTuple"}, "sortedByTuple": {"compareTuples"}}

// helpers are the functions that programs may need, as text.
var helpers = func() map[string]string {
	all := map[string]string{}
	for _, part := range []map[string]string{dataHelpers, pythonHelpers, languageHelpers, iterationHelpers, dequeHelpers, jsonHelpers, layerHelpers, kerasHelpers} {
		for name, text := range part {
			all[name] = text
		}
	}
	return all
}()

// helperNames are what the helpers declare, and so no function or variable of the program.
var helperNames = func() map[string]bool {
	names := map[string]bool{"Run": true, "Epochs": true, "Dataset": true, "DataFolder": true, "dataset": true, "dataFolder": true}
	for _, text := range helpers {
		for _, m := range declared.FindAllStringSubmatch(text, -1) {
			names[m[1]] = true
		}
	}
	return names
}()

var declared = regexp.MustCompile(`(?m)^(?:func|var|type) (\w+)`)

// dataHelpers are about numbers, models and data sets.
var dataHelpers = map[string]string{
	"epochsOr": `
var epochsFlag = flag.Int("epochs", 0, "the number of epochs of each fit, instead of the notebook's")

// epochsOr is the number of epochs that the command line asks for, or n.
func epochsOr(n int) int {
	if *epochsFlag > 0 {
		return *epochsFlag
	}
	return n
}
`,
	"environmentOr": `
// environmentOr is os.environ.get(key, or).
func environmentOr(key, or string) string {
	if v, ok := os.LookupEnv(key); ok {
		return v
	}
	return or
}
`,
	"besideTensor": `
// besideTensor is an array as a tensor of the model that x belongs to, for a layer whose weights the model learns.
func besideTensor(a *np.Array, x *functional.Tensor) *functional.Tensor {
	return ops.Add(ops.Multiply(ops.Cast(ops.Sum(x), "int32"), 0), a.Tensor())
}
`,
	"classWeights": `
// classWeights are the weights of classes as Fit takes them, of any numbers.
func classWeights[K comparable, V any](dict map[K]V) map[int]float64 {
	weights := make(map[int]float64, len(dict))
	for class, w := range dict {
		weights[np.Of(class).Int()] = np.Of(w).Float()
	}
	return weights
}
`,
	"tensorsByName": `
// tensorsByName are a dict's arrays as a model takes them.
func tensorsByName(arrays map[string]*np.Array) map[string]any {
	named := make(map[string]any, len(arrays))
	for name, a := range arrays {
		named[name] = a.Tensor()
	}
	return named
}
`,
	"withFolder": `
// withFolder makes the folder of a file.
func withFolder(path string) string {
	must.M(os.MkdirAll(filepath.Dir(path), 0o755))
	return path
}
`,
	"weightsFile": `
// weightsFile is the path of a file of weights: of another name than Keras's, one that ends as Keras's do.
func weightsFile(path string) string {
	for _, suffix := range []string{".h5", ".hdf5", ".keras"} {
		if strings.HasSuffix(path, suffix) {
			return path
		}
	}
	return path + ".weights.h5"
}
`,
	"arraysByName": `
// arraysByName are predictions as a dict.
func arraysByName(predictions []*tensors.Tensor, names ...string) map[string]*np.Array {
	named := make(map[string]*np.Array, len(names))
	for i, name := range names {
		named[name] = np.FromTensor(predictions[i])
	}
	return named
}
`,
	"weightsThat": `
// weightsThat are the weights that training changes, or the others.
func weightsThat(all []*functional.Weight, trainable bool) (list []*functional.Weight) {
	for _, w := range all {
		if w.Trainable() == trainable {
			list = append(list, w)
		}
	}
	return list
}
`,
	"score": `
// candidate is a model with the arguments of its fit, for what scikit-learn does with a KerasClassifier or a KerasRegressor.
type candidate struct {
	build  func() *functional.Model
	fit    functional.Fit
	regress, oneHot bool
	params map[string]any
}

// fitted is a model that is trained on some rows.
func (c candidate) fitted(x, y *np.Array) *functional.Model {
	m := c.build()
	if classes := np.Unique(y); !c.regress && y.NDim() == 1 && (classes.DType()[0] == '<' || !np.ArrayEqual(classes, np.Arange(classes.Len()))) {
		np.Fail("ValueError", "a classifier's labels are counted from 0 here: give it those of a LabelEncoder")
	}
	if c.oneHot && y.NDim() == 1 {
		y = toCategorical(y, 0)
	}
	must.M1(m.Fit(x.Tensor(), y.Tensor(), c.fit))
	return m
}

// predict is what the model says: numbers, or classes.
func (c candidate) predict(m *functional.Model, x *np.Array) *np.Array {
	p := np.FromTensor(must.M1(m.Predict(x.Tensor(), functional.Predict{Verbose: functional.Silent})))
	switch {
	case c.regress:
		return np.Squeeze(p)
	case p.Dim(-1) > 1:
		return np.Argmax(p, -1)
	}
	return np.Greater(p, 0.5).AsType("int32")
}

// score is the accuracy, or the mean squared error below 0.
func (c candidate) score(m *functional.Model, x, y *np.Array) float64 {
	if c.regress {
		return -sk.MeanSquaredError(y, c.predict(m, x).Reshape(y.Shape()...))
	}
	return sk.AccuracyScore(y.Ravel(), c.predict(m, x).Ravel())
}

// crossValScore are the scores on the parts of cross_val_score(…, cv=folds): a number of them, or what divides the rows.
func (c candidate) crossValScore(x, y *np.Array, folds any) *np.Array {
	var scores []float64
	var splits []sk.Fold
	switch f := folds.(type) {
	case *sk.KFold:
		splits = f.Split(x)
	case *sk.StratifiedKFold:
		splits = f.Split(x, y)
	case int:
		splits = sk.NewStratifiedKFold(f).Split(x, y)
		if c.regress {
			splits = sk.NewKFold(f).Split(x)
		}
	}
	for _, s := range splits {
		m := c.fitted(np.Take(x, s.Train, 0), np.Take(y, s.Train, 0))
		scores = append(scores, c.score(m, np.Take(x, s.Test, 0), np.Take(y, s.Test, 0)))
	}
	return np.Of(scores)
}
`,
	"gridSearch": `
// search is what GridSearchCV has found.
type search struct {
	means, stds []float64
	params      []map[string]any
	best        int
	candidate   candidate
	model       *functional.Model
}

// gridSearch scores all candidates, and trains the best one on all rows.
func gridSearch(candidates []candidate, x, y *np.Array, folds any) *search {
	s := &search{}
	for i, c := range candidates {
		scores := c.crossValScore(x, y, folds)
		s.means, s.stds, s.params = append(s.means, np.Mean(scores).Float()), append(s.stds, np.Std(scores).Float()), append(s.params, c.params)
		if s.means[i] > s.means[s.best] {
			s.best = i
		}
	}
	s.candidate = candidates[s.best]
	s.model = s.candidate.fitted(x, y)
	return s
}
`,
	"sumOf": `
// sumOf is sum(list), from the first to the last.
func sumOf(list []*np.Array) *np.Array {
	total := np.Of(0)
	for _, a := range list {
		total = np.Add(total, a)
	}
	return total
}
`,
	"paramsText": `
// paramsText is a dict of parameters as Python prints it.
func paramsText(params map[string]any) string {
	var parts []string
	for _, k := range slices.Sorted(maps.Keys(params)) {
		v := fmt.Sprint(params[k])
		if s, ok := params[k].(string); ok {
			v = "'" + s + "'"
		} else if f, ok := params[k].(float64); ok {
			v = np.FloatString(f)
		}
		parts = append(parts, "'"+k+"': "+v)
	}
	return "{" + strings.Join(parts, ", ") + "}"
}
`,
	"noteMetric": `
// noteMetric adds what a training step reported of a metric, weighed by the batch's rows, to what metricResult gives.
func noteMetric(m metrics.Metric, value float64, rows int) {
	r := running[m]
	running[m] = [2]float64{r[0] + value*float64(rows), r[1] + float64(rows)}
}
`,
	"metricResult": `
// running are the sums and the weights of metrics that training steps update.
var running = map[metrics.Metric][2]float64{}

// metricResult is metric.result().
func metricResult(m interface {
	metrics.Metric
	Result() (*tensors.Tensor, error)
}) *np.Array {
	if r, ok := running[m]; ok {
		return np.ArrayOf("float32", r[0]/max(r[1], 1))
	}
	return np.FromTensor(must.M1(m.Result()))
}
`,
	"resetMetric": `
// resetMetric is metric.reset_state().
func resetMetric(m interface {
	metrics.Metric
	ResetState()
}) {
	delete(running, m)
	m.ResetState()
}
`,
	"floorDiv": `
// floorDiv is Python's a // b.
func floorDiv(a, b int) int {
	if b == 0 {
		np.Fail("ZeroDivisionError", "integer division or modulo by zero")
	}
	return (a - mod(a, b)) / b
}
`,
	"mod": `
// mod is Python's a % b: it has the sign of b.
func mod(a, b int) int {
	if b == 0 {
		np.Fail("ZeroDivisionError", "integer modulo by zero")
	}
	if r := a % b; r != 0 && (r < 0) != (b < 0) {
		return r + b
	}
	return a % b
}
`,
	"power": `
// power is Python's a ** b for b of 0 and more: below, it would be a float.
func power(a, b int) int {
	if b < 0 {
		np.Fail("ValueError", "%d ** %d isn't a whole number", a, b)
	}
	p := 1
	for range b {
		if p != 0 && (p*a)/p != a {
			np.Fail("OverflowError", "%d ** %d is too large a whole number for Go", a, b)
		}
		p *= a
	}
	return p
}
`,
	"boolText": `
// boolText is a bool as Python writes it.
func boolText(b bool) string {
	if b {
		return "True"
	}
	return "False"
}
`,
	"exists": `
// exists reports that there is a file or a folder.
func exists(path string) bool {
	_, err := os.Stat(path)
	return err == nil
}
`,
	"verbosity": `
// verbosity is Keras's verbose argument.
func verbosity(n int) callbacks.Verbosity {
	return []callbacks.Verbosity{callbacks.Silent, callbacks.Bar, callbacks.Lines}[min(max(n, 0), 2)]
}
`,
	"repr": `
// repr writes a value as Python does inside of lists.
func repr(v any) string {
	if a, ok := v.(*np.Array); ok {
		switch d := string(a.DType()); {
		case a.NDim() > 0:
			return a.Repr()
		case d == "bool":
			return "np." + a.String() + "_"
		case strings.Contains(d, "int"), strings.HasPrefix(d, "float"):
			return "np." + d + "(" + a.String() + ")"
		}
		return "np.str_(" + repr(a.Text()) + ")"
	}
	r := reflect.ValueOf(v)
	switch r.Kind() {
	case reflect.Invalid:
		return "None"
	case reflect.String:
		return quotedText(r.String())
	case reflect.Float64:
		return np.FloatString(r.Float())
	case reflect.Bool:
		return boolText(r.Bool())
	case reflect.Struct:
		var parts []string
		for i := range r.NumField() {
			parts = append(parts, repr(r.Field(i).Interface()))
		}
		return "(" + strings.Join(parts, ", ") + ")"
	case reflect.Map:
		var parts []string
		for _, k := range orderedKeys(r) {
			parts = append(parts, repr(k.Interface())+": "+repr(r.MapIndex(k).Interface()))
		}
		return "{" + strings.Join(parts, ", ") + "}"
	case reflect.Slice:
		parts := make([]string, r.Len())
		for i := range parts {
			parts[i] = repr(r.Index(i).Interface())
		}
		return "[" + strings.Join(parts, ", ") + "]"
	}
	return fmt.Sprint(v)
}

// quotedText is a text in quotes, as Python writes it.
func quotedText(text string) string {
	quote := byte('\'')
	if strings.Contains(text, "'") && !strings.Contains(text, "\"") {
		quote = '"'
	}
	made := []byte{quote}
	for _, r := range text {
		switch {
		case r == '\\' || r == rune(quote):
			made = append(made, '\\', byte(r))
		case r == '\n':
			made = append(made, "\\n"...)
		case r == '\r':
			made = append(made, "\\r"...)
		case r == '\t':
			made = append(made, "\\t"...)
		case r < ' ' || r >= 0x7f && r < 0xa0:
			made = fmt.Appendf(made, "\\x%02x", r)
		case !unicode.IsPrint(r) && r < 0x10000:
			made = fmt.Appendf(made, "\\u%04x", r)
		case !unicode.IsPrint(r):
			made = fmt.Appendf(made, "\\U%08x", r)
		default:
			made = utf8.AppendRune(made, r)
		}
	}
	return string(append(made, quote))
}
`,
	"imageOf": `
// imageOf is PIL.Image.fromarray of bytes.
func imageOf(a *np.Array) *datasets.Image {
	if a.DType() != "uint8" {
		np.Fail("TypeError", "an image of numbers of type %s isn't made here: of uint8 it is", a.DType())
	}
	if a.NDim() == 2 {
		a = np.ExpandDims(a, -1)
	}
	return must.M1(datasets.ArrayToImage(a.Tensor(), datasets.ArrayToImageOptions{NoScale: true}))
}
`,
	"toCategorical": `
// toCategorical is keras.utils.to_categorical: each class as a row with a 1 at its place, of float64. For 0 classes it counts them itself.
func toCategorical(y *np.Array, classes int) *np.Array {
	return np.FromTensor(must.M1(datasets.ToCategorical(y.Tensor(), classes))).AsType("float64")
}
`,
	"sequence": `
// sequence is a Sequence of Keras's as a data set: of n batches, which come in a new order in each epoch if they are shuffled.
func sequence(n func() int, batch func(i int) datasets.Element, end func(), shuffle bool) *datasets.Pipeline {
	return datasets.FromSeq(func(yield func(datasets.Element, error) bool) {
		order := make([]int, n())
		for i := range order {
			order[i] = i
		}
		if shuffle {
			random.Shuffle(random.Default, order)
		}
		for _, i := range order {
			if !yield(batch(i), nil) {
				return
			}
		}
		end()
	}).AssertCardinality(n())
}
`,
	"nextBatch": `
var pulled = map[*datasets.Pipeline]func() (datasets.Element, error, bool){}

// nextElement is the next batch of a generator, which begins again where it ends.
func nextElement(p *datasets.Pipeline) datasets.Element {
	if pulled[p] == nil {
		pulled[p], _ = iter.Pull2(p.Repeat().Elements())
	}
	e, err, ok := pulled[p]()
	must.M(err)
	if !ok {
		panic("the generator has no batches")
	}
	return e
}

// nextBatch is Python's next of a generator of images and labels.
func nextBatch(p *datasets.Pipeline) (x, y *np.Array) {
	e := nextElement(p)
	return np.FromTensor(e.X.(*tensors.Tensor)), np.FromTensor(e.Y.(*tensors.Tensor))
}
`,
	"nextImages": `
// nextImages is Python's next of a generator of images alone.
func nextImages(p *datasets.Pipeline) *np.Array { return np.FromTensor(nextElement(p).X.(*tensors.Tensor)) }
`,
	"classesOf": `
// classesOf are the classes of a generator's files.
func classesOf(f *datasets.ImageFlow) *np.Array {
	classes := make([]int, len(f.Classes))
	for i, c := range f.Classes {
		classes[i] = c[0]
	}
	return np.Of(classes)
}
`,
	"elementArray": `
// elementArray is a part of an element of a data set as an array, nil if there is none.
func elementArray(part any) *np.Array {
	switch part := part.(type) {
	case nil:
		return nil
	case *tensors.Tensor:
		return np.FromTensor(part)
	}
	np.Fail("TypeError", "an element of the data set is of type %T, not one array", part)
	return nil
}
`,
	"batchesOf": `
// batchesOf are the inputs and targets of a data set's elements, for a loop.
func batchesOf(p *datasets.Pipeline) iter.Seq2[*np.Array, *np.Array] {
	return func(yield func(x, y *np.Array) bool) {
		for e, err := range p.Elements() {
			must.M(err)
			if !yield(elementArray(e.X), elementArray(e.Y)) {
				return
			}
		}
	}
}
`,
	"inputsOf": `
// inputsOf are the arrays of a data set that has no targets, for a loop.
func inputsOf(p *datasets.Pipeline) iter.Seq[*np.Array] {
	return func(yield func(x *np.Array) bool) {
		for e, err := range p.Elements() {
			must.M(err)
			if !yield(elementArray(e.X)) {
				return
			}
		}
	}
}
`,
	"mapOneToOne": `
// mapOneToOne is a function of single arrays as one of elements.
func mapOneToOne(f func(x *np.Array) *np.Array) func(datasets.Element) (datasets.Element, error) {
	return func(e datasets.Element) (datasets.Element, error) {
		return datasets.Element{X: f(elementArray(e.X)).Tensor()}, nil
	}
}
`,
	"mapOneToTwo": `
// mapOneToTwo is a function that makes inputs and targets of single arrays as one of elements.
func mapOneToTwo(f func(x *np.Array) (*np.Array, *np.Array)) func(datasets.Element) (datasets.Element, error) {
	return func(e datasets.Element) (datasets.Element, error) {
		x, y := f(elementArray(e.X))
		return datasets.Element{X: x.Tensor(), Y: y.Tensor()}, nil
	}
}
`,
	"mapTwoToOne": `
// mapTwoToOne is a function that makes single arrays of inputs and targets as one of elements.
func mapTwoToOne(f func(x, y *np.Array) *np.Array) func(datasets.Element) (datasets.Element, error) {
	return func(e datasets.Element) (datasets.Element, error) {
		return datasets.Element{X: f(elementArray(e.X), elementArray(e.Y)).Tensor()}, nil
	}
}
`,
	"mapTwoToTwo": `
// mapTwoToTwo is a function of inputs and targets as one of elements.
func mapTwoToTwo(f func(x, y *np.Array) (*np.Array, *np.Array)) func(datasets.Element) (datasets.Element, error) {
	return func(e datasets.Element) (datasets.Element, error) {
		x, y := f(elementArray(e.X), elementArray(e.Y))
		return datasets.Element{X: x.Tensor(), Y: y.Tensor(), SampleWeight: e.SampleWeight}, nil
	}
}
`,
	"keepOne": `
// keepOne is a condition on single arrays as one on elements.
func keepOne(keep func(x *np.Array) bool) func(datasets.Element) (bool, error) {
	return func(e datasets.Element) (bool, error) { return keep(elementArray(e.X)), nil }
}
`,
	"keepTwo": `
// keepTwo is a condition on inputs and targets as one on elements.
func keepTwo(keep func(x, y *np.Array) bool) func(datasets.Element) (bool, error) {
	return func(e datasets.Element) (bool, error) { return keep(elementArray(e.X), elementArray(e.Y)), nil }
}
`,
	"layerOn": `
var layerModels = map[functional.Layer]*functional.Model{}

// layerOn is what a layer makes of an array, by a model of that layer alone.
func layerOn(layer functional.Layer, x *np.Array) *np.Array {
	shape := x.Shape()
	class := layer.KerasClass().Name
	image := strings.HasPrefix(class, "Random") || slices.Contains([]string{"Resizing", "Rescaling", "CenterCrop", "AutoContrast", "Equalization"}, class)
	one := len(shape) < 2 || len(shape) == 3 && image // a single image or vector has no axis of samples
	if one {
		x = np.ExpandDims(x, 0)
	}
	if layerModels[layer] == nil {
		input := functional.Input(x.Shape()[1:]...)
		layerModels[layer] = must.M1(functional.NewModel(input, layer.Base().Apply(input)))
	}
	y := np.FromTensor(must.M1(layerModels[layer].PredictOnBatch(x.Tensor()))[0])
	if one {
		y = np.Squeeze(y, 0)
	}
	return y
}
`,
	"callLayer": `
// callLayer is a layer's call on data, without a model.
func callLayer(layer functional.Layer, data any, training bool) *np.Array {
	caller := must.M1(functional.NewCaller(layer, functional.CallerOptions{Training: training}))
	out, ok := must.M1(caller.Call(data)).(*tensors.Tensor)
	if !ok {
		np.Fail("NotImplementedError", "a layer with several outputs isn't called on arrays here")
	}
	return np.FromTensor(out)
}
`,
	"tensorsOf": `
// tensorsOf is arrays as several inputs or targets of a model.
func tensorsOf(arrays ...*np.Array) []*tensors.Tensor {
	list := make([]*tensors.Tensor, len(arrays))
	for i, a := range arrays {
		list[i] = a.Tensor()
	}
	return list
}
`,
	"loadData": `
var (
	dataset    = flag.String("dataset", "", "\"synthetic\": made-up data of the data sets' shapes, instead of the data sets")
	dataFolder = flag.String("data", "", "the folder with the files of the data sets; else Keras's cache folder, then the network")
)

// loadData is load_data of keras.datasets: training inputs and targets, then those for testing.
func loadData(name string) (xTrain, yTrain, xTest, yTest *np.Array) {
	if *dataset == "synthetic" {
		return synthetic(name)
	}
	switch name {
	case "cifar10", "mnist":
		load := datasets.CIFAR10
		if name == "mnist" {
			load = datasets.MNIST
		}
		data := must.M1(load(datasets.Options{Folder: *dataFolder}))
		return np.FromTensor(data.XTrain), np.FromTensor(data.YTrain), np.FromTensor(data.XTest), np.FromTensor(data.YTest)
	case "boston_housing":
		// The file has one table; Keras shuffles it and keeps the last fifth for testing.
		a := np.LoadNPZ(filepath.Join(*dataFolder, name+".npz"))
		order := np.NewRandomState(113).Permutation(a["x"].Len())
		x, y := a["x"].Index(order), a["y"].Index(order)
		n := x.Len() * 4 / 5
		return x.Index(np.S(":%d", n)), y.Index(np.S(":%d", n)), x.Index(np.S("%d:", n)), y.Index(np.S("%d:", n))
	}
	// Any other data set is read from NAME.npz with the arrays x_train, y_train, x_test and y_test.
	a := np.LoadNPZ(filepath.Join(*dataFolder, name+".npz"))
	for _, key := range []string{"x_train", "y_train", "x_test", "y_test"} {
		if a[key] == nil {
			np.Fail("KeyError", "%s.npz has no array %q", name, key)
		}
	}
	return a["x_train"], a["y_train"], a["x_test"], a["y_test"]
}
`,
	"repeated": `
// repeated are the images of synthetic, over and over, as many as the data set has.
func repeated(name string) (xTrain, yTrain, xTest, yTest *np.Array) {
	xTrain, yTrain, xTest, yTest = synthetic(name)
	train, ok := map[string]int{"mnist": 60000, "fashion_mnist": 60000, "cifar10": 50000, "cifar100": 50000}[name]
	if !ok {
		return
	}
	again := func(a *np.Array, n int) *np.Array { return a.Index(np.Mod(np.Arange(n), a.Len())) }
	return again(xTrain, train), again(yTrain, train), again(xTest, 10000), again(yTest, 10000)
}
`,
	"synthetic": `
// synthetic makes data of a data set's shapes that a model can learn.
func synthetic(name string) (xTrain, yTrain, xTest, yTest *np.Array) {
	const train, test = 512, 128
	images := func(classes int, shape ...int) (*np.Array, *np.Array) {
		rng := np.NewRandomState(1)
		prototypes := rng.RandInt(0, 200, append([]int{classes}, shape...)...)
		y := rng.RandInt(0, classes, train+test)
		noise := rng.RandInt(0, 56, append([]int{train + test}, shape...)...)
		return np.Add(prototypes.Index(y), noise).AsType("uint8"), y
	}
	var x, y *np.Array
	switch name {
	case "cifar10", "cifar100":
		x, y = images(map[string]int{"cifar10": 10, "cifar100": 100}[name], 32, 32, 3)
		y = y.Reshape(-1, 1)
	case "mnist", "fashion_mnist":
		x, y = images(10, 28, 28)
		y = y.AsType("uint8")
	case "boston_housing", "california_housing":
		rng := np.NewRandomState(1)
		columns := 13
		if name == "california_housing" {
			columns = 8
		}
		x = rng.Randn(train+test, columns)
		y = np.Add(np.MatMul(x, rng.Randn(columns)), 20)
	default:
		np.Fail("ValueError", "data set %q can't be made up: put %s.npz into the folder of -data", name, name)
	}
	return x.Index(np.S(":%d", train)), y.Index(np.S(":%d", train)), x.Index(np.S("%d:", train)), y.Index(np.S("%d:", train))
}
`,
}

// helperFile is the text of helpers.go.
func (t *translator) helperFile() string {
	if t.whole && t.helpers["loadData"] {
		t.helper("repeated")
	}
	if t.textRows > 0 && t.helpers["loadTexts"] {
		t.helper("repeatedTexts")
	}
	var b strings.Builder
	for _, name := range sortedKeys(t.helpers) {
		b.WriteString(helpers[name])
	}
	body := b.String()
	if t.whole {
		body = strings.Replace(body, "return synthetic(name)", "return repeated(name)", 1)
	}
	if t.textRows > 0 && t.helpers["loadTexts"] {
		body = strings.Replace(body, "return syntheticTexts(name, o)", fmt.Sprintf("return repeatedTexts(%d, name, o)", t.textRows), 1)
	}
	name := "main"
	if t.o.Package != "" {
		name = t.o.Package
		body = asLibrary.Replace(body)
	}
	if body == "" {
		return "package " + name + "\n"
	}
	return "package " + name + "\n\n// What the program needs of Python's ways.\n\n" + t.importBlock(body) + body
}

// asLibrary makes variables of the flags.
var asLibrary = strings.NewReplacer(
	`var epochsFlag = flag.Int("epochs", 0, "the number of epochs of each fit, instead of the notebook's")`, "// Epochs is the number of epochs of each fit, if it isn't 0, instead of the notebook's.\nvar Epochs int",
	"*epochsFlag", "Epochs", "that the command line asks for", "that Epochs asks for",
	`	dataset    = flag.String("dataset", "", "\"synthetic\": made-up data of the data sets' shapes, instead of the data sets")`,
	"	// Dataset may be \"synthetic\": made-up data of the data sets' shapes, instead of the data sets.\n\tDataset string",
	`	dataFolder = flag.String("data", "", "the folder with the files of the data sets; else Keras's cache folder, then the network")`,
	"	// DataFolder is the folder with the files of the data sets; else Keras's cache folder, then the network.\n\tDataFolder string",
	"*dataset ", "Dataset ", "*dataFolder", "DataFolder", "of -data", "DataFolder", "flag.Args()", "os.Args[1:]",
)
