// Package serving answers predictions of a Keras model over HTTP. Requests that come while the model computes are computed together.
//
//	server, err := serving.New(model, serving.Options{BatchSize: 32})
//	…
//	http.ListenAndServe(":8080", server)
//
// The addresses:
//
//	POST /predict   {"inputs": [[5.1, 3.5, 1.4, 0.2]]} gives {"outputs": {"dense_1": [[0.9, 0.08, 0.02]]}};
//	                a model with several inputs takes {"inputs": {"a": […], "b": […]}}
//	GET /model      the names, shapes and types of the inputs and outputs
//	GET /healthz    200 while requests are answered
//	GET /metrics    counts and times in Prometheus's text format
//
// The first axis of every array is that of the samples. Texts are JSON's strings. Mistakes in a request are answered by 400, a body that is
// too large by 413, each with {"error": "what was wrong"}.
package serving
