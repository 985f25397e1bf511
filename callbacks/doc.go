// Package callbacks acts on a model while it trains, is evaluated or predicts: it saves checkpoints, stops early,
// changes the learning rate, records and shows progress. It mirrors keras.callbacks.
//
//	checkpoint := callbacks.ModelCheckpoint("best.keras").
//		Monitor("val_accuracy").Mode("max").SaveBestOnly(true).Verbose(callbacks.Bar)
//
// A callback of your own embeds [Base] and defines the hooks it cares about; see the example of [Base]. Hooks get
// their numbers as [Logs], which reads the device only when a value is asked for.
//
// Wrong arguments do not panic. They are remembered, and the first hook returns them as an error that lists the right
// ones, which ends the training before its first batch.
package callbacks
