package bench

import (
	"fmt"
	"time"

	"github.com/gokeras/gokeras/applications"
	"github.com/gokeras/gokeras/functional"
	"github.com/gokeras/gokeras/symbolic"
)

// buildApplication makes one of Keras's applications, its weights drawn, and returns how long it took.
func buildApplication(name string) (time.Duration, error) {
	builders := map[string]func() (*functional.Model, error){
		"EfficientNetB0": applications.EfficientNetB0().Weights("").Model,
		"MobileNetV2":    applications.MobileNetV2().Weights("").Model,
		"ResNet50":       applications.ResNet50().Weights("").Model,
	}
	build, ok := builders[name]
	if !ok {
		return 0, fmt.Errorf("there is no application %q to build here", name)
	}
	start := time.Now()
	m, err := build()
	if err != nil {
		return 0, err
	}
	symbolic.Draw(m.Weights())
	for _, w := range m.Weights() {
		if w.Size() < symbolic.DrawnAtOnce {
			if _, err := w.Value(); err != nil {
				return 0, err
			}
		}
	}
	return time.Since(start), nil
}
