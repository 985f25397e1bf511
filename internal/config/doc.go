// Package config turns Go values into Keras's JSON configuration and back.
//
// A type that Keras serialises implements [Object]: it names its Keras class
// and hands out a pointer to a struct whose field tags give Keras's keys and
// defaults, written once:
//
//	type dropoutConfig struct {
//		Rate       float64 `keras:"rate"`
//		Seed       *int    `keras:"seed"`
//		NoiseShape []int   `keras:"noise_shape"`
//	}
//
// The tag `default:"…"` holds the default as JSON (`default:"0.99"`,
// `default:"[1,1]"`, `default:"\"same\""`; quotes may be left out for strings
// and for the names of objects: `default:"glorot_uniform"`). Without it the
// zero value is the default. Embedded structs are flattened, and the tag of one
// may give defaults to its keys (`default:"name=adam,learning_rate=0.001"`). A nil pointer,
// slice or interface is JSON's null. A field whose type implements [Codec]
// encodes itself. The option ",omitempty" leaves a key out while its field is
// zero; a blank field (`_ any`) writes its key as null where no other field wrote it,
// or with ",unsaved" takes out what a field before it wrote.
//
// A [Catalogue] lists the classes of one kind (initializers, losses, …) and
// resolves what a user or a file gives (a name, a value, a decoded JSON
// object) to a value; a misspelt name is answered with the right ones.
package config
