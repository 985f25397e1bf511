"""Tensors, and what is made of them, as TensorFlow prints them."""
import numpy as np
import tensorflow as tf
from tensorflow import keras
from tensorflow.keras import layers

x = tf.constant([[1.0, 2.0], [3.0, 4.0]])
print(x)
print(x.shape, x.dtype)
print(tf.reduce_sum(x), tf.reduce_mean(x, axis=0))
print((x * 2 + 1).numpy())
print(tf.matmul(x, tf.transpose(x)))
v = tf.Variable(3.0)
with tf.GradientTape() as tape:
    y = v ** 2 + 2 * v
print(tape.gradient(y, v).numpy())
v.assign_add(1.0)
print(v.numpy())
ds = tf.data.Dataset.range(5).map(lambda i: i * i).batch(2)
for b in ds:
    print(b)
print([int(i) for i in tf.range(3)])
a = np.array([[1, 2, 3], [4, 5, 6]])
print(a.mean(axis=0), a.std().round(3), a.argmax(axis=1), a[:, ::-1])
print(np.where(a > 2, a, 0), np.unique(a % 2), np.clip(a, 2, 5))
print(np.hstack([a, a]).shape, np.vstack([a, a]).shape, np.expand_dims(a, -1).shape)
one_hot = tf.one_hot([0, 2], depth=3)
print(one_hot)
print(tf.argmax(one_hot, axis=1).numpy())
layer = layers.Dense(2, kernel_initializer="ones", bias_initializer="zeros")
out = layer(x)
print(out.numpy())
print(layer.weights[0].shape, len(layer.trainable_weights))
print(keras.activations.relu(tf.constant([-1.0, 2.0])).numpy())
print(tf.nn.softmax(tf.constant([[1.0, 1.0]])).numpy())
m = keras.metrics.Accuracy()
m.update_state([1, 0, 1], [1, 1, 1])
print(round(float(m.result()), 4))
loss = keras.losses.MeanSquaredError()
print(float(loss(tf.constant([[1.0], [2.0]]), tf.constant([[1.5], [2.5]]))))
emb = layers.Embedding(5, 2, embeddings_initializer="ones")
print(emb(np.array([[1, 2]])).shape)
bn = layers.BatchNormalization()
print(bn(x, training=False).numpy().round(3))
drop = layers.Dropout(0.5)
print(np.array_equal(drop(x, training=False).numpy(), x.numpy()))
pairs = tf.data.Dataset.from_tensor_slices((np.arange(4), np.arange(4) * 2.0)).batch(2)
for left, right in pairs:
    print(left, right.numpy(), str(right[0]))
for left, right in pairs.as_numpy_iterator():
    print(left, right)
print(f"{tf.reduce_sum(x)} {tf.reduce_max(x):.2f}", "%.1f" % tf.reduce_min(x))
print(keras.ops.add(np.ones(2), 1.0), loss([1.0], [2.0]))
