//go:build cgo && ((linux && (amd64 || arm64)) || (darwin && arm64))

package execcache

import (
	"errors"
	"fmt"
	"io/fs"

	"github.com/gomlx/compute"
	"github.com/gomlx/go-xla/compute/xla"
	"k8s.io/klog/v2"

	"github.com/gokeras/gokeras/internal/notice"
)

// supported says why this program can't cache, or nil.
func supported() error { return goxlaLayout() }

// Compile compiles what b holds, or loads it from the folder if it was compiled before: on this machine, with the same plugin, options and
// extra. extra names the versions of what the program calls outside of XLA, such as custom kernels.
//
// Programs for more than one device, for plugins other than the CPU's, and builders that aren't go-xla's are compiled always. What goes
// wrong with the cache shows in klog's log at level 1 only.
func Compile(b compute.Builder, extra string) (compute.Executable, error) {
	e, _, err := compile(b, extra)
	return e, err
}

// compile is [Compile], and tells whether the program was in the cache.
func compile(b compute.Builder, extra string) (e compute.Executable, cached bool, err error) {
	builder, ok := b.(*xla.Builder)
	if !ok {
		e, err = b.Compile()
		return e, false, err
	}
	if err := supported(); err != nil {
		notice.Once("compiled programs aren't kept for the next start: " + err.Error())
	}
	var cache *Cache
	var p *program
	var loaded compute.Executable
	attempt(builder.Name(), "loading", func() (err error) {
		if cache, err = Open(); err != nil {
			return err
		}
		if p, err = describeProgram(builder, extra); err != nil {
			return err
		}
		bytes, err := cache.load(p.key)
		if err != nil {
			return err
		}
		loaded, err = p.load(bytes)
		return err
	})
	if loaded != nil {
		klog.V(1).Infof("gokeras: the compiled program of %s was in %s", builder.Name(), cache.dir)
		return loaded, true, nil
	}
	compiled, err := b.Compile()
	if err == nil && p != nil {
		attempt(builder.Name(), "keeping", func() error {
			bytes, err := p.serialize(compiled)
			if err != nil {
				return err
			}
			return cache.store(p.key, bytes)
		})
	}
	return compiled, false, err
}

// attempt does what the program can do without.
func attempt(name, what string, do func() error) {
	err := func() (err error) {
		// reflect panics where go-xla isn't as expected.
		defer func() {
			if r := recover(); r != nil {
				err = fmt.Errorf("%v", r)
			}
		}()
		return do()
	}()
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		klog.V(1).Infof("gokeras: %s the compiled program of %s: %v", what, name, err)
	}
}
