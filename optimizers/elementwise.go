package optimizers

// elementwise is implemented by rules whose Update changes each element by what stands at the same place in the gradient and in the slots, whatever the weight's shape and name.
type elementwise interface {
	Elementwise() bool
}

// Beside returns, for each weight, the positions in o.Variables(trainable) of the variables that a step of o goes through with it, element by element. Such a step may
// be taken on many weights as one, as a Variable of one axis. It returns nil if a step looks at more than elements, or isn't known not to: only a [Rule] says so, by a
// method Elementwise() bool that returns true.
func Beside(o Optimizer, trainable []Variable) [][]int {
	b, ok := o.(interface {
		beside(trainable []Variable) (self Rule, at [][]int)
	})
	if !ok {
		return nil
	}
	self, at := b.beside(trainable)
	if any(self) != any(o) { // o has a rule's methods by embedding it, and may do something of its own
		return nil
	}
	return at
}

func (b *Base[S]) beside(trainable []Variable) (self Rule, at [][]int) {
	rule, ok := any(b.self).(elementwise)
	if !ok || !rule.Elementwise() || isPositive(b.args.Clipnorm) || len(b.exclude) > 0 {
		return b.self, nil
	}
	p := b.plan(trainable)
	at = make([][]int, len(trainable))
	for i := range at {
		for _, of := range [][]int{p.averages, p.accumulators} {
			if of != nil {
				at[i] = append(at[i], of[i])
			}
		}
		at[i] = append(at[i], p.slots[i]...)
	}
	return b.self, at
}
