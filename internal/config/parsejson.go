package config

import (
	"encoding/json"
	"strconv"
	"strings"

	"github.com/gokeras/gokeras/internal/nest"
)

// ParseJSON reads a value of JSON in which numbers without a point are ints, as they are in Python.
func ParseJSON(text string) (any, error) {
	decoder := json.NewDecoder(strings.NewReader(text))
	decoder.UseNumber()
	var v any
	if err := decoder.Decode(&v); err != nil {
		return nil, err
	}
	return nest.Map(v, func(leaf any) (any, error) {
		number, isNumber := leaf.(json.Number)
		if !isNumber {
			return leaf, nil
		}
		if whole, err := strconv.Atoi(number.String()); err == nil {
			return whole, nil
		}
		return number.Float64()
	})
}
