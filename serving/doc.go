// Package serving answers predictions of a Keras model over HTTP. Requests that come while the model computes are computed together.
//
//	server, err := serving.New(model, serving.Options{BatchSize: 32})
//	…
//	err = server.Serve(ctx, listener) // or http.ListenAndServe(":8080", server)
//
// The addresses:
//
//	POST /predict   {"inputs": [[5.1, 3.5, 1.4, 0.2]]} gives {"outputs": {"dense_1": [[0.9, 0.08, 0.02]]}};
//	                a model with several inputs takes {"inputs": {"a": […], "b": […]}}
//	POST /classify  a picture, or a form of them, gives {"predictions": [{"file": "a.png", "top": [{"class": "cat", "score": 0.98}, …]}]}, with Options.Images
//	GET /           a page on which pictures are dropped, with Options.Images
//	GET /model      the names, shapes and types of the inputs and outputs
//	GET /healthz    200 while requests are answered
//	GET /metrics    counts and times in Prometheus's text format
//
// The first axis of every array is that of the samples. Texts are JSON's strings. Mistakes in a request are answered by 400, a body that is
// too large by 413, one that comes too slowly by 408, an upload that is no picture by 415, each with {"error": "what was wrong"}.
package serving
