package backend

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"

	"github.com/gomlx/go-xla/installer"
)

// cudaPlatform is the only platform for which there is a CUDA plugin to install.
const cudaPlatform = "linux/amd64"

// InstallCUDA makes sure that the XLA CUDA plugin and NVIDIA's libraries (some gigabytes) are in the
// plugin folder, with go-xla's installer, and returns the plugin's absolute path. The installer prints its
// progress on standard output and can't be interrupted: when ctx ends, InstallCUDA returns
// and the installer ends with the process.
//
// It returns an error when the machine has no NVIDIA GPU, on platforms other than Linux on
// amd64, and when go-xla's installer fails.
func InstallCUDA(ctx context.Context) (string, error) {
	if platform := runtime.GOOS + "/" + runtime.GOARCH; platform != cudaPlatform {
		return "", fmt.Errorf("the XLA CUDA plugin can be installed on %s only, and this is %s", cudaPlatform, platform)
	}
	if !hasNvidiaGPU() {
		return "", errors.New("the XLA CUDA plugin needs an NVIDIA GPU with its driver, and this machine shows none")
	}
	if isSet(os.Getenv("GOKERAS_OFFLINE")) {
		return "", fmt.Errorf("installing the XLA CUDA plugin: %w by GOKERAS_OFFLINE", ErrOffline)
	}
	dir, err := PluginDir()
	if err != nil {
		return "", fmt.Errorf("finding the plugin folder: %w", err)
	}
	if err := ctx.Err(); err != nil {
		return "", err
	}
	done := make(chan error, 1)
	go func() { done <- installer.AutoInstallPlugin("cuda", "", true, installer.Normal) }()
	select {
	case err = <-done:
	case <-ctx.Done():
		err = context.Cause(ctx)
	}
	if err != nil {
		return "", fmt.Errorf("installing the XLA CUDA plugin: %w", err)
	}
	found := matching(FindPlugins([]string{dir, filepath.Join(dir, "nvidia")}), "cuda")
	if len(found) == 0 {
		return "", fmt.Errorf("go-xla's installer left no CUDA plugin in %s", dir)
	}
	return found[0].Path, nil
}
