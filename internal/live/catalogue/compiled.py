"""Compiled models: every optimizer, losses, metrics."""

import keras
from keras import layers as L

from .registry import entry


def compiled(optimizer="adam", loss="mse", outputs=1, activation=None, units=3, **arguments):
    x = keras.Input((4,))
    h = L.Dense(4, activation="tanh", name="hidden")(x)
    y = [L.Dense(units, activation=activation, name=f"out{i}")(h) for i in range(outputs)]
    model = keras.Model(x, y if outputs > 1 else y[0])
    model.compile(optimizer, loss, **arguments)
    return model


O = keras.optimizers


@entry
def sgd():
    return compiled(O.SGD(0.05, momentum=0.9, nesterov=True, weight_decay=0.01, clipvalue=0.5, name="slow"))


@entry
def rmsprop():
    return compiled(O.RMSprop(0.01, rho=0.8, momentum=0.3, epsilon=1e-6, centered=True, clipnorm=1.0))


@entry
def adam():
    return compiled(O.Adam(0.01, beta_1=0.8, beta_2=0.99, epsilon=1e-6, amsgrad=True, weight_decay=0.1, global_clipnorm=2.0))


@entry
def adam_averaged():
    return compiled(O.Adam(use_ema=True, ema_momentum=0.9, ema_overwrite_frequency=10, gradient_accumulation_steps=2, loss_scale_factor=128.0))


@entry
def adamw():
    return compiled(O.AdamW(1e-4, weight_decay=0.02, beta_1=0.85, beta_2=0.95, clipnorm=0.5, use_ema=True))


@entry
def scheduled_decay():
    return compiled(O.Adam(O.schedules.ExponentialDecay(0.01, 20, 0.9, staircase=True)))


@entry
def scheduled_cosine():
    return compiled(O.SGD(O.schedules.CosineDecay(0.1, 100, alpha=0.1, warmup_target=0.5, warmup_steps=10), momentum=0.9))


@entry
def scheduled_steps():
    return compiled(O.AdamW(O.schedules.PiecewiseConstantDecay([5, 10], [0.1, 0.01, 0.001])))


@entry
def adadelta():
    return compiled(O.Adadelta(1.0, rho=0.9, epsilon=1e-5, weight_decay=0.001))


@entry
def adagrad():
    return compiled(O.Adagrad(0.1, initial_accumulator_value=0.2, epsilon=1e-5, clipvalue=1))


@entry
def adamax():
    return compiled(O.Adamax(2e-3, beta_1=0.8, beta_2=0.9, epsilon=1e-5))


@entry
def nadam():
    return compiled(O.Nadam(2e-3, beta_1=0.8, beta_2=0.9, epsilon=1e-5, use_ema=True, ema_momentum=0.5))


@entry
def ftrl():
    return compiled(
        O.Ftrl(0.05, -0.4, 0.2, l1_regularization_strength=0.01, l2_regularization_strength=0.02, l2_shrinkage_regularization_strength=0.03, beta=0.1)
    )


@entry
def lion():
    return compiled(O.Lion(1e-3, beta_1=0.8, beta_2=0.9, weight_decay=0.1, global_clipnorm=1))


@entry
def losses():
    made = [keras.losses.MeanSquaredError(name="squares"), "mae", keras.losses.CategoricalCrossentropy(from_logits=True, label_smoothing=0.1)]
    made += [keras.losses.BinaryCrossentropy(from_logits=True), keras.losses.SparseCategoricalCrossentropy(from_logits=True, ignore_class=-1)]
    return compiled(loss=made, outputs=5, loss_weights=[1, 0.5, 2.0, 0.1, 1e-3])


@entry
def losses_by_name():
    return compiled(loss={"out0": "mse", "out1": "categorical_crossentropy"}, outputs=2, activation="softmax", loss_weights={"out0": 0.25, "out1": 1.0})


@entry
def loss_function():
    return compiled(loss=keras.losses.mean_absolute_error)


@entry
def loss_reductions():
    return compiled(loss=[keras.losses.MeanAbsoluteError(reduction="sum"), keras.losses.MeanSquaredError(reduction="mean")], outputs=2)


@entry
def accuracies():
    return compiled("sgd", "sparse_categorical_crossentropy", activation="softmax", metrics=["accuracy", "acc", "sparse_top_k_categorical_accuracy"])


@entry
def metrics():
    M = keras.metrics
    made = [
        M.CategoricalAccuracy(),
        M.TopKCategoricalAccuracy(k=2, name="top2"),
        M.BinaryAccuracy(threshold=0.3),
        M.CategoricalCrossentropy(label_smoothing=0.1),
        M.RootMeanSquaredError(),
        M.MeanAbsoluteError(name="distance"),
        "mse",
        "binary_crossentropy",
    ]
    return compiled("adam", "categorical_crossentropy", activation="softmax", metrics=made, weighted_metrics=["accuracy", M.MeanSquaredError()])


@entry
def metrics_of_outputs():
    arguments = dict(metrics={"out0": "mae", "out1": ["mse", "mae"]}, weighted_metrics={"out1": ["mae"]})
    return compiled("sgd", ["mse", "mae"], outputs=2, **arguments)


@entry
def compile_arguments():
    return compiled(steps_per_execution=4, run_eagerly=False, jit_compile=False, auto_scale_loss=False)
