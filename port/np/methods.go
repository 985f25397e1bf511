package np

// Sum is the function [Sum] (NumPy: a.sum).
func (a *Array) Sum(opts ...any) *Array { return Sum(a, opts...) }

// Prod is the function [Prod].
func (a *Array) Prod(opts ...any) *Array { return Prod(a, opts...) }

// Mean is the function [Mean].
func (a *Array) Mean(opts ...any) *Array { return Mean(a, opts...) }

// Std is the function [Std].
func (a *Array) Std(opts ...any) *Array { return Std(a, opts...) }

// Var is the function [Var].
func (a *Array) Var(opts ...any) *Array { return Var(a, opts...) }

// Max is the function [Max].
func (a *Array) Max(opts ...any) *Array { return Max(a, opts...) }

// Min is the function [Min].
func (a *Array) Min(opts ...any) *Array { return Min(a, opts...) }

// Argmax is the function [Argmax].
func (a *Array) Argmax(opts ...any) *Array { return Argmax(a, opts...) }

// Argmin is the function [Argmin].
func (a *Array) Argmin(opts ...any) *Array { return Argmin(a, opts...) }

// Argsort is the function [Argsort].
func (a *Array) Argsort(axis ...int) *Array { return Argsort(a, axis...) }

// Any is the function [Any].
func (a *Array) Any(opts ...any) *Array { return Any(a, opts...) }

// AllOf is the function [AllOf] (NumPy: a.all).
func (a *Array) AllOf(opts ...any) *Array { return AllOf(a, opts...) }

// Cumsum is the function [Cumsum].
func (a *Array) Cumsum(axis ...int) *Array { return Cumsum(a, axis...) }

// Round is the function [Round].
func (a *Array) Round(decimals ...int) *Array { return Round(a, decimals...) }

// Clip is the function [Clip].
func (a *Array) Clip(lo, hi any) *Array { return Clip(a, lo, hi) }

// Flatten returns a copy of the elements on one axis (NumPy: a.flatten).
func (a *Array) Flatten() *Array { return Ravel(a.Copy()) }

// Ravel is the function [Ravel].
func (a *Array) Ravel() *Array { return Ravel(a) }

// Squeeze is the function [Squeeze].
func (a *Array) Squeeze(axes ...int) *Array { return Squeeze(a, axes...) }

// Transpose is the function [Transpose].
func (a *Array) Transpose(axes ...int) *Array { return Transpose(a, axes...) }

// SwapAxes is the function [SwapAxes].
func (a *Array) SwapAxes(p, q int) *Array { return SwapAxes(a, p, q) }

// Repeat is the function [Repeat].
func (a *Array) Repeat(repeats any, axis ...int) *Array { return Repeat(a, repeats, axis...) }

// Dot is the function [Dot].
func (a *Array) Dot(b any) *Array { return Dot(a, b) }

// Nonzero is the function [Nonzero].
func (a *Array) Nonzero() []*Array { return Nonzero(a) }

// Take is the function [Take].
func (a *Array) Take(indices any, axis ...int) *Array { return Take(a, indices, axis...) }
