package kerasops

import (
	"fmt"
	"strings"
)

// ShapeText writes a shape as Python does: "(None, 3)".
func ShapeText(shape []int) string {
	parts := make([]string, len(shape))
	for i, d := range shape {
		parts[i] = "None"
		if d != None {
			parts[i] = fmt.Sprint(d)
		}
	}
	if len(shape) == 1 {
		return "(" + parts[0] + ",)"
	}
	return "(" + strings.Join(parts, ", ") + ")"
}
