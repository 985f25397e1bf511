//go:build !(cgo && ((linux && (amd64 || arm64)) || (darwin && arm64)))

package execcache

import "github.com/gomlx/compute"

// Chain runs a program again and again. There is none in this build.
type Chain struct{}

// NewChain returns nil.
func NewChain(compute.Executable, []bool, []int) *Chain { return nil }

// Whole isn't called.
func (c *Chain) Whole() bool { return false }

// Has isn't called.
func (c *Chain) Has(int) bool { return false }

// Put isn't called.
func (c *Chain) Put(int, compute.Buffer) error { return nil }

// Lend isn't called.
func (c *Chain) Lend(int, compute.Buffer) error { return nil }

// Run isn't called.
func (c *Chain) Run() ([]compute.Buffer, error) { return nil, nil }

// Take isn't called.
func (c *Chain) Take(int) compute.Buffer { return nil }
