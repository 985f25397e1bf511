package doctest

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os/exec"
	"strings"
	"syscall"
	"time"
)

// address is where the pages' servers listen.
const address = "localhost:8080"

// Serve starts a server on port 8080, asks it for its health and for predictions of inputs (JSON, nothing where it is empty), and ends it by SIGTERM. On a
// machine where something else has the address it does nothing.
func Serve(ctx context.Context, cmd *exec.Cmd, inputs string) error {
	if taken, err := net.DialTimeout("tcp", address, time.Second); err == nil {
		return taken.Close()
	}
	if err := cmd.Start(); err != nil {
		return err
	}
	ended := make(chan error, 1)
	go func() { ended <- cmd.Wait() }()
	defer cmd.Process.Kill()
	for {
		select {
		case err := <-ended:
			return fmt.Errorf("the server ended before it was asked: %w", err)
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(50 * time.Millisecond):
		}
		answer, err := http.Get("http://" + address + "/healthz")
		if err != nil {
			continue
		}
		_ = answer.Body.Close()
		if answer.StatusCode != http.StatusOK {
			return fmt.Errorf("/healthz answers %s", answer.Status)
		}
		break
	}
	if inputs != "" {
		answer, err := http.Post("http://"+address+"/predict", "application/json", strings.NewReader(inputs))
		if err != nil {
			return err
		}
		_ = answer.Body.Close()
		if answer.StatusCode != http.StatusOK {
			return fmt.Errorf("/predict answers %s", answer.Status)
		}
	}
	if err := cmd.Process.Signal(syscall.SIGTERM); err != nil {
		return err
	}
	err := <-ended
	if exit := (*exec.ExitError)(nil); errors.As(err, &exit) && exit.ExitCode() < 0 { // by the signal
		return nil
	}
	return err
}
