package layers

// What Keras writes into files about a call.

// NodeArguments are what Keras records of a call.
func (*DropoutLayer) NodeArguments() map[string]any { return map[string]any{"training": false} }

// NodeArguments are what Keras records of a call.
func (*BatchNormalizationLayer) NodeArguments() map[string]any { return map[string]any{"mask": nil} }

// NodeArguments are what Keras records of a call.
func (*SoftmaxLayer) NodeArguments() map[string]any { return map[string]any{"mask": nil} }
