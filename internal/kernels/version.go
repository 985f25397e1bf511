package kernels

import (
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"io/fs"
	"sync"
)

//go:embed *.c *.h
var sources embed.FS

// Version changes whenever the kernels do: programs that were compiled to call others must not call these.
var Version = sync.OnceValue(func() string {
	h := sha256.New()
	_ = fs.WalkDir(sources, ".", func(name string, d fs.DirEntry, err error) error {
		if err == nil && !d.IsDir() {
			var text []byte
			if text, err = sources.ReadFile(name); err == nil {
				h.Write([]byte(name))
				h.Write(text)
			}
		}
		return err
	})
	return hex.EncodeToString(h.Sum(nil))
})
