package python

// Kind is what an expression or a statement is.
type Kind string

// The kinds of expressions, and where their parts stand in Args and Text.
const (
	Name     Kind = "name"     // Text
	Number   Kind = "number"   // Text, without underscores
	String   Kind = "string"   // Text, decoded; of adjacent strings together
	Bytes    Kind = "bytes"    // Text
	FString  Kind = "fstring"  // Args: String and Field
	Field    Kind = "field"    // Args[0], Args[1] the format (FString or nil), Text the conversion: "r", "s", "a"; Spec "=" where the text is shown
	Constant Kind = "constant" // Text: None, True, False, ...
	Tuple    Kind = "tuple"
	List     Kind = "list"
	Set      Kind = "set"
	Dict     Kind = "dict"      // Args: key, value, key, value; a nil key is **
	Attr     Kind = "attribute" // Args[0], Text
	Index    Kind = "index"     // Args[0][Args[1]]
	Slice    Kind = "slice"     // Args: start, stop, step, each may be nil
	Call     Kind = "call"      // Args[0] is called with Args[1:] and Keywords
	Binary   Kind = "binary"    // Text is the operator
	Unary    Kind = "unary"     // Text: - + ~ not
	Bool     Kind = "bool"      // Text: and, or
	Compare  Kind = "compare"   // Args[0] Ops[0] Args[1] Ops[1] …
	IfElse   Kind = "ifelse"    // Args: condition, then, else
	Lambda   Kind = "lambda"    // Params, Args[0]
	Comp     Kind = "comprehension"
	Walrus   Kind = "walrus" // Args[0] := Args[1]
	Star     Kind = "star"   // *Args[0]; Text "**" in patterns
	Await    Kind = "await"
	Yield    Kind = "yield" // Text: yield, yield from
)

// The kinds of statements.
const (
	ExprStmt  Kind = "expression" // Value
	Assign    Kind = "assign"     // Targets = Value
	AugAssign Kind = "augassign"  // Targets[0] Op= Value
	AnnAssign Kind = "annassign"  // Targets[0]: Annotation = Value (may be nil)
	Import    Kind = "import"     // Names
	From      Kind = "from"       // Module, Names
	If        Kind = "if"         // Value, Body, Else
	While     Kind = "while"
	For       Kind = "for" // Targets[0] in Value
	Try       Kind = "try" // Body, Handlers in Else-like blocks
	With      Kind = "with"
	Def       Kind = "def" // Text, Params, Body
	Class     Kind = "class"
	Return    Kind = "return"
	Pass      Kind = "pass"
	Break     Kind = "break"
	Continue  Kind = "continue"
	Del       Kind = "del"
	Global    Kind = "global"
	Raise     Kind = "raise"
	Assert    Kind = "assert"
	Match     Kind = "match"
	TypeAlias Kind = "type"
	Bad       Kind = "bad" // Text is the reason
)

// Expr is an expression.
type Expr struct {
	Kind     Kind
	Line     int
	Text     string
	Spec     string
	Args     []*Expr
	Keywords []Keyword
	Ops      []string
	Params   []Param
	Loops    []Loop
}

// Keyword is an argument given by name; an empty name is **.
type Keyword struct {
	Name  string
	Value *Expr
}

// Param is a parameter of a function; Star is "", "*" or "**".
type Param struct {
	Name, Star string
	Default    *Expr
}

// Loop is a `for … in …` of a comprehension with its conditions.
type Loop struct {
	Target, Iter *Expr
	Ifs          []*Expr
}

// Alias is an imported name; As is what it is called.
type Alias struct{ Name, As string }

// Stmt is a statement. Line and End are its first and last lines, from 1.
type Stmt struct {
	Kind       Kind
	Line, End  int
	Text       string // the name of a Def or Class; the reason of Bad
	Op         string
	Module     string
	Names      []Alias
	Targets    []*Expr
	Value      *Expr
	Annotation *Expr
	Params     []Param
	Decorators []*Expr
	Body, Else []*Stmt
}

// Comment is a comment with a line; Alone reports that nothing else is on it.
type Comment struct {
	Line  int
	Text  string
	Alone bool
}

// File is what Parse reads.
type File struct {
	Stmts    []*Stmt
	Comments []Comment
	Lines    []string
}

// Source is the text of a statement as it stands in the file.
func (f *File) Source(s *Stmt) []string {
	from, to := max(s.Line-1, 0), min(s.End, len(f.Lines))
	if from >= to {
		return nil
	}
	return f.Lines[from:to]
}

// Walk calls f for e and every expression inside it, until f returns false.
func Walk(e *Expr, f func(*Expr) bool) {
	if e == nil || !f(e) {
		return
	}
	for _, a := range e.Args {
		Walk(a, f)
	}
	for _, k := range e.Keywords {
		Walk(k.Value, f)
	}
	for _, p := range e.Params {
		Walk(p.Default, f)
	}
	for _, l := range e.Loops {
		Walk(l.Target, f)
		Walk(l.Iter, f)
		for _, c := range l.Ifs {
			Walk(c, f)
		}
	}
}
