package applications_test

import (
	"fmt"

	"github.com/janpfeifer/must"

	"github.com/gokeras/gokeras/applications"
	"github.com/gokeras/gokeras/functional"
	"github.com/gokeras/gokeras/layers"
)

func Example() {
	base := must.M1(applications.MobileNetV2().Weights("").InputShape(96, 96, 3).IncludeTop(false).Pooling("avg").Model())
	base.Trainable(false)
	inputs := functional.Input(96, 96, 3)
	features := base.ApplyWith(map[string]any{"training": false}, inputs)[0]
	model := must.M1(functional.NewModel(inputs, layers.Dense(2).Activation("softmax").Apply(features)))
	fmt.Println(base.Name(), len(base.Layers()), base.CountParams())
	fmt.Println(model.Outputs()[0].Shape(), len(model.TrainableWeights()))
	// Output:
	// mobilenetv2_1.00_96 155 2257984
	// (None, 2) 2
}
