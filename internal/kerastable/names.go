package kerastable

import "strings"

// goWords are the words of Keras's arguments that aren't just capitalised in Go.
var goWords = map[string]string{"dtype": "DType", "keepdims": "KeepDims", "rms": "RMS"}

// GoName is the name in Go of an argument or a function of Keras's: "kernel_initializer" is "KernelInitializer". A constructor argument's
// setter and the field of a layer's configuration that holds it have this name.
func GoName(name string) string {
	var b strings.Builder
	for _, word := range strings.Split(name, "_") {
		if special, ok := goWords[word]; ok {
			b.WriteString(special)
		} else if word != "" {
			b.WriteString(strings.ToUpper(word[:1]) + word[1:])
		}
	}
	return b.String()
}
