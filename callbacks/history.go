package callbacks

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math"
	"slices"
	"strings"
	"text/tabwriter"
)

// History records the logs of every epoch; Fit returns one (Keras: the History that fit returns).
type History struct {
	Base

	// Epoch holds the numbers, from 0, of the epochs of the last Fit.
	Epoch []int
	// History holds, for each name of the logs, its value after each epoch. Used for several Fit calls it goes on
	// growing, as Keras's does.
	History map[string][]float64
	// Arrays holds, for the names whose values are arrays, these after each epoch; in History are then their means.
	Arrays map[string][]Array
	// Params is what Fit set out to do.
	Params Params

	keys []string
}

var _ Callback = (*History)(nil)

// NewHistory returns an empty History. Fit adds one by itself; make one only to gather several Fit calls in it.
func NewHistory() *History { return &History{History: map[string][]float64{}} }

// ObservesBatches implements [BatchObserver].
func (h *History) ObservesBatches() bool { return false }

// SetParams implements [Callback].
func (h *History) SetParams(params Params) {
	h.Base.SetParams(params)
	h.Params = params
}

// OnTrainBegin implements [Callback].
func (h *History) OnTrainBegin() error {
	h.Epoch = nil
	return nil
}

// OnEpochEnd implements [Callback].
func (h *History) OnEpochEnd(epoch int, logs *Logs) error {
	h.Epoch = append(h.Epoch, epoch)
	if h.History == nil {
		h.History = map[string][]float64{}
	}
	for name, value := range logs.All() {
		if !slices.Contains(h.keys, name) {
			h.keys = append(h.keys, name)
		}
		h.History[name] = append(h.History[name], value)
		if array, ok := logs.Array(name); ok {
			if h.Arrays == nil {
				h.Arrays = map[string][]Array{}
			}
			h.Arrays[name] = append(h.Arrays[name], array)
		}
	}
	return nil
}

// historyState is a history so far.
type historyState struct {
	Epoch   []int
	Keys    []string
	History map[string][]float64
	Arrays  map[string][]Array
}

// MarshalState implements [Resumable].
func (h *History) MarshalState() ([]byte, error) {
	return marshalState(historyState{h.Epoch, h.keys, h.History, h.Arrays})
}

// UnmarshalState implements [Resumable].
func (h *History) UnmarshalState(data []byte) error {
	var s historyState
	if err := unmarshalState(data, &s); err != nil {
		return err
	}
	if s.History == nil {
		s.History = map[string][]float64{}
	}
	h.Epoch, h.keys, h.History, h.Arrays = s.Epoch, s.Keys, s.History, s.Arrays
	return nil
}

// Keys returns the names in History in the order in which they first appeared: that of the progress bar.
func (h *History) Keys() []string {
	if h == nil {
		return nil
	}
	keys := slices.DeleteFunc(slices.Clone(h.keys), func(name string) bool {
		_, ok := h.History[name]
		return !ok
	})
	var added []string
	for name := range h.History {
		if !slices.Contains(keys, name) {
			added = append(added, name)
		}
	}
	slices.Sort(added)
	return append(keys, added...)
}

// Last returns the newest value of a name, and whether there is one.
func (h *History) Last(name string) (float64, bool) {
	if h == nil || len(h.History[name]) == 0 {
		return 0, false
	}
	values := h.History[name]
	return values[len(values)-1], true
}

// String is a table: a row an epoch, counted from 1 as the progress bar counts, and a column for each name in the order of Keys.
func (h *History) String() string {
	var out strings.Builder
	w := tabwriter.NewWriter(&out, 0, 0, 2, ' ', tabwriter.AlignRight)
	keys := h.Keys()
	fmt.Fprint(w, "epoch\t"+strings.Join(append(keys, "\n"), "\t"))
	for row := range h.rows() {
		epoch := row
		if row < len(h.Epoch) {
			epoch = h.Epoch[row]
		}
		fmt.Fprintf(w, "%d\t", epoch+1)
		for _, key := range keys {
			if values := h.History[key]; row < len(values) {
				fmt.Fprint(w, readable(values[row]))
			}
			fmt.Fprint(w, "\t")
		}
		fmt.Fprintln(w)
	}
	_ = w.Flush()          // a Builder takes all
	const padding = "\n  " // before the first column, too
	return strings.TrimSuffix(strings.ReplaceAll("\n"+out.String(), padding, "\n")[1:], "\n")
}

// rows is the number of epochs that the history has values of.
func (h *History) rows() int {
	rows := 0
	for _, key := range h.Keys() {
		rows = max(rows, len(h.History[key]))
	}
	return rows
}

// MarshalJSON implements [json.Marshaler]: an object with "epoch", "history", whose keys come in the order of Keys, and
// "params". Arrays are lists. JSON has no NaN and no infinity; they become null.
func (h *History) MarshalJSON() ([]byte, error) {
	if h == nil {
		return []byte("null"), nil
	}
	var out bytes.Buffer
	out.WriteString(`{"epoch":`)
	epochs := h.Epoch
	if epochs == nil {
		epochs = []int{}
	}
	if err := appendJSON(&out, epochs); err != nil {
		return nil, err
	}
	out.WriteString(`,"history":{`)
	for i, key := range h.Keys() {
		if i > 0 {
			out.WriteByte(',')
		}
		if err := appendJSON(&out, key); err != nil {
			return nil, err
		}
		out.WriteByte(':')
		var values any = jsonNumbers(h.History[key])
		if arrays := h.Arrays[key]; arrays != nil {
			lists := make([]any, len(arrays))
			for j, a := range arrays {
				lists[j] = nested(a.Shape, jsonNumbers(a.Data))
			}
			values = lists
		}
		if err := appendJSON(&out, values); err != nil {
			return nil, err
		}
	}
	out.WriteString(`},"params":`)
	err := appendJSON(&out, struct {
		Verbose int  `json:"verbose"`
		Epochs  int  `json:"epochs"`
		Steps   *int `json:"steps"`
	}{h.Params.Verbose, h.Params.Epochs, knownSteps(h.Params)})
	if err != nil {
		return nil, err
	}
	out.WriteByte('}')
	return out.Bytes(), nil
}

// jsonNumbers are the numbers that JSON has, nil in place of the others.
func jsonNumbers(values []float64) []*float64 {
	list := make([]*float64, len(values))
	for i, v := range values {
		if !math.IsNaN(v) && !math.IsInf(v, 0) {
			list[i] = &v
		}
	}
	return list
}

// nested puts elements in row-major order into lists of lists.
func nested[T any](shape []int, elements []T) any {
	if len(shape) == 0 {
		return elements[0]
	}
	list := make([]any, shape[0])
	part := size(shape[1:])
	for i := range list {
		list[i] = nested(shape[1:], elements[i*part:(i+1)*part])
	}
	return list
}

func knownSteps(p Params) *int {
	if p.Steps <= 0 {
		return nil
	}
	return &p.Steps
}

func appendJSON(out *bytes.Buffer, v any) error {
	data, err := json.Marshal(v)
	if err == nil {
		out.Write(data)
	}
	return err
}
