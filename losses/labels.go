package losses

// Labels are the targets that a loss of class numbers takes for predictions of that shape: from 0 up to classes, and besides the class that it
// ignores, nil for none. ok is false for a loss of other targets, and where the number of classes isn't known.
func Labels(l Loss, predictions []int) (classes int, ignored *int, ok bool) {
	sparse, isSparse := l.(*SparseCategoricalCrossentropyLoss)
	if !isSparse {
		return 0, nil, false
	}
	axis := sparse.cfg.Axis
	if axis < 0 {
		axis += len(predictions)
	}
	if axis < 0 || axis >= len(predictions) || predictions[axis] < 0 {
		return 0, nil, false
	}
	return predictions[axis], sparse.cfg.IgnoreClass, true
}
