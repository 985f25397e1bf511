package functional

import (
	"bytes"
	"encoding/gob"
	"errors"
	"fmt"
	"strconv"

	"github.com/gomlx/gomlx/core/tensors"

	"github.com/gokeras/gokeras/callbacks"
	"github.com/gokeras/gokeras/internal/npz"
	"github.com/gokeras/gokeras/internal/training"
	"github.com/gokeras/gokeras/symbolic"
)

// run is a Fit under way. It is a [callbacks.Run]: what it knows can be written down after a batch or an epoch, and taken up again.
type run struct {
	model callbacks.Model
	loop  *training.Loop
	list  *callbacks.List

	epoch  int             // the running one, or the next
	within bool            // the running epoch has begun
	logs   *callbacks.Logs // the latest
}

// epochs runs those that are left.
func (r *run) epochs(last int, validates func(epoch int) bool, validate func(*callbacks.List) (*callbacks.Logs, error)) error {
	for r.epoch < last && (r.within || !r.model.StopTraining()) {
		epoch := r.epoch
		if !r.within { // an epoch that is taken up has begun
			if err := r.list.OnEpochBegin(epoch); err != nil {
				return err
			}
			r.within = true
		}
		logs, err := r.loop.TrainEpoch(r.list)
		r.logs = logs
		if err != nil {
			if r.loop.Stopped() {
				err = errors.Join(err, r.list.BackUp(logs))
			}
			return err
		}
		if validate != nil && validates(epoch) {
			valLogs, err := validate(r.list)
			if err != nil {
				return fmt.Errorf("validation: %w", err)
			}
			for name, value := range valLogs.All() {
				if array, ok := valLogs.Array(name); ok {
					logs.SetArray("val_"+name, array)
				} else {
					logs.Set("val_"+name, value)
				}
			}
		}
		r.epoch, r.within = epoch+1, false
		if err := r.list.OnEpochEnd(epoch, logs); err != nil {
			return err
		}
		if err := logs.Err(); err != nil {
			return err
		}
	}
	return nil
}

// runState is what a backup holds beside the arrays.
type runState struct {
	Version   int
	Epoch     int
	Within    bool
	Stop      bool // training was asked to stop
	Place     training.Place
	Seeds     []byte
	Logs      []logged
	Variables int
	Callbacks []callbacks.State
}

// logged is a value of logs.
type logged struct {
	Name  string
	Array bool
	Value callbacks.Array
}

const (
	runVersion     = 1
	runEntry       = "run"
	variablePrefix = "variable_"
)

// Backup implements [callbacks.Run].
func (r *run) Backup(path string, logs *callbacks.Logs) error {
	place, ok, err := r.loop.Place()
	if err != nil || !ok {
		return err
	}
	s := runState{Version: runVersion, Epoch: r.epoch, Within: r.within, Stop: r.model.StopTraining(), Place: place}
	for name, value := range logs.All() {
		array, ok := logs.Array(name)
		if !ok {
			array.Data = []float64{value}
		}
		s.Logs = append(s.Logs, logged{name, ok, array})
	}
	if err := logs.Err(); err != nil {
		return err
	}
	if s.Seeds, err = symbolic.Seeds(); err != nil {
		return err
	}
	if s.Callbacks, err = r.list.States(); err != nil {
		return err
	}
	values, err := r.loop.Variables()
	if err != nil {
		return err
	}
	s.Variables = len(values)
	var text bytes.Buffer
	if err := gob.NewEncoder(&text).Encode(s); err != nil {
		return err
	}
	arrays := map[string]*tensors.Tensor{runEntry: tensors.FromFlatDataAndDimensions(text.Bytes(), text.Len())}
	for i, v := range values {
		arrays[variablePrefix+strconv.Itoa(i)] = v
	}
	return npz.WriteFile(path, arrays)
}

// Restore implements [callbacks.Run].
func (r *run) Restore(path string) error {
	s, values, err := readRun(path)
	if err != nil {
		return err
	}
	if s.Epoch < 0 {
		return fmt.Errorf("it stopped in epoch %d", s.Epoch)
	}
	if s.Within {
		if err := r.list.OnEpochBegin(s.Epoch); err != nil {
			return err
		}
	}
	var logs *callbacks.Logs
	if len(s.Logs) > 0 {
		logs = callbacks.NewLogs(nil, nil)
		for _, v := range s.Logs {
			switch {
			case v.Array:
				logs.SetArray(v.Name, v.Value)
			case len(v.Value.Data) == 1:
				logs.Set(v.Name, v.Value.Data[0])
			}
		}
	}
	if err := r.loop.Restore(s.Place, values, logs); err != nil {
		return err
	}
	if err := r.list.SetStates(s.Callbacks); err != nil {
		return err
	}
	if err := symbolic.SetSeeds(s.Seeds); err != nil {
		return err
	}
	r.epoch, r.within, r.logs = s.Epoch, s.Within, logs
	r.model.SetStopTraining(s.Stop)
	return nil
}

// readRun reads a backup whole.
func readRun(path string) (*runState, []*tensors.Tensor, error) {
	archive, err := npz.Open(path)
	if err != nil {
		return nil, nil, err
	}
	defer func() { _ = archive.Close() }()
	text, err := archive.Tensor(runEntry)
	if err != nil {
		return nil, nil, err
	}
	var s runState
	var failed error
	if err := tensors.ConstFlatData(text, func(flat []uint8) { failed = gob.NewDecoder(bytes.NewReader(flat)).Decode(&s) }); err != nil {
		return nil, nil, err
	}
	if failed != nil {
		return nil, nil, failed
	}
	if s.Version != runVersion {
		return nil, nil, fmt.Errorf("it is of version %d, want %d", s.Version, runVersion)
	}
	if have := len(archive.Names()) - 1; s.Variables != have {
		return nil, nil, fmt.Errorf("it has %d arrays, want %d", have, s.Variables)
	}
	values := make([]*tensors.Tensor, s.Variables)
	for i := range values {
		if values[i], err = archive.Tensor(variablePrefix + strconv.Itoa(i)); err != nil {
			return nil, nil, err
		}
	}
	return &s, values, nil
}
