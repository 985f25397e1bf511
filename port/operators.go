package port

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/gokeras/gokeras/port/internal/python"
)

// truth is a value as a condition.
func (t *translator) truth(v *value, e *python.Expr) string {
	if v.cond != "" {
		return v.cond
	}
	if v.optional != "" {
		held := *v
		held.optional = ""
		if inner := t.truth(&held, e); inner != "true" {
			return "(" + v.optional + " != nil && " + inner + ")"
		}
		return v.optional + " != nil"
	}
	switch v.kind {
	case tKeywords.kind:
		return fmt.Sprint(len(v.items) > 0)
	case "bool":
		return v.code
	case "int", "float":
		return v.tight() + " != 0"
	case "str":
		return v.tight() + ` != ""`
	case "deque":
		return "len(" + dequeItems(v).code + ") > 0"
	case tJSON.kind:
		return t.helper("jsonTrue") + "(" + v.code + ")"
	case "list", "dict", "logs":
		return "len(" + v.code + ") > 0"
	case "empty":
		if v.open != nil {
			return "len(" + v.code + ") > 0"
		}
		if v.items != nil && len(v.items) == 0 {
			return "false"
		}
	case "array":
		return v.tight() + ".Truth()"
	case "none":
		return "false"
	case "model", "layer", "optimizer", "callback", "object", "instance", "history", "tokenizer":
		return "true"
	}
	fail(e, "%s isn't translated as a condition", v.describe())
	return ""
}

func (t *translator) unary(e *python.Expr) *value {
	v := t.expr(e.Args[0])
	if v.kind == "bool" && e.Text != "not" {
		v = t.counted(v)
	}
	switch {
	case e.Text == "not":
		code := t.truth(v, e)
		if strings.ContainsAny(code, " ") {
			code = "(" + code + ")"
		}
		return &value{typ: tBool, code: "!" + code}
	case number(v.typ) && e.Text == "-" && v.kind != "bool":
		switch code := v.tight(); {
		case v.konst && v.kind == "float" && strings.Trim(code, "0.") == "":
			return &value{typ: v.typ, code: "math.Copysign(0, -1)"} // Go's -0.0 is 0
		case strings.HasPrefix(code, "-"):
			return &value{typ: v.typ, code: "-(" + code + ")", konst: v.konst}
		default:
			return &value{typ: v.typ, code: "-" + code, konst: v.konst}
		}
	case v.kind == "int" && e.Text == "~":
		return &value{typ: tInt, code: "^" + v.tight()}
	case number(v.typ) && e.Text == "+":
		return v
	case v.kind == "array" && e.Text == "-":
		return &value{typ: tArray, code: "np.Negative(" + v.code + ")"}
	case v.kind == "array" && e.Text == "~":
		return &value{typ: tArray, code: "np.Invert(" + v.code + ")"}
	case v.kind == "tensor" && e.Text == "-":
		return &value{typ: tTensor, code: "ops.Negative(" + v.code + ")"}
	}
	fail(e, "%s of %s isn't translated", e.Text, v.describe())
	return nil
}

var arrayOps = map[string]string{"+": "Add", "-": "Subtract", "*": "Multiply", "/": "Divide", "//": "FloorDivide", "%": "Mod", "**": "Power", "@": "MatMul",
	"&": "BitwiseAnd", "|": "BitwiseOr", "^": "BitwiseXor", "<<": "LeftShift", ">>": "RightShift"}

var tensorOps = map[string]string{"+": "Add", "-": "Subtract", "*": "Multiply", "/": "Divide", "//": "FloorDivide", "%": "Mod", "**": "Power", "@": "Matmul"}

func (t *translator) binary(op string, a, b *value, e *python.Expr) *value {
	if (a.kind == tJSON.kind || b.kind == tJSON.kind) && !(op == "%" && a.kind == "str") {
		a, b = t.beside(a, b), t.beside(b, a)
	}
	switch {
	case op == "/" && (a.kind == "path" && (b.kind == "path" || b.kind == "str") || a.kind == "str" && b.kind == "path"):
		return &value{typ: tPath, code: fmt.Sprintf("filepath.Join(%s, %s)", a.code, b.code)}
	case a.kind == "frame" || b.kind == "frame":
		if r := t.frameOp(op, a, b); r != nil {
			return r
		}
	case a.kind == "tensor" || b.kind == "tensor":
		name := tensorOps[op]
		if name == "" {
			fail(e, "%s of tensors isn't translated", op)
		}
		single := func(v *value) bool { return v.scalar || number(v.typ) }
		return &value{typ: tTensor, code: fmt.Sprintf("ops.%s(%s, %s)", name, t.asAny(a, e), t.asAny(b, e)), scalar: single(a) && single(b)}
	case a.kind == "weights" && b.kind == "weights" && op == "+" && len(a.models) > 0 && len(b.models) > 0:
		return &value{typ: typ{kind: "weights"}, models: slices.Concat(a.models, b.models)}
	case a.kind == "str" && op == "%":
		return t.percent(a, b, e)
	case op == "+" && (a.kind == "str" && b.kind == "array" || a.kind == "array" && b.kind == "str"):
		t.approximate("%s is taken to be a text", "an element of an array that is put together with a text")
		if a.kind == "array" {
			a = &value{typ: tStr, code: a.tight() + ".Text()"}
		} else {
			b = &value{typ: tStr, code: b.tight() + ".Text()"}
		}
		return t.binary(op, a, b, e)
	case a.kind == "array" || b.kind == "array":
		for _, v := range []*value{a, b} {
			if v.kind != "array" && !number(v.typ) && v.kind != "list" {
				fail(e, "%s of an array and %s isn't translated", op, v.describe())
			}
		}
		ty := tArray
		ty.series = a.series || b.series
		return &value{typ: ty, code: fmt.Sprintf("np.%s(%s, %s)", arrayOps[op], t.operand(a), t.operand(b))}
	case number(a.typ) && number(b.typ):
		if a.kind == "bool" && b.kind == "bool" && strings.Contains("&|^", op) {
			code := map[string]string{"&": " && ", "|": " || ", "^": " != "}[op]
			return &value{typ: tBool, code: a.tight() + code + b.tight(), loose: true}
		}
		return t.arithmetic(op, t.counted(a), t.counted(b), e)
	case a.kind == "str" && b.kind == "str" && op == "+":
		return &value{typ: tStr, code: a.tight() + " + " + b.tight(), loose: true}
	case a.kind == "str" && b.kind == "int" && op == "*":
		return &value{typ: tStr, code: fmt.Sprintf("strings.Repeat(%s, %s)", a.code, atLeastZero(b))}
	case strings.Contains("|&-", op) && t.setOp(op, a, b) != nil:
		return t.setOp(op, a, b)
	case op == "+" && (a.kind == "empty" && a.open != nil && b.kind == "list" || b.kind == "empty" && b.open != nil && a.kind == "list"):
		a, b = t.alike(a, b, e)
		return t.binary(op, a, b, e)
	case op == "*" && (a.kind == tNested.kind && b.kind == "int" || a.kind == "tuple" && len(a.items) == 1 && a.items[0].kind == "none" && b.kind == "int"):
		return t.repeatedEmpties(a, b, e)
	case op == "+" && a.kind == "empty" && b.kind == "list" && a.open == nil:
		return b
	case op == "+" && b.kind == "empty" && a.kind == "list" && b.open == nil:
		return a
	case op == "/" && a.kind == "str" && b.kind == "str":
		return &value{typ: tPath, code: fmt.Sprintf("filepath.Join(%s, %s)", a.code, b.code)}
	case op == "+" && a.items != nil && b.items != nil:
		v := &value{tuple: a.tuple, items: append(append([]*value{}, a.items...), b.items...)}
		t.listType(v, e)
		return v
	case a.kind == "list" && b.kind == "list" && a.goT == b.goT && op == "+":
		return &value{typ: a.typ, code: fmt.Sprintf("slices.Concat(%s, %s)", a.code, b.code)}
	case a.kind == "list" && b.kind == "int" && op == "*":
		return &value{typ: a.typ, code: fmt.Sprintf("slices.Repeat(%s, %s)", a.code, atLeastZero(b)), tuple: a.tuple}
	case a.kind == "int" && (b.kind == "list" || b.kind == "str") && op == "*":
		return t.binary(op, b, a, e)
	}
	fail(e, "%s of %s and %s isn't translated", op, a.describe(), b.describe())
	return nil
}

// operand is a number or an array for a function of np; a constant with a point stays a float there.
func (t *translator) operand(v *value) string { return v.code }

func (t *translator) arithmetic(op string, a, b *value, e *python.Expr) *value {
	kind := tInt
	if a.kind == "float" || b.kind == "float" || op == "/" {
		kind = tFloat
	}
	konst := a.konst && b.konst
	convert := func(v *value) string {
		code := v.tight()
		switch {
		case kind.kind == "float" && v.kind == "int" && !v.konst:
			return "float64(" + v.code + ")"
		case kind.kind == "float" && v.kind == "int" && konst && isInteger(code):
			return code + ".0"
		}
		return code
	}
	x, y := convert(a), convert(b)
	if v := folded(op, x, y, kind, konst); v != nil {
		return v
	}
	switch op {
	case "+", "-", "*":
		return &value{typ: kind, code: x + " " + op + " " + y, loose: true, konst: konst}
	case "/":
		zero := b.konst && strings.Trim(b.code, "0.") == ""
		if zero && !t.catches {
			fail(e, "division by zero")
		}
		if t.catches && (zero || !b.konst) {
			return &value{typ: kind, code: fmt.Sprintf("%s(%s, %s)", t.helper("divide"), t.as(a, "float64", e), t.as(b, "float64", e))}
		}
		return &value{typ: kind, code: x + " / " + y, loose: true, konst: konst}
	case "//":
		if kind.kind == "int" {
			if b.konst && strings.Trim(b.code, "0") == "" {
				fail(e, "division by zero")
			}
			return &value{typ: kind, code: fmt.Sprintf("%s(%s, %s)", t.helper("floorDiv"), a.code, b.code)}
		}
		return &value{typ: kind, code: fmt.Sprintf("%s(%s, %s)", t.helper("floatFloor"), t.as(a, "float64", e), t.as(b, "float64", e))}
	case "%":
		if kind.kind == "int" {
			return &value{typ: kind, code: fmt.Sprintf("%s(%s, %s)", t.helper("mod"), a.code, b.code)}
		}
		return &value{typ: kind, code: fmt.Sprintf("%s(%s, %s)", t.helper("floatMod"), t.as(a, "float64", e), t.as(b, "float64", e))}
	case "**":
		if kind.kind == "int" && !(b.konst && strings.HasPrefix(b.code, "-")) {
			if !b.konst {
				t.approximate("an int to the power of an int is an int, and an error where Python has a float, below 0")
			}
			return &value{typ: kind, code: fmt.Sprintf("%s(%s, %s)", t.helper("power"), a.code, b.code)}
		}
		return &value{typ: tFloat, code: fmt.Sprintf("math.Pow(%s, %s)", t.as(a, "float64", e), t.as(b, "float64", e))}
	case "&", "|", "^", "<<", ">>":
		if kind.kind == "int" {
			return &value{typ: kind, code: x + " " + op + " " + y, loose: true, konst: konst}
		}
	}
	fail(e, "%s of numbers isn't translated", op)
	return nil
}

var comparisons = map[string]string{"==": "Equal", "!=": "NotEqual", "<": "Less", "<=": "LessEqual", ">": "Greater", ">=": "GreaterEqual"}

func (t *translator) compare(e *python.Expr) *value {
	var parts []string
	a := t.expr(e.Args[0])
	for i, op := range e.Ops {
		b := t.expr(e.Args[i+1])
		name := comparisons[op]
		done := len(parts)
		if a.kind == tJSON.kind || b.kind == tJSON.kind {
			if code := t.jsonCompare(op, a, b, e); code != "" {
				parts = append(parts, code)
				a = b
				continue
			}
		}
		switch {
		case name != "" && (a.set || b.set):
			parts = append(parts, t.compareSets(op, a, b, e))
		case name != "" && (a.kind == "array" || b.kind == "array"):
			if len(e.Ops) > 1 {
				fail(e, "a chain of comparisons of arrays isn't translated")
			}
			ty := tArray
			ty.series = a.series || b.series
			return &value{typ: ty, code: fmt.Sprintf("np.%s(%s, %s)", name, t.asAny(a, e), t.asAny(b, e))}
		case name != "" && len(e.Ops) == 1 && (a.kind == "tensor" || b.kind == "tensor"):
			return &value{typ: tTensor, code: fmt.Sprintf("ops.%s(%s, %s)", name, t.asAny(a, e), t.asAny(b, e)), scalar: (a.scalar || number(a.typ)) && (b.scalar || number(b.typ))}
		case name != "" && number(a.typ) && number(b.typ):
			if a.kind == "bool" && (b.kind != "bool" || strings.ContainsAny(op, "<>")) || b.kind == "bool" && a.kind != "bool" {
				a, b = t.counted(a), t.counted(b)
			}
			x, y := a.tight(), b.tight()
			if n, errN := strconv.Atoi(x); errN == nil && a.konst && b.konst {
				if m, err := strconv.Atoi(y); err == nil {
					holds := map[string]bool{"==": n == m, "!=": n != m, "<": n < m, "<=": n <= m, ">": n > m, ">=": n >= m}[op]
					parts = append(parts, fmt.Sprint(holds))
					break
				}
			}
			if a.kind != b.kind {
				x, y = t.as(a, "float64", e), t.as(b, "float64", e)
			}
			parts = append(parts, x+" "+op+" "+y)
		case name != "" && a.kind == "str" && b.kind == "str":
			if a.konst && b.konst && (op == "==" || op == "!=") {
				parts = append(parts, fmt.Sprint((a.code == b.code) == (op == "==")))
				break
			}
			parts = append(parts, a.tight()+" "+op+" "+b.tight())
		case (op == "in" || op == "not in") && (b.kind == "list" && b.elem.goT == a.goT || b.kind == "empty"):
			code := t.contains(b, a, e)
			if op == "not in" {
				code = "!" + code
			}
			parts = append(parts, code)
		case (op == "in" || op == "not in") && (b.kind == "empty dict" && b.open != nil && b.code != "" && (a.kind == "str" || a.kind == "int") || b.kind == "dict" && keyType(b.typ).goT == a.goT || b.kind == "logs" && a.kind == "str"):
			code := fmt.Sprintf("%s(%s, %s)", t.helper("hasKey"), b.code, a.code)
			if op == "not in" {
				code = "!" + code
			}
			parts = append(parts, code)
		case (op == "in" || op == "not in") && b.kind == "str" && a.kind == "str":
			code := fmt.Sprintf("strings.Contains(%s, %s)", b.code, a.code)
			if op == "not in" {
				code = "!" + code
			}
			parts = append(parts, code)
		case (op == "==" || op == "!=") && a.kind == "pair" && a.goT == b.goT && !strings.Contains(a.goT, "[]") && !strings.Contains(a.goT, "*"):
			parts = append(parts, a.tight()+" "+op+" "+b.tight())
		case strings.ContainsAny(op, "<>") && a.kind == "list" && b.kind == "list" && a.goT == b.goT && (number(*a.elem) || a.elem.kind == "str"):
			parts = append(parts, fmt.Sprintf("slices.Compare(%s, %s) %s 0", a.code, b.code, op))
		case (op == "==" || op == "!=") && a.kind == "dict" && a.goT == b.goT && (number(*a.elem) || a.elem.kind == "str"):
			parts = append(parts, map[string]string{"!=": "!"}[op]+fmt.Sprintf("maps.Equal(%s, %s)", a.code, b.code))
		case (op == "==" || op == "!=") && a.kind == "list" && b.kind == "list" && a.goT == b.goT && (a.elem.kind == "list" || a.elem.kind == "array" || a.elem.kind == "dict"):
			fail(e, "%s of lists of %s isn't translated", op, a.elem.kind)
		case (op == "==" || op == "!=") && a.kind == "list" && b.kind == "list" && a.goT == b.goT:
			code := fmt.Sprintf("slices.Equal(%s, %s)", a.code, b.code)
			if op == "!=" {
				code = "!" + code
			}
			parts = append(parts, code)
		case (op == "is" || op == "==" || op == "is not" || op == "!=") && a.kind == "str" && a.konst && strings.HasPrefix(a.code, `"<class '`) && strings.HasPrefix(b.path, "builtins."):
			is := a.code == `"<class '`+strings.TrimPrefix(b.path, "builtins.")+`'>"`
			parts = append(parts, fmt.Sprint(is == (op == "is" || op == "==")))
		case (op == "in" || op == "not in") && b.kind == tKeywords.kind && a.konst:
			parts = append(parts, fmt.Sprint((keyword(b, a) != nil) == (op == "in")))
		case (op == "in" || op == "not in") && b.path == "sys.modules":
			t.approximate("no module of Python's is loaded")
			parts = append(parts, fmt.Sprint(op == "not in"))
		case (op == ">=" || op == ">") && (strings.HasSuffix(a.path, ".__version__") || a.path == "sys.version_info"):
			t.approximate("a version is taken to be new enough")
			parts = append(parts, "true")
		case (op == "is" || op == "is not") && (a.kind == "layer" || a.kind == "model") && (b.kind == "layer" || b.kind == "model") && a.code != "" && b.code != "":
			parts = append(parts, fmt.Sprintf("any(%s) %s any(%s)", a.code, map[string]string{"is": "==", "is not": "!="}[op], b.code))
		case (op == "is" || op == "is not") && a.path != "" && b.path != "":
			parts = append(parts, fmt.Sprint((a.path == b.path) == (op == "is")))
		case (op == "is" || op == "is not" || (op == "==" || op == "!=") && (a.kind == "none" || b.kind == "none")) && (a.maybe && b.kind == "none" || b.maybe && a.kind == "none"):
			x := a
			if b.maybe {
				x = b
			}
			code := x.tight()
			if x.optional != "" {
				code = x.optional
			}
			parts = append(parts, code+map[string]string{"is": " == nil", "is not": " != nil", "==": " == nil", "!=": " != nil"}[op])
		case (op == "is" || op == "==" || op == "is not" || op == "!=") && (a.kind == "none" || b.kind == "none"):
			yes := a.kind == "none" && b.kind == "none"
			parts = append(parts, fmt.Sprint(yes == (op == "is" || op == "==")))
		default:
			fail(e, "%s of %s and %s isn't translated", op, a.describe(), b.describe())
		}
		if len(parts) > done && a.kind != "none" && b.kind != "none" {
			parts[done] = unlessNone(op, parts[done], a, b)
		}
		a = b
	}
	return &value{typ: tBool, code: strings.Join(parts, " && "), loose: true}
}

// unlessNone is a comparison of a and b, which may be None: that is equal to no value and in no list of values.
func unlessNone(op, code string, a, b *value) string {
	for _, v := range []*value{a, b} {
		switch {
		case v.optional == "" || v == b && strings.HasSuffix(op, "in"):
		case op == "==" || op == "in":
			code = "(" + v.optional + " != nil && " + code + ")"
		case op == "!=" || op == "not in":
			code = "(" + v.optional + " == nil || " + code + ")"
		}
	}
	return code
}

func (t *translator) ifElse(e *python.Expr) *value {
	cond := t.truth(t.expr(e.Args[0]), e)
	if cond == "true" || cond == "false" {
		return t.expr(map[string]*python.Expr{"true": e.Args[1], "false": e.Args[2]}[cond])
	}
	a, b := t.expr(e.Args[1]), t.expr(e.Args[2])
	ty := a.typ
	if a.kind == "int" && b.kind == "float" {
		ty = tFloat
	}
	if ty.goT == "" || compileTime(a) || compileTime(b) {
		fail(e, "a choice between %s and %s isn't translated", a.describe(), b.describe())
	}
	return &value{typ: ty, code: fmt.Sprintf("func() %s {\nif %s {\nreturn %s\n}\nreturn %s\n}()", ty.goT, cond, t.as(a, ty.goT, e), t.as(b, ty.goT, e))}
}
