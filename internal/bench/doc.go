// Package bench measures models as users run them: Fit, Evaluate and Predict, one sample's latency, the first step of a
// fresh process and its peak memory.
//
// [Run] measures in rounds over all models, so that a disturbance of the machine hits all alike, and reports medians with
// their spread. [Serve] answers single requests, which is how a fresh process is measured and how
// benchmarks/compare.py puts gokeras beside Keras.
package bench
