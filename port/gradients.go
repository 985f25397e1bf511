package port

import (
	"fmt"
	"slices"
	"strings"

	"github.com/gokeras/gokeras/port/internal/python"
)

// Gradients of a training step: of a tape, by weights and tensors, clipped, applied; and which statements of a notebook are one step because of them.

// gradient is tape.gradient(target, sources).
func (t *translator) gradient(c *call) *value {
	st := t.sc.step
	target, sources := c.need(0, "target"), c.need(1, "sources")
	c.arg(-1, "unconnected_gradients")
	c.done()
	if sources.kind == "weights" {
		if len(sources.models) == 0 {
			fail(c.e, "the gradient by these weights isn't translated")
		}
		for _, m := range sources.models {
			st.uses(m.code)
		}
		return &value{typ: typ{kind: "gradients"}, self: target, models: sources.models, mark: len(st.stepped)}
	}
	if sources.goT == "multi" {
		if items := t.tensorsInStep(sources, c.e); items != nil {
			sources = &value{items: items}
		}
	}
	list := []*value{sources}
	if sources.items != nil {
		list = sources.items
	}
	var nodes []string
	for _, i := range list {
		if i.at > 0 && !i.variable {
			fail(c.e, "a gradient by an array that the tape doesn't watch is None in Python")
		}
		nodes = append(nodes, t.node(i, c.e))
	}
	code := fmt.Sprintf("graph.Gradient(%s, %s)", t.sumNode(target, c.e), strings.Join(nodes, ", "))
	if sources.items == nil {
		return t.lifted(code+"[0]", false)
	}
	all := t.newVar("gradients", "[]*graph.Node")
	t.emit(&line{lhs: []*variable{all}, code: code})
	v := &value{typ: typ{kind: "tuple"}}
	for i := range nodes {
		v.items = append(v.items, t.lifted(fmt.Sprintf("%s[%d]", all.ref(), i), false))
	}
	return v
}

// optimizerStep is optimizer.apply_gradients(zip(gradients, weights)), apply(gradients, weights) or minimize(loss, weights, tape).
func (t *translator) optimizerStep(v *value, name string, c *call) *value {
	st := t.sc.step
	if st == nil {
		fail(c.e, "an optimizer's step outside of a function with a GradientTape isn't translated")
	}
	var loss *value
	var models []*value
	switch name {
	case "apply_gradients", "apply":
		given, weights := c.need(0, "grads_and_vars", "grads"), c.arg(1, "trainable_variables")
		if given.loop != nil && given.loop.kind == "zip" && len(given.loop.args) == 2 {
			given, weights = given.loop.args[0], given.loop.args[1]
		}
		if r := t.stepVariables(v, given, weights, c); r != nil {
			return r
		}
		if given.kind != "gradients" {
			fail(c.e, "a step by %s isn't translated", given.describe())
		}
		if given.code != "" {
			if given.models == nil && weights != nil {
				given.models = weights.models
			}
			if len(given.models) == 0 {
				fail(c.e, "a step by these weights isn't translated")
			}
			c.done()
			return done("%s.ApplyGradients(%s, %s, %s)", st.s.ref(), given.code, st.part(v.code), strings.Join(st.trained(given.models), ", "))
		}
		loss, models = given.self, given.models
	case "minimize":
		weights := c.need(1, "var_list")
		c.arg(-1, "tape")
		loss, models = c.need(0, "loss"), weights.models
		if weights.kind != "weights" || len(models) == 0 {
			fail(c.e, "a step by these weights isn't translated")
		}
	default:
		fail(c.e, "the method %s of an optimizer isn't translated", name)
	}
	c.done()
	return done("%s.Minimize(%s, %s, %s)", st.s.ref(), t.sumNode(loss, c.e), st.part(v.code), strings.Join(st.trained(models), ", "))
}

// stepVariables is a step of an optimizer on variables that no model has; nil for other steps. They are the weights of a model that is made for them.
func (t *translator) stepVariables(optimizer, grads, vars *value, c *call) *value {
	gs, vs := grads.items, []*value(nil)
	if vars != nil {
		vs = vars.items
	} else if len(gs) > 0 && !slices.ContainsFunc(gs, func(pair *value) bool { return len(pair.items) != 2 }) {
		pairs := gs
		gs = nil
		for _, pair := range pairs {
			gs, vs = append(gs, pair.items[0]), append(vs, pair.items[1])
		}
	}
	if len(vs) == 0 || len(gs) != len(vs) || slices.ContainsFunc(vs, func(v *value) bool { return v.at == 0 || !v.variable }) {
		return nil
	}
	st := t.sc.step
	var nodes []string
	var places []int
	for i, g := range gs {
		nodes = append(nodes, t.node(g, c.e))
		places = append(places, vs[i].at)
	}
	if st.variables != nil && !slices.Equal(places, st.variables) {
		fail(c.e, "steps on several groups of variables aren't translated")
	}
	if by := t.trainsVariables[optimizer.code]; by != nil && by != st.stepModels {
		fail(c.e, "an optimizer of variables that two steps use isn't translated")
	}
	if st.holder == "" {
		if t.trainsVariables == nil {
			t.trainsVariables = map[string]*stepModels{}
		}
		t.trainsVariables[optimizer.code] = st.stepModels
		st.holder = t.functionName("variables")
		t.declared = append(t.declared, fmt.Sprintf("// The variables that an optimizer trains.\nvar %s *functional.Model", st.holder))
	}
	st.variables = places
	st.touched++
	st.stepped = append(st.stepped, st.uses(st.holder))
	c.done()
	return done("%s.ApplyGradients([]*graph.Node{%s}, %s, %s)", st.s.ref(), strings.Join(nodes, ", "), st.part(optimizer.code), st.holder)
}

// trained notes that an optimizer changes models, and gives their code.
func (st *step) trained(models []*value) []string {
	var codes []string
	for _, m := range models {
		codes = append(codes, st.uses(m.code))
	}
	for _, code := range codes {
		st.stepped = append(st.stepped, st.outside(code))
	}
	return codes
}

// gradientNodes is the Go code of gradients as a list of nodes, which Minimize has no need of.
func (t *translator) gradientNodes(v *value, e *python.Expr) string {
	if v.code != "" {
		return v.code
	}
	st := t.sc.step
	var weights []string
	for _, m := range v.models {
		if slices.Contains(st.stepped[v.mark:], st.outside(m.code)) {
			fail(e, "gradients that are changed after a step of their model aren't translated")
		}
		weights = append(weights, fmt.Sprintf("%s.Weights(%s)", st.s.ref(), st.uses(m.code)))
	}
	of := strings.Join(weights, "")
	if len(weights) > 1 {
		of = "slices.Concat(" + strings.Join(weights, ", ") + ")"
		t.imports["slices"] = true
	}
	t.imports["graph"] = true
	return fmt.Sprintf("graph.Gradient(%s, %s...)", t.sumNode(v.self, e), of)
}

// gradientsOf are gradients whose nodes have been computed.
func (v *value) gradientsOf(code string) *value {
	return &value{typ: typ{kind: "gradients", goT: "[]" + nodeType}, code: code, models: v.models}
}

// clipped is tf.clip_by_norm and tf.clip_by_global_norm in a step; nil for others.
func (t *translator) clipped(name string, c *call) *value {
	if name != "clip_by_norm" && name != "clip_by_global_norm" && name != "global_norm" {
		return nil
	}
	x := c.need(0, "t", "t_list")
	if name == "global_norm" {
		c.done()
		t.imports["optimizers"] = true
		return t.lifted(fmt.Sprintf("optimizers.GlobalNorm(%s)", t.gradientNodes(x, c.e)), true)
	}
	norm := t.as(c.need(1, "clip_norm"), "float64", c.e)
	c.done()
	t.imports["optimizers"] = true
	if name == "clip_by_norm" {
		return t.lifted(fmt.Sprintf("optimizers.ClipByNorm(%s, %s)", t.node(x, c.e), norm), false)
	}
	if x.kind != "gradients" {
		fail(c.e, "the global norm of %s isn't translated", x.describe())
	}
	grads, all := t.newVar("clipped", "[]"+nodeType), t.newVar("norm", nodeType)
	t.emit(&line{lhs: []*variable{grads, all}, code: fmt.Sprintf("optimizers.ClipByGlobalNorm(%s, %s)", t.gradientNodes(x, c.e), norm)})
	return &value{tuple: true, typ: typ{kind: "tuple"}, items: []*value{x.gradientsOf(grads.ref()), t.lifted(all.ref(), true)}}
}

// eachGradient is a comprehension that goes over gradients, alone or with their weights; nil if it doesn't.
func (t *translator) eachGradient(e *python.Expr) *value {
	if t.sc.step == nil || len(e.Loops) != 1 || e.Text != "list" && e.Text != "generator" {
		return nil
	}
	over := t.expr(e.Loops[0].Iter)
	target := e.Loops[0].Target
	grads := over
	names := []*python.Expr{target}
	if over.loop != nil && over.loop.kind == "zip" && len(over.loop.args) == 2 && target.Kind == python.Tuple && len(target.Args) == 2 {
		grads, names = over.loop.args[0], target.Args
	}
	if grads.kind != "gradients" {
		return nil
	}
	before := t.snapshot()
	defer func() { t.sc.names = before }()
	all, i, g := t.newVar("gradients", "[]"+nodeType), t.newVar("i", "int"), t.newVar("g", nodeType)
	i.given, g.given = true, true
	nodes := t.gradientNodes(grads, e)
	weights := []*value{{typ: typ{kind: "weight in a step"}}}
	for k, name := range names {
		if name.Kind != python.Name {
			fail(e, "this comprehension isn't translated")
		}
		t.sc.names[name.Text] = &binding{v: append([]*value{t.lifted(g.ref(), false)}, weights...)[k]}
	}
	for _, c := range e.Loops[0].Ifs {
		if t.truth(t.expr(c), c) != "true" {
			fail(e, "a choice among gradients isn't translated")
		}
	}
	var body []*line
	out := t.out
	t.out = &body
	el := t.expr(e.Args[0])
	t.out = out
	if len(el.items) == 2 && el.items[1].kind == "weight in a step" {
		el = el.items[0]
	}
	node := t.node(el, e)
	result := grads.gradientsOf(all.ref())
	if node == g.ref() {
		return grads.gradientsOf(nodes)
	}
	t.emit(&line{lhs: []*variable{all}, code: nodes})
	body = append(body, &line{code: fmt.Sprintf("%s[%s] = %s", all.ref(), i.ref(), node)})
	t.emit(&line{code: fmt.Sprintf("for %s, %s := range %s", i.ref(), g.ref(), all.ref()), block: true, body: body})
	return result
}

// usesTape reports that statements make a GradientTape.
func usesTape(body []*python.Stmt) bool {
	for _, s := range body {
		if s.Kind == python.With {
			for _, e := range s.Targets {
				if e != nil && e.Kind == python.Call && (e.Args[0].Kind == python.Attr || e.Args[0].Kind == python.Name) && e.Args[0].Text == "GradientTape" {
					return true
				}
			}
		}
		if s.Kind != python.Def && s.Kind != python.Class && (usesTape(s.Body) || usesTape(s.Else)) {
			return true
		}
	}
	return false
}

// stepGroup is the kind of statements that are one step: from the GradientTape to the optimizer's step, and metrics after it, or to the last gradient.
const stepGroup = "training step"

// applies are the methods by which an optimizer takes a step.
var applies = []string{"apply_gradients", "apply", "minimize"}

// appliesGradients reports that statements, or those in them, are a step of an optimizer.
func appliesGradients(body []*python.Stmt) bool {
	return slices.ContainsFunc(body, func(s *python.Stmt) bool {
		return slices.Contains(applies, calledMethod(s)) || appliesGradients(s.Body) || appliesGradients(s.Else)
	})
}

// asksGradient reports that a statement asks a tape for gradients.
func asksGradient(s *python.Stmt) bool {
	found := false
	python.Walk(s.Value, func(e *python.Expr) bool {
		found = found || e.Kind == python.Call && e.Args[0].Kind == python.Attr && e.Args[0].Text == "gradient"
		return !found
	})
	return found
}

// givesGradients reports that a statement gets gradients of a function of the notebook.
func (t *translator) givesGradients(s *python.Stmt) bool {
	if s.Kind != python.Assign || s.Value.Kind != python.Call || s.Value.Args[0].Kind != python.Name {
		return false
	}
	b := t.lookup(s.Value.Args[0].Text)
	return b != nil && b.v != nil && b.v.def != nil && b.v.def.stmt != nil && usesTape(b.v.def.stmt.Body) && !appliesGradients(b.v.def.stmt.Body)
}

// isGradient reports a call of a tape's gradient.
func isGradient(e *python.Expr) bool {
	return e.Kind == python.Call && e.Args[0].Kind == python.Attr && e.Args[0].Text == "gradient" && e.Args[0].Args[0].Kind == python.Name
}

// isNumpyOf reports tape.gradient(…).numpy().
func isNumpyOf(e *python.Expr) bool {
	return e != nil && e.Kind == python.Call && e.Args[0].Kind == python.Attr && e.Args[0].Text == "numpy" && isGradient(e.Args[0].Args[0])
}

// withoutGradients is an expression with names in the places of the gradients that it asks for.
func withoutGradients(e *python.Expr, named func(e *python.Expr) *python.Expr) *python.Expr {
	if e == nil {
		return nil
	}
	if isGradient(e) {
		return named(e)
	}
	if e.Kind == python.Lambda || e.Kind == python.Comp {
		return e
	}
	with := *e
	with.Args = slices.Clone(e.Args)
	for i, a := range e.Args {
		with.Args[i] = withoutGradients(a, named)
	}
	with.Keywords = slices.Clone(e.Keywords)
	for i, k := range e.Keywords {
		with.Keywords[i].Value = withoutGradients(k.Value, named)
	}
	return &with
}

// namedGradients are statements in which gradients that are returned or used at once have a name first.
func (t *translator) namedGradients(stmts []*python.Stmt) []*python.Stmt {
	var out []*python.Stmt
	for _, s := range stmts {
		named := func(e *python.Expr) *python.Expr {
			if e.Kind == python.Name {
				return e
			}
			name := &python.Expr{Kind: python.Name, Text: "gradient", Line: e.Line}
			for t.mentions[name.Text] > 0 {
				name.Text += "_"
			}
			t.mentions[name.Text] = 1 << 20
			out = append(out, &python.Stmt{Kind: python.Assign, Targets: []*python.Expr{name}, Value: e, Line: s.Line, End: s.End})
			return name
		}
		if (s.Kind == python.ExprStmt || s.Kind == python.Assign && isNumpyOf(s.Value)) && asksGradient(s) {
			back := *s
			back.Value = withoutGradients(s.Value, named)
			s = &back
		}
		if s.Kind == python.Return && asksGradient(s) {
			back := *s
			if e := s.Value; e.Kind == python.Tuple {
				tuple := *e
				tuple.Args = nil
				for _, a := range e.Args {
					tuple.Args = append(tuple.Args, named(a))
				}
				back.Value = &tuple
			} else {
				back.Value = named(e)
			}
			s = &back
		}
		out = append(out, s)
	}
	return out
}

// grouped are statements with those of one step as one.
func (t *translator) grouped(stmts []*python.Stmt) []*python.Stmt {
	if t.sc.step != nil {
		return stmts
	}
	stmts = t.namedGradients(stmts)
	var out []*python.Stmt
	for i := 0; i < len(stmts); i++ {
		end := -1
		taped := stmts[i].Kind == python.With && usesTape(stmts[i:i+1])
		if taped || t.givesGradients(stmts[i]) {
			of := map[string]bool{} // what comes of this tape
			for _, name := range assigned(stmts[i : i+1]) {
				of[name] = true
			}
			for j := i + 1; j < len(stmts) && (end < 0 || slices.Contains(applies, calledMethod(stmts[j]))); j++ {
				reads := reads(stmts[j], of)
				for _, name := range assigned(stmts[j : j+1]) {
					of[name] = reads
				}
				if reads && slices.Contains(applies, calledMethod(stmts[j])) || end >= 0 {
					end = j
				}
			}
			for end >= 0 && end+1 < len(stmts) && (calledMethod(stmts[end+1]) == "update_state" || t.callsMetric(stmts[end+1])) {
				end++
			}
			if taped && end < 0 {
				end = i
				for j := i + 1; j < len(stmts) && !usesTape(stmts[j:j+1]); j++ {
					if asksGradient(stmts[j]) {
						end = j
					}
				}
			}
		}
		if end < 0 {
			out = append(out, stmts[i])
			continue
		}
		out = append(out, &python.Stmt{Kind: stepGroup, Line: stmts[i].Line, End: stmts[end].End, Body: stmts[i : end+1]})
		i = end
	}
	return out
}

// reads reports that a statement reads one of the names.
func reads(s *python.Stmt, names map[string]bool) bool {
	found := false
	look := func(e *python.Expr) bool {
		found = found || e.Kind == python.Name && names[e.Text]
		return !found
	}
	python.Walk(s.Value, look)
	for _, e := range s.Targets {
		if e != nil && e.Kind != python.Name && e.Kind != python.Tuple && e.Kind != python.List {
			python.Walk(e, look)
		}
	}
	for _, inner := range append(slices.Clone(s.Body), s.Else...) {
		found = found || reads(inner, names)
	}
	return found
}

// calledMethod is the method that a statement calls, "" if it is another one.
func calledMethod(s *python.Stmt) string {
	if s.Kind != python.ExprStmt || s.Value.Kind != python.Call || s.Value.Args[0].Kind != python.Attr {
		return ""
	}
	return s.Value.Args[0].Text
}

// callsMetric reports that a statement is a call of a metric.
func (t *translator) callsMetric(s *python.Stmt) bool {
	if s.Kind != python.ExprStmt || s.Value.Kind != python.Call || s.Value.Args[0].Kind != python.Name {
		return false
	}
	b := t.lookup(s.Value.Args[0].Text)
	return b != nil && b.v != nil && strings.HasPrefix(b.v.goT, "*metrics.")
}

// trainedBatch is a part of a loop or function that is one step: a function of what it reads. What it names and others read is there after it.
func (t *translator) trainedBatch(s *python.Stmt) {
	name := "gradients"
	if appliesGradients(s.Body) {
		name = "train_batch"
	}
	d := &def{stmt: &python.Stmt{Kind: python.Def, Text: name, Line: s.Line, Body: s.Body}, name: name, done: map[string]*instance{}, group: true, home: t.here()}
	c := callOf(&python.Expr{Kind: python.Call, Line: s.Line})
	written, inside := map[string]bool{}, map[string]int{}
	count := func(e *python.Expr) bool {
		if e.Kind == python.Name {
			inside[e.Text]++
		}
		return true
	}
	read := func(e *python.Expr) bool {
		if e.Kind == python.Name && !written[e.Text] && !slices.ContainsFunc(d.stmt.Params, func(p python.Param) bool { return p.Name == e.Text }) {
			if b := t.lookup(e.Text); b != nil && b.v != nil && (b.v.kind == "array" || !t.sc.top && t.sc.names[e.Text] == b) {
				d.stmt.Params = append(d.stmt.Params, python.Param{Name: e.Text})
				c.args = append(c.args, b.v)
			}
		}
		return true
	}
	var visit func(body []*python.Stmt)
	visit = func(body []*python.Stmt) {
		for _, s := range body {
			python.Walk(s.Value, count)
			python.Walk(s.Value, read)
			for _, e := range s.Targets {
				python.Walk(e, count)
				python.Walk(e, func(e *python.Expr) bool {
					if e.Kind == python.Name && s.Kind == python.Assign {
						return true
					}
					return e.Kind == python.Tuple || e.Kind == python.List || read(e)
				})
			}
			for _, name := range assigned([]*python.Stmt{{Kind: s.Kind, Targets: s.Targets}}) {
				written[name] = true
			}
			visit(s.Body)
			visit(s.Else)
		}
	}
	visit(s.Body)
	made := assigned(s.Body)
	for _, name := range made {
		if t.mentions[name] > inside[name] {
			d.wanted = append(d.wanted, name)
		}
	}
	r := t.stepFunction(d, c)
	if len(r.keys) == 0 && r.code != "" {
		t.code("%s", r.code)
	}
	lists := map[string]*value{}
	for i, name := range r.keys {
		list, _, part := strings.Cut(name, ".")
		if !part {
			t.bindName(name, r.items[i], c.e)
			continue
		}
		if lists[list] == nil {
			lists[list] = &value{}
		}
		lists[list].items = append(lists[list].items, r.items[i])
	}
	for _, name := range sortedKeys(lists) {
		t.listType(lists[name], c.e)
		t.bindName(name, lists[name], c.e)
	}
	for _, name := range made {
		if !slices.Contains(r.keys, name) && lists[name] == nil {
			t.sc.names[name] = &binding{unknown: "belongs to a training step, and stays in it"}
		}
	}
}

// giveNamed gives what is read outside of a group among names.
func (t *translator) giveNamed(names []string) {
	for _, name := range names {
		if b := t.sc.names[name]; b != nil && b.v != nil && b.v.kind == "tensor" && slices.Contains(t.sc.step.wanted, name) {
			t.give(name, b.v, nil)
		}
		if b := t.sc.names[name]; b != nil && b.v != nil && b.v.kind == "tuple" && slices.Contains(t.sc.step.wanted, name) {
			for i, part := range t.tensorsInStep(b.v, nil) {
				t.give(fmt.Sprintf("%s.%d", name, i), part, nil)
			}
		}
	}
}
