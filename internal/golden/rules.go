package golden

import "math"

// Bits is the hash that rules.py calls bits: the i-th integer of a stream.
func Bits(stream, i int) uint32 {
	h := uint32(i) + 0x9E3779B9*uint32(stream+1)
	h ^= h >> 16
	h *= 0x85EBCA6B
	h ^= h >> 13
	h *= 0xC2B2AE35
	return h ^ h>>16
}

func signed(stream, i int) float64 { return float64(Bits(stream, i)>>8)/(1<<23) - 1 }

// RuleWeight is the value that README.md's rule gives the k-th weight of a model, row-major.
func RuleWeight(k int, name string, shape ...int) Array {
	a := empty(shape)
	scale, offset := 1.0/8, 0.0
	switch {
	case len(shape) > 1:
		fans := shape[len(shape)-2] + shape[len(shape)-1]
		for _, d := range shape[:len(shape)-2] {
			fans *= d
		}
		scale = math.Sqrt(6 / float64(fans))
	case name == "gamma" || name == "moving_variance":
		scale, offset = 1.0/4, 1
	}
	for i := range a.Data {
		// Each product is rounded alone, or exact: a fused multiply-add changes nothing.
		a.Data[i] = Value(float32(signed(k, i)*scale + offset))
	}
	return a
}

// RuleInput is the value that README.md's rule gives the j-th input of a model.
func RuleInput(j int, shape ...int) Array {
	a := empty(shape)
	for i := range a.Data {
		a.Data[i] = Value(float32(signed(1000+j, i)))
	}
	return a
}

// RuleLabels are count labels of so many classes.
func RuleLabels(count, classes int) []int32 {
	labels := make([]int32, count)
	for i := range labels {
		labels[i] = int32(Bits(2000, i) % uint32(classes))
	}
	return labels
}

// RuleImages are images (len(labels), height, width, channels), scaled to [0, 1] in float32.
func RuleImages(labels []int32, height, width, channels int) Array {
	a := empty([]int{len(labels), height, width, channels})
	i := 0
	for _, label := range labels {
		for row := range height {
			for column := range width {
				quadrant := 0
				if row >= height/2 {
					quadrant += 2
				}
				if column >= width/2 {
					quadrant++
				}
				for channel := range channels {
					pixel := int(Bits(3000, i)>>25) + 12*(((quadrant+1)*int(label)+3*channel)%10)
					a.Data[i] = Value(float32(pixel) / 255)
					i++
				}
			}
		}
	}
	return a
}

func empty(shape []int) Array {
	size := 1
	for _, d := range shape {
		size *= d
	}
	return Array{Shape: shape, DType: "float32", Data: make([]Value, size)}
}

// RuleKernel is a kernel of which each output sums so many terms: uniform values that keep the size of what goes through.
func RuleKernel(k, terms int, shape ...int) Array {
	a := empty(shape)
	scale := math.Sqrt(6 / float64(terms))
	for i := range a.Data {
		a.Data[i] = Value(float32(signed(k, i) * scale))
	}
	return a
}

// RuleSigned are numbers from -1 to 1 of a stream of their own.
func RuleSigned(stream int, shape ...int) Array {
	a := empty(shape)
	for i := range a.Data {
		a.Data[i] = Value(float32(signed(stream, i)))
	}
	return a
}
