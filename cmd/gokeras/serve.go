package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"time"

	"github.com/spf13/cobra"

	"github.com/gokeras/gokeras/saving"
	"github.com/gokeras/gokeras/serving"
)

// newServeCommand makes "gokeras serve".
func newServeCommand() *cobra.Command {
	var listen string
	cmd := &cobra.Command{
		Use:   "serve MODEL",
		Short: "Answer predictions over HTTP",
		Long: `Answer predictions of a model over HTTP, as JSON. Requests that come while the model
computes are computed together. POST /predict takes {"inputs": ARRAY}, or an object
with an array for each input; GET /model tells the inputs and outputs, GET /healthz
whether the server is up, GET /metrics counts and times for Prometheus.

Ctrl-C or SIGTERM ends it after the requests that are under way.`,
		Example: `  gokeras serve model.keras
  gokeras serve model.keras --listen :8080 --batch-size 64`,
		Args:              files("a model"),
		ValidArgsFunction: completeFiles(1),
		PreRunE:           func(cmd *cobra.Command, _ []string) error { return positive(cmd, "batch-size") },
	}
	cmd.Flags().StringVar(&listen, "listen", "127.0.0.1:8080", "address and port to listen on")
	batchSize, quiet := batchSizeFlag(cmd, 32), quietFlag(cmd)
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		m, err := saving.LoadUncompiled(args[0])
		if err != nil {
			return err
		}
		handler, err := serving.New(m, serving.Options{BatchSize: *batchSize})
		if err != nil {
			return fmt.Errorf("%s: %w", args[0], err)
		}
		defer handler.Close()
		listener, err := net.Listen("tcp", listen)
		if err != nil {
			return fmt.Errorf("--listen %s: %w", listen, err)
		}
		if !*quiet {
			fmt.Fprintf(cmd.ErrOrStderr(), "Serving %s at http://%s/predict\n", args[0], listener.Addr())
		}
		return serveUntil(cmd.Context(), &http.Server{Handler: handler, ReadHeaderTimeout: 10 * time.Second}, listener)
	}
	return cmd
}

// grace is how long requests that are under way may take when the server is told to end.
const grace = 30 * time.Second

func serveUntil(ctx context.Context, server *http.Server, listener net.Listener) error {
	ended := make(chan error, 1)
	go func() { ended <- server.Serve(listener) }()
	select {
	case err := <-ended:
		return err
	case <-ctx.Done():
	}
	last, cancel := context.WithTimeout(context.WithoutCancel(ctx), grace)
	defer cancel()
	if err := server.Shutdown(last); err != nil && !errors.Is(err, http.ErrServerClosed) {
		return err
	}
	return nil
}
