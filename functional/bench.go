package functional

import "github.com/gokeras/gokeras/internal/training"

// Session is the model's training session, for measurements and tests of this module; its type is of no use elsewhere.
func (m *Model) Session() *training.Session { return m.session() }
