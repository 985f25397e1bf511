package main

import (
	"errors"
	"fmt"
	"net"
	"os"
	"strings"

	"github.com/spf13/cobra"

	"github.com/gokeras/gokeras/saving"
	"github.com/gokeras/gokeras/serving"
)

// newServeCommand makes "gokeras serve".
func newServeCommand() *cobra.Command {
	var listen, classes string
	var images bool
	cmd := &cobra.Command{
		Use:   "serve MODEL",
		Short: "Answer predictions over HTTP",
		Long: `Answer predictions of a model over HTTP, as JSON. Requests that come while the model
computes are computed together. POST /predict takes {"inputs": ARRAY}, or an object
with an array for each input; with --images, POST /classify takes pictures, and the
address itself shows a page on which they are dropped. GET /model tells the inputs and outputs, GET /healthz
whether the server is up, GET /metrics counts and times for Prometheus.

Ctrl-C or SIGTERM ends it after the requests that are under way.`,
		Example: `  gokeras serve model.keras
  gokeras serve model.keras --listen :8080 --batch-size 64
  gokeras serve model.keras --images --classes names.txt`,
		Args:              files("a model"),
		ValidArgsFunction: completeFiles(1),
		PreRunE: func(cmd *cobra.Command, _ []string) error {
			if classes != "" && !images {
				return errors.New("--classes is for --images")
			}
			return positive(cmd, "batch-size")
		},
	}
	cmd.Flags().StringVar(&listen, "listen", "127.0.0.1:8080", "address and port to listen on")
	cmd.Flags().BoolVar(&images, "images", false, "take pictures, for a model of images that gives a score for each class")
	cmd.Flags().StringVar(&classes, "classes", "", "file with the classes' names, a line each (with --images)")
	batchSize, quiet := batchSizeFlag(cmd, 32), quietFlag(cmd)
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		m, err := saving.LoadUncompiled(args[0])
		if err != nil {
			return err
		}
		o := serving.Options{BatchSize: *batchSize}
		if images {
			o.Images = &serving.Images{}
		}
		if classes != "" {
			text, err := os.ReadFile(classes)
			if err != nil {
				return fmt.Errorf("--classes: %w", err)
			}
			o.Images.Classes = strings.FieldsFunc(string(text), func(r rune) bool { return r == '\n' || r == '\r' })
		}
		handler, err := serving.New(m, o)
		if err != nil {
			return fmt.Errorf("%s: %w", args[0], err)
		}
		listener, err := net.Listen("tcp", listen)
		if err != nil {
			handler.Close()
			return fmt.Errorf("--listen %s: %w", listen, err)
		}
		if !*quiet {
			fmt.Fprintf(cmd.ErrOrStderr(), "Serving %s at http://%s/predict\n", args[0], listener.Addr())
		}
		return handler.Serve(cmd.Context(), listener)
	}
	return cmd
}
