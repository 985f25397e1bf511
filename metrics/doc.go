// Package metrics holds Keras's metrics: numbers that training reports of the batches of an epoch.
//
// A metric is a builder. The constructor gives Keras's defaults, and each
// Keras argument is a chained setter:
//
//	metrics.TopKCategoricalAccuracy().K(3).Name("top3")
//
// [Resolve] accepts what Keras accepts in metrics= ("accuracy", "mse", a value,
// a decoded configuration), and [Func] makes a metric of a plain function. Models keep their metrics' states to themselves, so that
// they may share a metric.
//
// Without a model, a metric of this package is used as in Keras:
//
//	auc := metrics.AUC()
//	err := auc.UpdateState(yTrue, yPred, nil) // a batch, without sample weights
//	result, err := auc.Result()               // a tensor
//	auc.ResetState()
//
// A metric of one's own implements [Metric]; [NewAccumulator] runs it without a model.
package metrics
