"""Layers on whole numbers and truth values: the type that Keras promises of their outputs, the type that it computes, and the values."""

from keras import layers as L

from families.operations import record

V, S, I = (6,), (5, 4), (6, 6, 3)
LAYERS = {
    "Activation": (lambda: L.Activation("relu"), V), "Softplus": (lambda: L.Activation("softplus"), V), "ReLU": (lambda: L.ReLU(), V), "ReLU6": (lambda: L.ReLU(max_value=6.0, negative_slope=0.1, threshold=1.0), V),
    "LeakyReLU": (lambda: L.LeakyReLU(), V), "PReLU": (lambda: L.PReLU(), V), "ELU": (lambda: L.ELU(), V), "Softmax": (lambda: L.Softmax(), V),
    "Dense": (lambda: L.Dense(3), V), "EinsumDense": (lambda: L.EinsumDense("ab,bc->ac", output_shape=3), V), "Flatten": (lambda: L.Flatten(), S), "Reshape": (lambda: L.Reshape((4, 5)), S),
    "Permute": (lambda: L.Permute((2, 1)), S), "RepeatVector": (lambda: L.RepeatVector(2), V), "Identity": (lambda: L.Identity(), V), "Dropout": (lambda: L.Dropout(0.5), V), "SpatialDropout1D": (lambda: L.SpatialDropout1D(0.5), S),
    "GaussianNoise": (lambda: L.GaussianNoise(0.5), V), "GaussianDropout": (lambda: L.GaussianDropout(0.5), V), "AlphaDropout": (lambda: L.AlphaDropout(0.5), V), "ActivityRegularization": (lambda: L.ActivityRegularization(0.1), V),
    "BatchNormalization": (lambda: L.BatchNormalization(), V), "LayerNormalization": (lambda: L.LayerNormalization(), V), "RMSNormalization": (lambda: L.RMSNormalization(), V), "UnitNormalization": (lambda: L.UnitNormalization(), V),
    "GroupNormalization": (lambda: L.GroupNormalization(2), V), "Conv1D": (lambda: L.Conv1D(2, 2), S), "DepthwiseConv2D": (lambda: L.DepthwiseConv2D(2), I), "Conv2DTranspose": (lambda: L.Conv2DTranspose(2, 2), I),
    "MaxPooling1D": (lambda: L.MaxPooling1D(), S), "MaxPooling2D": (lambda: L.MaxPooling2D(), I), "MaxPooling2Dsame": (lambda: L.MaxPooling2D(4, padding="same"), I), "GlobalMaxPooling1D": (lambda: L.GlobalMaxPooling1D(), S),
    "GlobalMaxPooling2D": (lambda: L.GlobalMaxPooling2D(), I), "GlobalAveragePooling1D": (lambda: L.GlobalAveragePooling1D(), S), "GlobalAveragePooling2D": (lambda: L.GlobalAveragePooling2D(), I),
    "AveragePooling1D": (lambda: L.AveragePooling1D(2), S), "AveragePooling2Dsame": (lambda: L.AveragePooling2D(4, padding="same"), I), "UpSampling1D": (lambda: L.UpSampling1D(2), S), "UpSampling2D": (lambda: L.UpSampling2D(), I),
    "UpSampling2Dbilinear": (lambda: L.UpSampling2D(interpolation="bilinear"), I), "ZeroPadding1D": (lambda: L.ZeroPadding1D(1), S), "ZeroPadding2D": (lambda: L.ZeroPadding2D(), I), "Cropping1D": (lambda: L.Cropping1D(1), S),
    "Cropping2D": (lambda: L.Cropping2D(1), I), "Masking": (lambda: L.Masking(), S), "LSTM": (lambda: L.LSTM(2), S), "GRU": (lambda: L.GRU(2), S), "SimpleRNN": (lambda: L.SimpleRNN(2), S),
    "TimeDistributed": (lambda: L.TimeDistributed(L.Dense(2)), S), "TimeDistributedFlatten": (lambda: L.TimeDistributed(L.Flatten()), I), "Rescaling": (lambda: L.Rescaling(0.5, 1.0), I), "Normalization": (lambda: L.Normalization(mean=2.0, variance=4.0), V),
    "Resizing": (lambda: L.Resizing(4, 4), I), "ResizingNearest": (lambda: L.Resizing(4, 4, interpolation="nearest"), I), "CenterCrop": (lambda: L.CenterCrop(4, 4), I), "Discretization": (lambda: L.Discretization([0.0, 2.0]), V),
    "RandomFlip": (lambda: L.RandomFlip(), I), "RandomContrast": (lambda: L.RandomContrast(0.2), I), "RandomCrop": (lambda: L.RandomCrop(4, 4), I), "Solarization": (lambda: L.Solarization(), I), "AutoContrast": (lambda: L.AutoContrast(), I),
}  # fmt: skip
PAIRS = {
    "Add": lambda: L.Add(), "Subtract": lambda: L.Subtract(), "Multiply": lambda: L.Multiply(), "Average": lambda: L.Average(), "Maximum": lambda: L.Maximum(), "Minimum": lambda: L.Minimum(), "Concatenate": lambda: L.Concatenate(),
    "Dot": lambda: L.Dot(1), "Attention": lambda: L.Attention(),
}  # fmt: skip
# Bytes that overflow inside of these, on the way to floats: Keras on JAX gives NaN or what is left of sums above 255, which is refused here.
OVERFLOWS = ("ReLU6", "PReLU", "Softmax", "AveragePooling1D", "AveragePooling2Dsame", "Attention")
TYPES = {"int32": (-9, 9), "uint8": (0, 120), "bool": (0, 2)}


def cases():
    found = []
    for at, table in enumerate((LAYERS, PAIRS)):
        for name, entry in table.items():
            make, shape = entry if at == 0 else (entry, S)
            for dtype, (low, high) in TYPES.items():
                if dtype == "uint8" and name in OVERFLOWS:
                    continue
                spec = (shape, dtype, low, high)
                build = (lambda x, make=make: [make()(x)]) if at == 0 else (lambda x, y, make=make: [make()([x, y])])
                try:
                    found += record({f"{name} {dtype}": ([spec] * (at + 1), build)})
                except RuntimeError as error:  # Keras can't
                    print(name, dtype, repr(error.__cause__)[:100], flush=True)
    return found
