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
	Registers = 32
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
	for _, s := range p.Steps {
		a := s.Arguments
		list = append(list, int64(s.Operation)|int64(s.To)<<8|int64(a[0])<<16|int64(a[1])<<24|int64(a[2])<<32|int64(s.Bits)<<32)
	}
	return list
}
