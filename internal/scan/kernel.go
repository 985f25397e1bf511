package scan

type kernel struct{}

func (l Loop) takesKernel() bool { return false }
