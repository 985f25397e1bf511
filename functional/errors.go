package functional

import (
	"github.com/gokeras/gokeras/internal/config"
	"github.com/gokeras/gokeras/internal/data"
)

// What errors of this package are, for errors.Is: a server tells by them the mistakes of its callers from its own. Errors of a context that ended are
// context.Canceled or context.DeadlineExceeded; of files that aren't there, fs.ErrNotExist.
var (
	// ErrData: the samples, targets or weights don't fit the model: their shapes, types, number, names or labels.
	ErrData = data.ErrBad
	// ErrUnknown: there is no layer, loss, metric, optimizer … of that name. The text has the nearest ones.
	ErrUnknown = config.ErrUnknown
)
