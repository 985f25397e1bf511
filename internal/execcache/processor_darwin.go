package execcache

import "syscall"

// processor describes the processor's model, which has the same features everywhere.
func processor() (string, error) { return syscall.Sysctl("machdep.cpu.brand_string") }
