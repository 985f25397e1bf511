// Package setters writes the setters of package layers: for each argument of a Keras layer's constructor a method of the Go layer that
// sets it and returns the layer.
//
// What there is to set is read from two places: the table of package kerastable says which arguments a class has, in which order and with
// which defaults; the layer's configuration, a struct whose tags name Keras's arguments, says what an argument is in Go. The field's type
// decides the setter's form:
//
//	field                                      setter
//	bool, int, float64, string, any            F(v T)
//	*T                                         F(v T); nil is None
//	[N]int                                     F(v ...int), one value for all axes or one for each
//	[N]float64                                 F(v ...float64), N values
//	[]T, Shape                                 F(v ...T)
//	Initializer, Regularizer, Constraint       F(v any), a name or a value
//	activations.Name                           F(v string)
//	a string type with a method check          F(v string), in small letters, checked
//	a type with a method set                   F with the parameters of set
//	another type                               F(v T)
//
// An argument that the Go constructor takes has no setter, unless it may be left out there (it is variadic). A method that is written by
// hand stays. What Keras's layer says of itself, such as its class and the signature of its call, becomes a method, too.
//
// So a new layer needs its configuration and nothing else; docs.go has a sentence for every argument that Keras's layers have.
package setters
