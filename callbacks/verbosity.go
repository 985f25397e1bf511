package callbacks

// Verbosity says how much is shown. It is no number, so that Keras's verbose=0 can't be written for what isn't silent here. The zero value is
// the default: a bar for Fit, Evaluate and Predict (Keras: verbose="auto"), nothing for a callback.
type Verbosity string

// The verbosities of Keras's verbose argument.
const (
	Silent Verbosity = "silent" // nothing (Keras: verbose=0)
	Bar    Verbosity = "bar"    // a progress bar; a callback's messages (Keras: verbose=1)
	Lines  Verbosity = "lines"  // one line an epoch; a callback's messages (Keras: verbose=2)
)

// messages reports whether a callback prints what it decides.
func (v Verbosity) messages() bool { return v == Bar || v == Lines }

// known reports whether v is one of the verbosities.
func (v Verbosity) known() bool { return v == "" || v == Silent || v.messages() }
