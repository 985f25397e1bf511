// Package sk is the part of scikit-learn that notebooks use beside Keras, for Go programs that were ported from Python: splits
// with the same samples for a seed, scalers and encoders, metrics with scikit-learn's reports, made-up and small real data sets.
//
//	parts := sk.TrainTestSplit(x, y, sk.TestSize(0.2), sk.RandomState(42))
//	xTrain, xTest, yTrain, yTest := parts[0], parts[1], parts[2], parts[3]
//	scaler := sk.NewStandardScaler()
//	xTrain, xTest = scaler.FitTransform(xTrain), scaler.Transform(xTest)
//	fmt.Println(sk.ClassificationReport(yTest, predicted))
//
// Data are what np.Of takes: arrays, slices, data frames of package pd. As package np, it panics with an *np.Error where
// scikit-learn raises, and only so. Keyword arguments are values of the types that [TestSize], [RandomState] and the others are.
package sk
