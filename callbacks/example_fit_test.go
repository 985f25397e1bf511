package callbacks_test

import (
	"errors"
	"fmt"
	"io"
	"math"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"

	"github.com/janpfeifer/must"

	"github.com/gokeras/gokeras/callbacks"
	"github.com/gokeras/gokeras/functional"
	"github.com/gokeras/gokeras/layers"
	"github.com/gokeras/gokeras/optimizers"
)

// fit trains a model of one weight, which learns to double its input: its error halves with each epoch.
func fit(epochs int, list ...callbacks.Callback) (*functional.Model, *functional.History, error) {
	model := must.M1(functional.NewSequential(functional.Input(1), layers.Dense(1).KernelInitializer("zeros").UseBias(false)))
	model.Named("doubles")
	must.M(model.Compile(functional.Compile{Optimizer: optimizers.SGD(0.1), Loss: "mse"}))
	history, err := model.Fit([][]float32{{1}, {2}}, [][]float32{{2}, {4}}, functional.Fit{Epochs: epochs, Verbose: functional.Silent, Callbacks: list})
	return model, history, err
}

func folder() (path string, remove func()) {
	path = must.M1(os.MkdirTemp("", "callbacks"))
	return path, func() { must.M(os.RemoveAll(path)) }
}

// Training ends when the loss gets better by less than 1 from one epoch to the next.
func ExampleEarlyStopping() {
	_, history, err := fit(20, callbacks.EarlyStopping().Monitor("loss").MinDelta(1))
	fmt.Printf("%.3f %v\n", history.History["loss"], err)
	// Output: [10.000 2.500 0.625 0.156] <nil>
}

// The rate falls to a tenth where the loss gets no better.
func ExampleReduceLROnPlateau() {
	_, history, err := fit(5, callbacks.ReduceLROnPlateau().Monitor("loss").MinDelta(1).Factor(0.1).Patience(1))
	fmt.Printf("%.3f %v\n", history.History["learning_rate"], err)
	// Output: [0.100 0.100 0.100 0.100 0.010] <nil>
}

// The rate of each epoch is a function of its number and of the rate before.
func ExampleLearningRateScheduler() {
	_, history, err := fit(4, callbacks.LearningRateScheduler(func(epoch int, lr float64) float64 {
		if epoch < 2 {
			return lr
		}
		return lr * math.Exp(-0.1)
	}))
	fmt.Printf("%.4f %v\n", history.History["learning_rate"], err)
	// Output: [0.1000 0.1000 0.0905 0.0819] <nil>
}

// The logs of each epoch go to a table.
func ExampleCSVLogger() {
	dir, remove := folder()
	defer remove()
	path := filepath.Join(dir, "log.csv")
	_, _, err := fit(3, callbacks.CSVLogger(path))
	fmt.Print(err, "\n", strings.ReplaceAll(string(must.M1(os.ReadFile(path))), "\r", ""))
	// Output:
	// <nil>
	// epoch,loss,val_loss
	// 0,10.0,NA
	// 1,2.5,NA
	// 2,0.625,NA
}

// A rate that is far too high makes the loss infinite: training ends there.
func ExampleTerminateOnNaN() {
	tooHigh := callbacks.LearningRateScheduler(func(int, float64) float64 { return 1e30 })
	_, history, err := fit(20, tooHigh, callbacks.TerminateOnNaN())
	fmt.Println(len(history.Epoch) < 20, err)
	// Output:
	// Batch 0: Invalid loss, terminating training
	// true <nil>
}

// A run that breaks off goes on in the same folder, and ends as if nothing had happened.
func ExampleBackupAndRestore() {
	dir, remove := folder()
	defer remove()
	breaks := &callbacks.LambdaCallback{EpochBegin: func(epoch int) error {
		if epoch == 2 {
			return errors.New("the machine was switched off")
		}
		return nil
	}}
	_, _, err := fit(4, callbacks.BackupAndRestore(dir), breaks)
	fmt.Println(err)
	_, history, err := fit(4, callbacks.BackupAndRestore(dir))
	fmt.Printf("%.3f %v\n", history.History["loss"], err)
	// Output:
	// fitting model "doubles": callbacks: LambdaCallback.OnEpochBegin: the machine was switched off
	// [10.000 2.500 0.625 0.156] <nil>
}

// The folder holds what the tensorboard command shows.
func ExampleTensorBoard() {
	dir, remove := folder()
	defer remove()
	_, _, err := fit(2, callbacks.TensorBoard(dir))
	for _, part := range must.M1(os.ReadDir(dir)) {
		fmt.Println(part.Name(), err)
	}
	// Output: train <nil>
}

// The logs of each epoch go to a web server.
func ExampleRemoteMonitor() {
	server := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		fmt.Println(r.URL.Path, string(must.M1(io.ReadAll(r.Body))))
	}))
	defer server.Close()
	_, _, err := fit(2, callbacks.RemoteMonitor().Root(server.URL).SendAsJSON(true))
	fmt.Println(err)
	// Output:
	// /publish/epoch/end/ {"epoch": 0, "loss": 10.0}
	// /publish/epoch/end/ {"epoch": 1, "loss": 2.5}
	// <nil>
}

// The averages of the weights, which the optimizer keeps, stand in for them wherever the model is evaluated or saved.
func ExampleSwapEMAWeights() {
	model := must.M1(functional.NewSequential(functional.Input(1), layers.Dense(1).KernelInitializer("zeros").UseBias(false)))
	must.M(model.Compile(functional.Compile{Optimizer: optimizers.SGD(0.1).UseEMA(true).EMAMomentum(0.5), Loss: "mse"}))
	x, y := [][]float32{{1}, {2}}, [][]float32{{2}, {4}}
	history, err := model.Fit(x, y, functional.Fit{Epochs: 3, Verbose: functional.Silent, ValidationData: &functional.Data{X: x, Y: y},
		Callbacks: []callbacks.Callback{callbacks.SwapEMAWeights()}})
	fmt.Println(len(history.History["val_loss"]), err)
	// Output: 3 <nil>
}

// A function for one of the hooks.
func ExampleLambdaCallback() {
	_, _, err := fit(2, &callbacks.LambdaCallback{EpochEnd: func(epoch int, logs *callbacks.Logs) error {
		loss, _ := logs.Get("loss")
		fmt.Printf("epoch %d: loss %g\n", epoch+1, loss)
		return nil
	}})
	fmt.Println(err)
	// Output:
	// epoch 1: loss 10
	// epoch 2: loss 2.5
	// <nil>
}
