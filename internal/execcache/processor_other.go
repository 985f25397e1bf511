//go:build !linux && !darwin

package execcache

import "errors"

// processor isn't known on systems that run no XLA plugins.
func processor() (string, error) { return "", errors.New("the processor is unknown on this system") }
