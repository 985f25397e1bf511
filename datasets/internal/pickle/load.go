package pickle

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"math"
	"unicode/utf8"
)

// maxOperations bounds the work, and so the memory, that a file can ask for. A CIFAR batch of 10,000 images takes
// about 50,000 operations.
const maxOperations = 1 << 20

var errTruncated = errors.New("the pickle ends in the middle")

// Load returns the object that the pickle in data describes, of one of the types that List names.
//
// It reads protocols 2 to 5, as far as the package comment says. An error names the byte where reading stopped.
func Load(data []byte) (any, error) { return load(data, maxOperations, false) }

// LoadObjects is Load for a pickle that may hold arrays of Python objects, too, and that takes so many operations at most.
func LoadObjects(data []byte, operations int) (any, error) { return load(data, operations, true) }

func load(data []byte, operations int, objects bool) (any, error) {
	m := &machine{data: data, memo: map[uint32]any{}, objects: objects}
	for range operations {
		at := m.pos
		done, err := m.step()
		if err != nil {
			return nil, fmt.Errorf("pickle, byte %d: %w", at, err)
		}
		if done {
			v, err := m.pop()
			if err != nil {
				return nil, fmt.Errorf("pickle, byte %d: %w", at, err)
			}
			switch v.(type) {
			case global, *dtype:
				return nil, fmt.Errorf("pickle, byte %d: the object is %s, and data was expected", at, typeName(v))
			}
			return v, nil
		}
	}
	return nil, fmt.Errorf("pickle, byte %d: more than %d operations", m.pos, operations)
}

type machine struct {
	data  []byte
	pos   int
	stack []any
	marks int
	memo  map[uint32]any

	objects bool // arrays of objects are read
	encoded int  // bytes that _codecs.encode was asked to copy
}

// The operations' names are those of Python's pickletools.
func (m *machine) step() (done bool, err error) {
	op, err := m.uint(1)
	if err != nil {
		return false, err
	}
	switch op {
	case 0x80: // PROTO
		version, err := m.uint(1)
		if err != nil {
			return false, err
		}
		if version < 2 || version > 5 {
			return false, fmt.Errorf("protocol %d, and 2 to 5 were expected", version)
		}
		return false, nil
	case 0x95: // FRAME: a hint for buffering
		_, err := m.uint(8)
		return false, err
	case '.': // STOP
		return true, nil
	case '(': // MARK
		m.marks++
		m.push(mark{})
		return false, nil
	case 'N': // NONE
		m.push(nil)
		return false, nil
	case 0x88, 0x89: // NEWTRUE, NEWFALSE
		m.push(op == 0x88)
		return false, nil
	case 'K', 'M', 'J', 0x8a, 'G':
		return false, m.number(byte(op))
	case 'U', 'T', 'C', 'B', 0x8e, 0x96, 0x8c, 'X', 0x8d:
		return false, m.str(byte(op))
	case ']': // EMPTY_LIST
		m.push(&List{})
		return false, nil
	case '}': // EMPTY_DICT
		m.push(&Dict{Items: map[string]any{}})
		return false, nil
	case ')', 't', 0x85, 0x86, 0x87:
		return false, m.tuple(byte(op))
	case 'a', 'e', 's', 'u':
		return false, m.fill(byte(op))
	case 'q', 'r', 0x94, 'h', 'j':
		return false, m.remember(byte(op))
	case 'c', 0x93, 'R', 'b':
		return false, m.object(byte(op))
	}
	return false, fmt.Errorf("operation 0x%02x has no place in a file of data", op)
}

// number reads BININT1, BININT2, BININT, LONG1 and BINFLOAT.
func (m *machine) number(op byte) error {
	switch op {
	case 'K', 'M', 'J':
		v, err := m.uint(map[byte]int{'K': 1, 'M': 2, 'J': 4}[op])
		if err != nil {
			return err
		}
		if op == 'J' {
			m.push(int64(int32(v)))
		} else {
			m.push(int64(v))
		}
	case 0x8a:
		n, err := m.uint(1)
		if err != nil {
			return err
		}
		if n > 8 {
			return fmt.Errorf("an integer of %d bytes, and 8 are the most expected", n)
		}
		v, err := m.uint(int(n))
		if err != nil {
			return err
		}
		shift := 64 - 8*n // an integer of no bytes shifts to 0, as Python has it
		m.push(int64(v<<shift) >> shift)
	case 'G':
		b, err := m.take(8)
		if err != nil {
			return err
		}
		m.push(math.Float64frombits(binary.BigEndian.Uint64(b)))
	}
	return nil
}

// str reads the strings: (SHORT_)BINSTRING, (SHORT_)BINBYTES(8), BYTEARRAY8 and (SHORT_)BINUNICODE(8).
func (m *machine) str(op byte) error {
	width := 1
	switch op {
	case 'T', 'B', 'X':
		width = 4
	case 0x8e, 0x96, 0x8d:
		width = 8
	}
	n, err := m.uint(width)
	if err != nil {
		return err
	}
	b, err := m.take(n)
	if err != nil {
		return err
	}
	switch op {
	case 0x8c, 'X', 0x8d:
		if !utf8.Valid(b) {
			return errors.New("a text is not UTF-8")
		}
		m.push(string(b))
	default:
		m.push(Bytes(b))
	}
	return nil
}

// tuple reads EMPTY_TUPLE, TUPLE and TUPLE1 to TUPLE3.
func (m *machine) tuple(op byte) error {
	var items []any
	var err error
	switch op {
	case 't':
		items, err = m.popMark()
	case 0x85, 0x86, 0x87:
		items, err = m.popN(int(op) - 0x84)
	}
	if err != nil {
		return err
	}
	m.push(Tuple(items))
	return nil
}

// fill reads APPEND, APPENDS, SETITEM and SETITEMS.
func (m *machine) fill(op byte) error {
	var items []any
	var err error
	switch op {
	case 'a':
		items, err = m.popN(1)
	case 's':
		items, err = m.popN(2)
	default:
		items, err = m.popMark()
	}
	if err != nil {
		return err
	}
	if len(m.stack) == 0 {
		return errors.New("the stack is empty")
	}
	switch target := m.stack[len(m.stack)-1].(type) {
	case *List:
		if op == 'a' || op == 'e' {
			target.Items = append(target.Items, items...)
			return nil
		}
	case *Dict:
		if op == 's' || op == 'u' {
			if len(items)%2 != 0 {
				return errors.New("a dictionary has a key without a value")
			}
			for i := 0; i < len(items); i += 2 {
				key, ok := text(items[i])
				if !ok {
					return fmt.Errorf("a dictionary has %s as key, and a short string was expected", typeName(items[i]))
				}
				target.Items[key] = items[i+1]
			}
			return nil
		}
	}
	return fmt.Errorf("operation 0x%02x on %s", op, typeName(m.stack[len(m.stack)-1]))
}

// remember reads BINPUT, LONG_BINPUT, MEMOIZE, BINGET and LONG_BINGET.
func (m *machine) remember(op byte) error {
	key := uint64(len(m.memo))
	var err error
	switch op {
	case 'q', 'h':
		key, err = m.uint(1)
	case 'r', 'j':
		key, err = m.uint(4)
	}
	if err != nil {
		return err
	}
	if op == 'h' || op == 'j' {
		v, ok := m.memo[uint32(key)]
		if !ok {
			return fmt.Errorf("object %d is used before it is there", key)
		}
		m.push(v)
		return nil
	}
	v, err := m.pop()
	if err != nil {
		return err
	}
	m.push(v)
	m.memo[uint32(key)] = v
	return nil
}

// object reads GLOBAL, STACK_GLOBAL, REDUCE and BUILD.
func (m *machine) object(op byte) error {
	switch op {
	case 'c':
		module, err := m.line()
		if err != nil {
			return err
		}
		name, err := m.line()
		if err != nil {
			return err
		}
		return m.global(module, name)
	case 0x93:
		names, err := m.popN(2)
		if err != nil {
			return err
		}
		module, ok1 := text(names[0])
		name, ok2 := text(names[1])
		if !ok1 || !ok2 {
			return errors.New("the name of a class is not a short string")
		}
		return m.global(module, name)
	}
	operands, err := m.popN(2)
	if err != nil {
		return err
	}
	if op == 'b' {
		if err := m.build(operands[0], operands[1]); err != nil {
			return err
		}
		m.push(operands[0])
		return nil
	}
	f, ok1 := operands[0].(global)
	args, ok2 := operands[1].(Tuple)
	if !ok1 || !ok2 {
		return fmt.Errorf("%s is called with %s", typeName(operands[0]), typeName(operands[1]))
	}
	v, err := m.call(f, args)
	if err != nil {
		return err
	}
	m.push(v)
	return nil
}

func (m *machine) global(module, name string) error {
	g, ok := globals[[2]string{module, name}]
	if !ok {
		return fmt.Errorf("the file asks for %q of %q: only NumPy arrays of bytes are read, and nothing is executed", name, module)
	}
	m.push(g)
	return nil
}

func (m *machine) push(v any) { m.stack = append(m.stack, v) }

func (m *machine) pop() (any, error) {
	items, err := m.popN(1)
	if err != nil {
		return nil, err
	}
	return items[0], nil
}

// popN takes n values, none of which may be a mark.
func (m *machine) popN(n int) ([]any, error) {
	if len(m.stack) < n {
		return nil, errors.New("the stack is empty")
	}
	items := make([]any, n)
	copy(items, m.stack[len(m.stack)-n:])
	for _, v := range items {
		if _, isMark := v.(mark); isMark {
			return nil, errors.New("a mark is in the place of a value")
		}
	}
	m.stack = m.stack[:len(m.stack)-n]
	return items, nil
}

// popMark takes all values above the topmost mark, and the mark.
func (m *machine) popMark() ([]any, error) {
	if m.marks == 0 {
		return nil, errors.New("there is no mark")
	}
	for i := len(m.stack) - 1; i >= 0; i-- {
		if _, isMark := m.stack[i].(mark); !isMark {
			continue
		}
		items := make([]any, len(m.stack)-i-1)
		copy(items, m.stack[i+1:])
		m.stack = m.stack[:i]
		m.marks--
		return items, nil
	}
	return nil, errors.New("there is no mark")
}

// take returns the next n bytes without copying them.
func (m *machine) take(n uint64) ([]byte, error) {
	if n > uint64(len(m.data)-m.pos) {
		return nil, fmt.Errorf("%w: %d bytes wanted, %d left", errTruncated, n, len(m.data)-m.pos)
	}
	b := m.data[m.pos : m.pos+int(n) : m.pos+int(n)]
	m.pos += int(n)
	return b, nil
}

// uint reads a little-endian unsigned integer of width bytes, 8 at most.
func (m *machine) uint(width int) (uint64, error) {
	b, err := m.take(uint64(width))
	if err != nil {
		return 0, err
	}
	var v uint64
	for i, x := range b {
		v |= uint64(x) << (8 * i)
	}
	return v, nil
}

// line reads up to a newline, as module and class names are written.
func (m *machine) line() (string, error) {
	const longest = 256
	rest := m.data[m.pos:]
	if len(rest) > longest {
		rest = rest[:longest]
	}
	end := bytes.IndexByte(rest, '\n')
	if end < 0 {
		return "", errTruncated
	}
	m.pos += end + 1
	return string(rest[:end]), nil
}
