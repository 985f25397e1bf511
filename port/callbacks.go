package port

import (
	"fmt"
	"strings"

	"github.com/gokeras/gokeras/port/internal/python"
)

// Callbacks of classes, whose methods are the functions of a callbacks.LambdaCallback.

// callbackOf is a callback of a class for a fit. Its self.model is the object that is fitted where a hook asks it for what only that has.
func (t *translator) callbackOf(v *value) *value {
	in := v.object
	if in.late != nil {
		if t.fitted == nil {
			panic(in.late)
		}
		in.attrs["model"], in.defs, in.late = &binding{v: t.fitted}, map[string]*def{}, nil
		t.hooks(v)
	}
	return in.model
}

// hooks gives a callback the functions of its class.
func (t *translator) hooks(v *value) {
	in := v.object
	for _, name := range otherHooks {
		if in.class.method(name) != nil {
			fail(nil, "a callback's %s isn't translated", name)
		}
	}
	for _, h := range callbackHooks {
		m := in.class.method(h.python)
		if m == nil {
			continue
		}
		r := t.callMethod(v, h.python, callOf(&python.Expr{Kind: python.Call, Line: m.Line}, t.hookArgs(h, len(m.Params)-1)...))
		if r.kind != "done" {
			fail(nil, "a callback's %s that returns something isn't translated", h.python)
		}
		t.code("%s.%s = func(%s) error { %s; return nil }", in.model.code, h.field, h.head, r.code)
	}
}

// lambdaCallback is keras.callbacks.LambdaCallback of functions.
func (t *translator) lambdaCallback(c *call) *value {
	var fields []string
	for _, h := range callbackHooks {
		f := c.arg(-1, h.python)
		if f == nil || f.kind == "none" {
			continue
		}
		if f.def == nil {
			fail(c.e, "%s as %s isn't translated", f.describe(), h.python)
		}
		r := t.callDef(f.def, callOf(c.e, t.hookArgs(h, len(f.def.params()))...))
		if r.kind != "done" {
			fail(c.e, "%s that returns something isn't translated", h.python)
		}
		fields = append(fields, fmt.Sprintf("%s: func(%s) error { %s; return nil }", h.field, h.head, r.code))
	}
	c.done()
	t.use("callbacks.Callback")
	return &value{typ: object("callback", "*callbacks.LambdaCallback"), code: "&callbacks.LambdaCallback{" + strings.Join(fields, ", ") + "}"}
}

// hook is a method of a callback: its name in Python, the field of callbacks.LambdaCallback, what Go's function takes, and what Python's does.
type hook struct {
	python, field, head string
	args                []string
}

// hookArgs are the arguments of a hook for a function that takes n.
func (t *translator) hookArgs(h hook, n int) []*value {
	var args []*value
	for _, a := range h.args {
		switch a {
		case "logs":
			args = append(args, &value{typ: dictType(tStr, tFloat), code: t.helper("logValues") + "(logs)"})
		case "":
			args = append(args, &value{typ: dictType(tStr, tFloat), code: "map[string]float64{}"})
		default:
			args = append(args, &value{typ: tInt, code: a})
		}
	}
	return args[:min(max(n, 0), len(args))]
}

var callbackHooks = []hook{{"on_epoch_end", "EpochEnd", "epoch int, logs *callbacks.Logs", []string{"epoch", "logs"}}, {"on_epoch_begin", "EpochBegin", "epoch int", []string{"epoch", ""}},
	{"on_train_begin", "TrainBegin", "", []string{""}}, {"on_train_end", "TrainEnd", "logs *callbacks.Logs", []string{"logs"}},
	{"on_batch_begin", "TrainBatchBegin", "batch int", []string{"batch", ""}}, {"on_train_batch_begin", "TrainBatchBegin", "batch int", []string{"batch", ""}},
	{"on_batch_end", "TrainBatchEnd", "batch int, logs *callbacks.Logs", []string{"batch", "logs"}}, {"on_train_batch_end", "TrainBatchEnd", "batch int, logs *callbacks.Logs", []string{"batch", "logs"}},
	{"on_test_begin", "TestBegin", "", []string{""}}, {"on_test_end", "TestEnd", "logs *callbacks.Logs", []string{"logs"}},
	{"on_test_batch_begin", "TestBatchBegin", "batch int", []string{"batch", ""}}, {"on_test_batch_end", "TestBatchEnd", "batch int, logs *callbacks.Logs", []string{"batch", "logs"}},
	{"on_predict_begin", "PredictBegin", "", []string{""}}, {"on_predict_end", "PredictEnd", "", []string{""}},
	{"on_predict_batch_begin", "PredictBatchBegin", "batch int", []string{"batch", ""}}}

// otherHooks are methods of a callback that Keras calls, too.
var otherHooks = []string{"on_predict_batch_end", "set_model", "set_params"}

// callbackAttr is what a callback has found, nil if that isn't known here.
func (t *translator) callbackAttr(v *value, name string) *value {
	found := func(of typ, method string) *value {
		return &value{typ: of, code: fmt.Sprintf("%s(%s.%s())", t.helper("found"), v.tight(), method)}
	}
	switch v.goT + "." + name {
	case "*callbacks.EarlyStoppingCallback.stopped_epoch":
		return found(tInt, "StoppedEpoch")
	case "*callbacks.EarlyStoppingCallback.best_epoch":
		return &value{typ: tInt, code: v.tight() + ".BestEpoch()"}
	case "*callbacks.EarlyStoppingCallback.best", "*callbacks.ModelCheckpointCallback.best":
		return found(tFloat, "Best")
	}
	return nil
}

// paramOf is an element of the params of a callback.
func (t *translator) paramOf(v *value, key string, e *python.Expr) *value {
	field := map[string]string{"epochs": "Epochs", "steps": "Steps", "verbose": "Verbose"}[key]
	if field == "" {
		fail(e, "%s in params isn't translated: Keras has epochs, steps and verbose there", key)
	}
	return &value{typ: tInt, code: v.code + "." + field}
}
