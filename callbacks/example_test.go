package callbacks_test

import (
	"fmt"
	"os"

	"github.com/gokeras/gokeras/callbacks"
)

// printBest reports each epoch whose loss is the smallest so far. Embedding Base makes it a callback.
type printBest struct {
	callbacks.Base
	best float64
}

func (p *printBest) OnTrainBegin() error {
	p.best = 1e9
	return nil
}

func (p *printBest) OnEpochEnd(epoch int, logs *callbacks.Logs) error {
	loss, ok := logs.Get("loss")
	if !ok {
		return fmt.Errorf("there is no loss among %q", logs.Names())
	}
	if loss < p.best {
		p.best = loss
		fmt.Fprintf(p.Params().Output, "epoch %d of %d: loss %.2f\n", epoch+1, p.Params().Epochs, loss)
	}
	return nil
}

// A callback of one's own. Here the hooks are called by hand, as Fit does.
func ExampleBase() {
	list := callbacks.NewList(&printBest{})
	history := list.AddHistory()
	list.SetParams(callbacks.Params{Epochs: 3, Output: os.Stdout})

	losses := []float64{0.9, 1.1, 0.4}
	if err := list.OnTrainBegin(); err != nil {
		fmt.Println(err)
	}
	for epoch, loss := range losses {
		if err := list.OnEpochEnd(epoch, callbacks.NewLogs([]string{"loss"}, []float64{loss})); err != nil {
			fmt.Println(err)
		}
	}
	fmt.Println(history.Keys(), history.History["loss"])
	// Output:
	// epoch 1 of 3: loss 0.90
	// epoch 3 of 3: loss 0.40
	// [loss] [0.9 1.1 0.4]
}

// The callback of the functional API guide, and one that ends the training early.
func ExampleModelCheckpoint() {
	list := callbacks.NewList(
		callbacks.ModelCheckpoint("/tmp/checkpoint").Monitor("val_accuracy").Mode("max").SaveBestOnly(true).Verbose(callbacks.Bar),
		callbacks.EarlyStopping().Monitor("val_loss").Patience(-3),
	)
	// A wrong argument is reported before the first batch.
	fmt.Println(list.OnTrainBegin())
	// Output:
	// callbacks: EarlyStopping.OnTrainBegin: patience -3 is negative; want 0 or more
}
