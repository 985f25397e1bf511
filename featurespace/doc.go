// Package featurespace prepares tables: columns of numbers and texts become what a model learns from (Keras: keras.utils.FeatureSpace). Each column
// is a feature of a kind, which says how it is encoded; what has to be learnt of it, [FeatureSpace.Adapt] learns from a table.
package featurespace
