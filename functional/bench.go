package functional

import "github.com/gokeras/gokeras/internal/training"

func init() {
	training.SessionOf = func(model any) *training.Session { return model.(*Model).session() }
}
