// Package backend decides which engine runs gokeras's graphs: an XLA plugin (CUDA
// or CPU) or GoMLX's pure-Go engine. It also fetches the XLA CPU plugin once when
// the machine has none.
//
// Most programs never import it: [Default] is called by the first operation that
// needs an engine, and the choice holds for the whole process. Programs that want
// a particular engine set the environment, or call [SetDefault] before anything
// else.
//
// # How the engine is chosen
//
// [Default] (and [Resolve] underneath) takes the first of these that works:
//
//  1. GOKERAS_BACKEND, then GOMLX_BACKEND, when set. The engine asked for is used or
//     an error is returned, never another one.
//  2. An installed XLA CUDA plugin, when the machine has an NVIDIA GPU.
//  3. An installed XLA CPU plugin.
//  4. The XLA CPU plugin, fetched once into go-xla's own plugin folder
//     ([PluginDir]), where every GoMLX program finds it.
//  5. GoMLX's pure-Go engine, which needs nothing, not even cgo.
//
// When the result isn't the fastest that the machine could have, one line on
// standard error says what was chosen and why; when it is, nothing is printed.
//
// # Environment
//
//   - GOKERAS_BACKEND: "xla:cuda", "xla:cpu", "xla:/abs/plugin.so", "xla" (the
//     best XLA plugin) or "go". go-xla's options follow after a comma, as in
//     "xla:cuda,tf32=false". Anything else is an error that lists the right values.
//   - GOMLX_BACKEND: the same, read when GOKERAS_BACKEND is empty.
//   - GOKERAS_OFFLINE: set to 1, it forbids fetching the plugin.
//   - GOMLX_NO_AUTO_INSTALL: when set, it forbids fetching by itself too, as it does in
//     GoMLX; an explicit [Install] still works.
//   - PJRT_PLUGIN_LIBRARY_PATH: folders to search for plugins instead of the
//     usual ones, separated by colons; [PluginDir] is always searched last.
//   - GOKERAS_CACHE: the folder in which programs compiled by XLA's CPU plugin are kept for the next start;
//     "off" keeps none.
//
// # Fetching the plugin
//
// The CPU plugin comes from go-xla's own release or, where that cannot be reached, from
// a Python wheel whose SHA-256 is compiled into this package. It is unpacked aside,
// checked (format, entry point, the C library it needs) and renamed into place, under a
// lock that processes share: there is never a half-written plugin. A fetch that fails
// costs seconds, and is not tried again by itself for an hour; "gokeras backend
// install" or [Install] tries at once.
//
// # Memory and devices
//
// XLA's CPU plugin computes in the host's memory, so tensors on it are shared buffers: a tensor is
// copied once, into memory that the plugin can address, and never again for a run; what is written into a
// shared buffer directly isn't copied at all. Shared buffers can't be donated to a run. The CPU plugin may
// show several devices; gokeras uses the first.
//
// # Build
//
// XLA needs cgo on Linux (amd64, arm64) or macOS (arm64). Anywhere else, and with
// CGO_ENABLED=0, the package builds and uses the pure-Go engine.
package backend
