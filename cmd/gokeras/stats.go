package main

import (
	"fmt"
	"math"
	"slices"

	"github.com/gomlx/compute/dtypes/bfloat16"
	"github.com/gomlx/compute/dtypes/float16"
	"github.com/gomlx/gomlx/core/tensors"
)

// Statistics describe the elements of an array. Those of the finite ones are NaN when there are none.
type Statistics struct {
	Min   number `json:"min"`
	Max   number `json:"max"`
	Mean  number `json:"mean"`
	Std   number `json:"std"` // of the elements as a population
	Zeros int    `json:"zeros"`
	NaNs  int    `json:"nans"`
	Infs  int    `json:"infs"`
}

// statisticsOf computes the statistics of t.
func statisticsOf(t *tensors.Tensor) (Statistics, error) {
	s := Statistics{Min: number(math.NaN()), Max: number(math.NaN()), Mean: number(math.NaN()), Std: number(math.NaN())}
	finite, sum := 0, 0.0
	low, high := math.Inf(1), math.Inf(-1)
	err := eachChunk(t, func(values []float64) {
		for _, v := range values {
			switch {
			case math.IsNaN(v):
				s.NaNs++
				continue
			case math.IsInf(v, 0):
				s.Infs++
				continue
			case v == 0:
				s.Zeros++
			}
			finite++
			sum += v
			low, high = min(low, v), max(high, v)
		}
	})
	if err != nil || finite == 0 {
		return s, err
	}
	mean, squares := sum/float64(finite), 0.0
	err = eachChunk(t, func(values []float64) {
		for _, v := range values {
			if !math.IsNaN(v) && !math.IsInf(v, 0) {
				squares += (v - mean) * (v - mean)
			}
		}
	})
	s.Min, s.Max, s.Mean, s.Std = number(low), number(high), number(mean), number(math.Sqrt(squares/float64(finite)))
	return s, err
}

// eachChunk visits the elements in order, a few thousand at once, as float64.
func eachChunk(t *tensors.Tensor, visit func([]float64)) error {
	if t.Shape().IsZeroSize() {
		return nil
	}
	var inner error
	err := t.ConstFlatData(func(flat any) {
		switch flat := flat.(type) {
		case []float32:
			chunks(flat, func(v float32) float64 { return float64(v) }, visit)
		case []float64:
			chunks(flat, func(v float64) float64 { return v }, visit)
		case []float16.Float16:
			chunks(flat, func(v float16.Float16) float64 { return float64(v.Float32()) }, visit)
		case []bfloat16.BFloat16:
			chunks(flat, func(v bfloat16.BFloat16) float64 { return float64(v.Float32()) }, visit)
		case []int8:
			chunks(flat, func(v int8) float64 { return float64(v) }, visit)
		case []int16:
			chunks(flat, func(v int16) float64 { return float64(v) }, visit)
		case []int32:
			chunks(flat, func(v int32) float64 { return float64(v) }, visit)
		case []int64:
			chunks(flat, func(v int64) float64 { return float64(v) }, visit)
		case []uint8:
			chunks(flat, func(v uint8) float64 { return float64(v) }, visit)
		case []uint16:
			chunks(flat, func(v uint16) float64 { return float64(v) }, visit)
		case []uint32:
			chunks(flat, func(v uint32) float64 { return float64(v) }, visit)
		case []uint64:
			chunks(flat, func(v uint64) float64 { return float64(v) }, visit)
		case []bool:
			chunks(flat, func(v bool) float64 {
				if v {
					return 1
				}
				return 0
			}, visit)
		default:
			inner = fmt.Errorf("elements of type %s have no statistics", dtypeName(t.DType()))
		}
	})
	if err != nil {
		return err
	}
	return inner
}

func chunks[T any](flat []T, convert func(T) float64, visit func([]float64)) {
	const size = 4096
	buf := make([]float64, 0, min(size, len(flat)))
	for part := range slices.Chunk(flat, size) {
		buf = buf[:0]
		for _, v := range part {
			buf = append(buf, convert(v))
		}
		visit(buf)
	}
}
