// Package metrics holds Keras's metrics: numbers that training reports, as
// running means over the batches of an epoch.
//
// A metric is a builder. The constructor gives Keras's defaults, and each
// Keras argument is a chained setter:
//
//	metrics.TopKCategoricalAccuracy().K(3).Name("top3")
//
// [Resolve] accepts what Keras accepts in metrics= ("accuracy", "mse", a value,
// a decoded configuration). A metric holds arguments only; its state
// ([Metric.State]) lives on the device and passes through [Metric.Update].
package metrics
