package sk

import (
	"math"
	"slices"

	"github.com/gokeras/gokeras/port/np"
)

// TrainTestSplit splits arrays into a train and a test part each, which follow each other in the result
// (sklearn.model_selection.train_test_split). The test part has a quarter unless [TestSize] or [TrainSize] says otherwise. Other
// arguments are [RandomState], [Shuffled] and [Stratify].
func TrainTestSplit(args ...any) []*np.Array {
	o := optionsOf(args)
	arrays := arraysOf(o.rest)
	n := sameLengths(arrays)
	train, test := o.sizes(n, 0.25)
	var first, second *np.Array
	switch {
	case !o.shuffle && o.stratify != nil:
		np.Fail("ValueError", "Stratified train/test split is not implemented for shuffle=False")
	case !o.shuffle:
		first, second = np.Arange(train), np.Arange(train, train+test)
	case o.stratify != nil:
		first, second = stratified(o.stratify, train, test, o.rng)
	default:
		order := o.rng.Permutation(n)
		first, second = order.Index(np.S("%d:%d", test, test+train)), order.Index(np.S(":%d", test))
	}
	var out []*np.Array
	for _, a := range arrays {
		out = append(out, np.Take(a, first, 0), np.Take(a, second, 0))
	}
	return out
}

// sizes are the numbers of samples of the two parts.
func (o options) sizes(n int, usual float64) (train, test int) {
	count := func(share float64, round func(float64) float64) int {
		if share < 1 {
			return int(round(share * float64(n)))
		}
		return int(share)
	}
	for _, s := range []struct {
		name  string
		value float64
	}{{"test_size", o.test}, {"train_size", o.train}} {
		if !(s.value >= 0) || s.value >= 1 && (s.value >= float64(n) || s.value != math.Floor(s.value)) {
			np.Fail("ValueError", "%s=%s should be either positive and smaller than the number of samples %d or a float in the (0, 1) range", s.name, valueText(s.value), n)
		}
	}
	if o.test == 0 && o.train == 0 {
		o.test = usual
	}
	switch {
	case o.test == 0:
		train = count(o.train, math.Floor)
		test = n - train
	case o.train == 0:
		test = count(o.test, math.Ceil)
		train = n - test
	default:
		train, test = count(o.train, math.Floor), count(o.test, math.Ceil)
	}
	if train+test > n {
		np.Fail("ValueError", "The sum of train_size and test_size = %d, should be smaller than the number of samples %d. Reduce test_size and/or train_size.", train+test, n)
	}
	if train == 0 {
		np.Fail("ValueError", "With n_samples=%d, test_size=%s and train_size=%s, the resulting train set will be empty. Adjust any of the aforementioned parameters.", n, sizeText(o.test), sizeText(o.train))
	}
	return train, test
}

// valueText writes whole numbers as Python's ints.
func valueText(v float64) string {
	if v == math.Floor(v) && math.Abs(v) >= 1 && math.Abs(v) < 1e15 {
		return np.Of(int(v)).Text()
	}
	return np.Of(v).Text()
}

func sizeText(v float64) string {
	switch {
	case v == 0:
		return "None"
	case v >= 1:
		return np.Of(int(v)).Text()
	}
	return np.Of(v).Text()
}

// classesOf gives the classes, each sample's class and the samples of each class in their order.
func classesOf(y *np.Array) (classes *np.Array, index []int, members [][]int) {
	if y.NDim() == 2 && y.Dim(1) > 1 {
		np.Fail("ValueError", "a stratify or y of more than one column isn't supported")
	}
	classes, inverse := np.UniqueInverse(y.Ravel())
	index = inverse.Ints()
	members = make([][]int, classes.Size())
	for i, c := range index {
		members[c] = append(members[c], i)
	}
	return classes, index, members
}

func stratified(y *np.Array, train, test int, rng *np.RandomState) (first, second *np.Array) {
	classes, _, members := classesOf(y)
	counts := make([]int, len(members))
	var few []int
	for c, m := range members {
		counts[c] = len(m)
		if len(m) < 2 {
			few = append(few, c)
		}
	}
	if few != nil {
		list := ""
		for i, c := range few {
			if i > 0 {
				list += ", "
			}
			item := classes.Index(c)
			if item.DType()[0] == '<' {
				list += "'" + item.Text() + "'"
			} else {
				list += item.Text()
			}
		}
		np.Fail("ValueError", "The least populated classes in y have only 1 member, which is too few. The minimum number of groups for any class cannot be less than 2. Classes with too few members are: [%s]", list)
	}
	if train < len(members) {
		np.Fail("ValueError", "The train_size = %d should be greater or equal to the number of classes = %d", train, len(members))
	}
	if test < len(members) {
		np.Fail("ValueError", "The test_size = %d should be greater or equal to the number of classes = %d", test, len(members))
	}
	n := shares(counts, train, rng)
	left := make([]int, len(counts))
	for c := range counts {
		left[c] = counts[c] - n[c]
	}
	t := shares(left, test, rng)
	var trains, tests []int
	for c, m := range members {
		for i, p := range rng.Permutation(counts[c]).Ints() {
			switch {
			case i < n[c]:
				trains = append(trains, m[p])
			case i < n[c]+t[c]:
				tests = append(tests, m[p])
			}
		}
	}
	return rng.Permutation(ints(trains)), rng.Permutation(ints(tests))
}

// shares divides draws among classes by their sizes; what rounding leaves goes to the largest remainders, equal ones at random.
func shares(counts []int, draws int, rng *np.RandomState) []int {
	total := 0
	for _, c := range counts {
		total += c
	}
	out := make([]int, len(counts))
	rest := make([]float64, len(counts))
	missing := draws
	for i, c := range counts {
		exact := float64(c) / float64(total) * float64(draws)
		out[i] = int(math.Floor(exact))
		rest[i] = exact - math.Floor(exact)
		missing -= out[i]
	}
	if missing <= 0 {
		return out
	}
	values := slices.Clone(rest)
	slices.Sort(values)
	values = slices.Compact(values)
	slices.Reverse(values)
	for _, v := range values {
		var at []int
		for i, r := range rest {
			if r == v {
				at = append(at, i)
			}
		}
		now := min(len(at), missing)
		for _, i := range rng.Choice(ints(at), now, np.Replace(false)).Ints() {
			out[i]++
		}
		if missing -= now; missing == 0 {
			break
		}
	}
	return out
}

// Shuffle orders arrays at random, all alike (sklearn.utils.shuffle); [RandomState] seeds it.
func Shuffle(args ...any) []*np.Array {
	o := optionsOf(args)
	arrays := arraysOf(o.rest)
	order := np.Arange(sameLengths(arrays))
	o.rng.Shuffle(order)
	for i, a := range arrays {
		arrays[i] = np.Take(a, order, 0)
	}
	return arrays
}

// Fold is the indices of one of the splits of a KFold.
type Fold struct{ Train, Test *np.Array }

// KFold splits samples into n parts, each of which is the test part once (sklearn.model_selection.KFold). They are in order
// unless it is given Shuffled(true).
type KFold struct {
	n       int
	shuffle bool
	rng     *np.RandomState
}

// NewKFold makes a KFold of n parts; arguments are [Shuffled] and [RandomState].
func NewKFold(n int, args ...any) *KFold {
	o := optionsOf(append([]any{Shuffled(false)}, args...))
	if n < 2 {
		np.Fail("ValueError", "k-fold cross-validation requires at least one train/test split by setting n_splits=2 or more, got n_splits=%d.", n)
	}
	return &KFold{n, o.shuffle, o.rng}
}

// Split gives the folds of the samples of x.
func (k *KFold) Split(x any) []Fold {
	n := np.Of(x).Len()
	if k.n > n {
		np.Fail("ValueError", "Cannot have number of splits n_splits=%d greater than the number of samples: n_samples=%d.", k.n, n)
	}
	order := np.Arange(n)
	if k.shuffle {
		k.rng.Shuffle(order)
	}
	fold := make([]int, n)
	at := 0
	for i := range k.n {
		size := n / k.n
		if i < n%k.n {
			size++
		}
		for _, s := range order.Ints()[at : at+size] {
			fold[s] = i
		}
		at += size
	}
	return folds(fold, k.n)
}

func folds(fold []int, n int) []Fold {
	out := make([]Fold, n)
	for i := range out {
		var train, test []int
		for s, f := range fold {
			if f == i {
				test = append(test, s)
			} else {
				train = append(train, s)
			}
		}
		out[i] = Fold{ints(train), ints(test)}
	}
	return out
}

// StratifiedKFold is a KFold whose parts have each class's share (sklearn.model_selection.StratifiedKFold).
type StratifiedKFold struct{ KFold }

// NewStratifiedKFold makes one of n parts; arguments are [Shuffled] and [RandomState].
func NewStratifiedKFold(n int, args ...any) *StratifiedKFold {
	return &StratifiedKFold{*NewKFold(n, args...)}
}

// Split gives the folds of samples with the classes y; x is looked at for nothing.
func (k *StratifiedKFold) Split(_, y any) []Fold {
	_, index, members := classesOf(np.Of(y))
	// Classes in the order in which they appear.
	order := make([]int, len(members))
	for i := range order {
		order[i] = i
	}
	slices.SortFunc(order, func(a, b int) int { return members[a][0] - members[b][0] })
	most := 0
	for _, m := range members {
		most = max(most, len(m))
	}
	if k.n > most {
		np.Fail("ValueError", "n_splits=%d cannot be greater than the number of members in each class.", k.n)
	}
	var sorted []int
	for c, original := range order {
		for range members[original] {
			sorted = append(sorted, c)
		}
	}
	fold := make([]int, len(index))
	for c, original := range order {
		var parts []int
		for i := range k.n {
			for at := i; at < len(sorted); at += k.n {
				if sorted[at] == c {
					parts = append(parts, i)
				}
			}
		}
		if k.shuffle {
			k.rng.Shuffle(parts)
		}
		for i, s := range members[original] {
			fold[s] = parts[i]
		}
	}
	return folds(fold, k.n)
}
