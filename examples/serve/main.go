// Command serve is one file that classifies pictures of handwritten digits over HTTP: a trained model is part of the program, and so is a page on
// which pictures are dropped.
//
//	go run ./examples/serve
//	CGO_ENABLED=0 go build -o serve ./examples/serve && ./serve -listen :8080
//
// Pictures go to /classify, alone or in a form:
//
//	curl --data-binary @seven.png http://127.0.0.1:8080/classify
//	curl -F picture=@seven.png -F picture=@two.jpg http://127.0.0.1:8080/classify
//
// Arrays go to /predict, /metrics is for Prometheus, and Ctrl-C or SIGTERM ends it after the requests that are under way. Folder train has the program that trains the model.
package main

import (
	"context"
	_ "embed"
	"errors"
	"flag"
	"fmt"
	"io"
	"net"
	"os"
	"os/signal"
	"syscall"

	"github.com/gokeras/gokeras/saving"
	"github.com/gokeras/gokeras/serving"
)

//go:generate go run ./train -o digits.keras

//go:embed digits.keras
var digits []byte

var names = []string{"zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine"}

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	context.AfterFunc(ctx, stop) // a second Ctrl-C ends the process at once
	if err := run(ctx, os.Args[1:], os.Stdout); err != nil && !errors.Is(err, flag.ErrHelp) {
		fmt.Fprintln(os.Stderr, "serve:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, args []string, stdout io.Writer) error {
	flags := flag.NewFlagSet("serve", flag.ContinueOnError)
	listen := flags.String("listen", "127.0.0.1:8080", "address and port to listen on")
	if err := flags.Parse(args); err != nil {
		return err
	}
	model, err := saving.LoadModelBytes(digits)
	if err != nil {
		return err
	}
	server, err := serving.New(model, serving.Options{
		BatchSize: 64,       // samples computed together at most
		MaxBytes:  10 << 20, // of a request
		Images:    &serving.Images{Classes: names},
	})
	if err != nil {
		return err
	}
	listener, err := net.Listen("tcp", *listen)
	if err != nil {
		server.Close()
		return err
	}
	fmt.Fprintf(stdout, "Drop pictures at http://%s\n", listener.Addr())
	return server.Serve(ctx, listener)
}
