"""Habits of notebooks
that print what they do."""
import csv
import os
import sys
import textwrap

os.environ["KERAS_BACKEND"] = "tensorflow"
import keras
import numpy as np
import tensorflow as tf
from keras.models import Sequential
from keras.layers import Dense

print(__doc__)
assert sys.version_info >= (3, 5)
print(textwrap.dedent("""\
    a
      b

    c
    """))
bits = 5
print(2**bits, [3**i for i in range(4)], (2**bits - 1) * 2)

# Tensors of arrays keep what they were made of.
a = np.arange(4.0)
kept = tf.constant(a)
again = tf.convert_to_tensor(a)
a[0] = 9
print(kept.numpy(), again.numpy(), a)
print(tf.range(5).numpy(), tf.range(2, 8, 3).numpy(), tf.range(0.0, 1.0, 0.25).numpy())
print(tf.one_hot([1, 0, 3], depth=3).numpy())
print(keras.metrics.mean_absolute_error(np.array([1.0, 2.0]), np.array([3.0, 5.0])).numpy(), keras.metrics.mean_squared_error(np.ones((2, 2)), np.array([[1.0, 3.0], [2.0, 2.0]])).numpy())
print(keras.losses.mean_squared_error(np.array([[1.0], [4.0]]), np.array([1.0, 2.0])).numpy())

# Files.
os.makedirs("walked/b", exist_ok=True)
with open("walked/rows.csv", "w") as f:
    f.write('name,note\nx,"a, ""b"""\n\ny,2\n')
with open("walked/rows.csv") as f:
    reader = csv.reader(f, delimiter=",")
    print(next(reader))
    for row in reader:
        print(row)
for folder, folders, files in os.walk("walked"):
    print(f"{len(folders)} folders and {len(files)} files in {folder}", files)


# A callback whose lists begin with the training.
class LossHistory(keras.callbacks.Callback):
    def on_train_begin(self, logs={}):
        self.losses = []
        self.seen = 0

    def on_epoch_end(self, epoch, logs={}):
        self.losses.append(logs.get("loss"))
        self.seen = epoch + 1


model = Sequential([keras.Input((2,)), Dense(3, kernel_initializer="ones", name="a"), Dense(2, name="b"), Dense(1, name="c")])
print(model.layers)
top = model.pop()
print(top.name, len(model.layers), model.layers[0])
model.pop()
model.compile("sgd", "mse")
twin = keras.models.clone_model(model)
x = np.ones((4, 2), "float32")
print(model.predict(x[:1], verbose=0), twin.layers)
history = LossHistory()
model.fit(x, 2 * np.ones((4, 3)), epochs=3, verbose=0, callbacks=[history])
print(len(history.losses), history.seen, history.losses[-1])
