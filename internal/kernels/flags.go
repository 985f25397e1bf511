package kernels

import (
	"os"
	"strings"
)

// PassNaNOn has XLA for the CPU compute maxima and minima as Keras's backends do, NaN of anything and NaN; by itself it leaves out a NaN that comes second. A plugin
// reads the flag in the environment when it is opened first. The variable may also name a file of flags, which is left alone.
func PassNaNOn() {
	const variable, flag = "XLA_FLAGS", "--xla_cpu_enable_fast_min_max"
	if flags := strings.TrimSpace(os.Getenv(variable)); !strings.Contains(flags, flag) && (flags == "" || strings.HasPrefix(flags, "-")) {
		os.Setenv(variable, strings.TrimSpace(flags+" "+flag+"=false"))
	}
}
