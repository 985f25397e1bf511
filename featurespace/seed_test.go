package featurespace

import "github.com/gokeras/gokeras/symbolic"

// Each run of the tests draws the same random numbers.
func init() { symbolic.SetRandomSeed(1) }
