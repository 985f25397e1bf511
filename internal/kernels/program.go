package kernels

import "math"

// Operation is what a step of a [Program] does. The constants are those of elementwise.h.
type Operation int64

// A constant's value is its argument. Operations that begin with Int are of int32, those from And to Not of bools, the others of float32.
const (
	Constant Operation = iota
	Add
	Subtract
	Multiply
	Divide
	Maximum
	Minimum
	Negate
	Abs
	Sqrt
	Rsqrt
	Exponential
	Log
	Logistic
	Tanh
	Erf
	Equal
	NotEqual
	Less
	LessOrEqual
	Greater
	GreaterOrEqual
	IntAdd
	IntSubtract
	IntMultiply
	IntMaximum
	IntMinimum
	IntNegate
	IntEqual
	IntNotEqual
	IntLess
	IntLessOrEqual
	IntGreater
	IntGreaterOrEqual
	And
	Or
	Xor
	Not
	Select // the second argument where the first is true, else the third
	FloatOfInt
	FloatOfBool
	IntOfBool
)

// What a [Program] may have at most.
const (
	Registers = 64
	Arrays    = 24 // operands, and results
)

// Program is what [Elementwise] does for each value: the first registers hold the operands' values, steps compute others, some of which are the results.
type Program struct {
	Operands []Repeated
	Results  []int // registers
	Steps    []Step
}

// Repeated tells which value of an operand belongs to value i of the results: the one of number i / Run % Period, Period being how many it has.
type Repeated struct{ Run, Period int }

// Step writes what an operation makes of registers into one.
type Step struct {
	Operation Operation
	To        int
	Arguments [3]int // registers; those that the operation doesn't have are 0
	Bits      uint32 // of a constant
}

// FloatBits are a float32 constant's.
func FloatBits(f float64) uint32 { return math.Float32bits(float32(f)) }

// values are the program's numbers in the order in which the kernel reads them.
func (p Program) values() []int64 {
	var list []int64
	for _, o := range p.Operands {
		list = append(list, int64(o.Run), int64(o.Period))
	}
	for _, r := range p.Results {
		list = append(list, int64(r))
	}
	return append(list, stepValues(p.Steps)...)
}

func stepValues(steps []Step) []int64 {
	list := make([]int64, len(steps))
	for i, s := range steps {
		a := s.Arguments
		list[i] = int64(s.Operation) | int64(s.To)<<8 | int64(a[0])<<16 | int64(a[1])<<24 | int64(a[2])<<32 | int64(s.Bits)<<32
	}
	return list
}

// What a [RowProgram] may have at most.
const (
	Stages = 8
	Slots  = 8
)

// RowProgram is what [Rows] does with the values of rows: stages of steps, between them sums and extremes of each row, on which later ones go on. Operands have the first
// registers; those of one value for each row, or for all, are numbers of the row, and so are constants and what reductions give.
type RowProgram struct {
	Rows, Columns int
	Operands      []Repeated
	Results       []int // registers of a number of the row, Wide for those of its values
	Slots         int   // for values that wait for a later stage
	Constants     []Step
	Stages        []Stage
}

// Wide stands for a result that stages store.
const Wide = -1

// Stage does its first steps on numbers of the row, the others on its values. It loads operands, or slots, which are counted behind operands, into the registers of
// their numbers, and in the end stores and reduces registers.
type Stage struct {
	RowSteps   []Step
	Loads      []int
	Steps      []Step
	Stores     []Store
	Reductions []Reduction
}

// Store puts a register where a result of that number is, or a slot, which are counted behind results.
type Store struct{ From, To int }

// Reduction makes a number of the row of its values.
type Reduction struct {
	Kind     ReductionKind
	From, To int // registers
}

// ReductionKind is what a [Reduction] makes. The constants are those of rows.h.
type ReductionKind int

// NaN is the largest, and the smallest.
const (
	Total ReductionKind = iota
	Largest
	Smallest
	PlaceOfLargest // an int32, of the first one
)

// values are the program's numbers in the order in which the kernel reads them.
func (p RowProgram) values() []int64 {
	list := []int64{int64(p.Rows), int64(p.Columns), int64(p.Slots), int64(len(p.Constants)), int64(len(p.Stages))}
	for _, o := range p.Operands {
		list = append(list, int64(o.Run), int64(o.Period))
	}
	for _, r := range p.Results {
		list = append(list, int64(r))
	}
	for _, c := range p.Constants {
		list = append(list, int64(c.To)|int64(c.Bits)<<32)
	}
	for _, s := range p.Stages {
		for _, n := range []int{len(s.RowSteps), len(s.Loads), len(s.Steps), len(s.Stores), len(s.Reductions)} {
			list = append(list, int64(n))
		}
		list = append(list, stepValues(s.RowSteps)...)
		for _, l := range s.Loads {
			list = append(list, int64(l))
		}
		list = append(list, stepValues(s.Steps)...)
		for _, st := range s.Stores {
			list = append(list, int64(st.From)|int64(st.To)<<16)
		}
		for _, r := range s.Reductions {
			list = append(list, int64(r.From)|int64(r.Kind)<<16|int64(r.To)<<32)
		}
	}
	return list
}
