# What callbacks, histories, evaluations and schedules tell after a training.
import keras
import numpy as np
from keras import layers
from keras.callbacks import EarlyStopping, ModelCheckpoint

x = np.linspace(-1, 1, 64).reshape(-1, 1).astype("float32")
y = (3 * x + 1).astype("float32")
inputs = keras.Input((1,))
model = keras.Model(inputs, layers.Dense(1, kernel_initializer="ones")(inputs))
model.compile(optimizer=keras.optimizers.SGD(0.5), loss="mse", metrics=["mae"])
es = EarlyStopping(monitor="loss", patience=2, min_delta=1e-3)
best = ModelCheckpoint("best.keras", monitor="loss", save_best_only=True)
history = model.fit(x, y, epochs=30, batch_size=64, shuffle=False, verbose=0, callbacks=[es, best])
print(es.stopped_epoch, es.best_epoch, round(float(es.best), 4))
if es.stopped_epoch > 0:
    print("early stopped at epoch", es.stopped_epoch + 1)
print(best.best < 1e-3, len(history.epoch), history.epoch[-1], history.params["epochs"])

results = model.evaluate(x, y, verbose=0)
print(len(results))
for i, value in zip(range(2), results):
    print(i, round(value, 3))
loss, mae = results
print(f"{loss:.3f} {mae:.3f}")

schedule = keras.optimizers.schedules.ExponentialDecay(0.1, decay_steps=10, decay_rate=0.5)
print(round(float(schedule(10)), 4), [round(float(schedule(step)), 4) for step in range(0, 40, 10)])
steps = keras.optimizers.schedules.PiecewiseConstantDecay([5, 10], [1.0, 0.5, 0.1])
for step in (0, 5, 6, 11):
    print(step, round(float(steps(step)), 2))

# Losses and metrics of outputs by name, some of them the program's own
def close(y_true, y_pred):
    return keras.ops.mean(keras.ops.square(y_true - y_pred) + 0.1 * keras.ops.abs(y_pred), axis=-1)


def farthest(y_true, y_pred):
    return keras.ops.max(keras.ops.abs(y_true - y_pred))


a = layers.Dense(1, kernel_initializer="ones", name="a")(inputs)
b = layers.Dense(2, kernel_initializer="ones", activation="softmax", name="b")(inputs)
two = keras.Model(inputs, {"a": a, "b": b})
two.compile("sgd", loss={"a": close, "b": "sparse_categorical_crossentropy"}, loss_weights={"a": 1.0, "b": 0.5}, metrics={"a": [farthest, "mse"], "b": "accuracy"})
history = two.fit(x, {"a": y, "b": (y[:, 0] > 1).astype("int32")}, epochs=2, batch_size=16, shuffle=False, verbose=0)
for key in sorted(history.history):
    print(key, [round(float(value), 4) for value in history.history[key]])
rounded = {key: np.round(value, 3).tolist() for key, value in history.history.items() if key in ("loss", "a_mse")}
print(len(rounded), rounded["loss"])
lists = {"x": np.arange(3).tolist(), "y": np.eye(2).tolist()}
print(lists)
import json

print(json.dumps(lists), json.dumps({"n": 1, "m": np.eye(2).tolist()}))
