# Gradients by variables that no model has, and operations on tensors. By a Python with TensorFlow:
#
#	KERAS_BACKEND=tensorflow python port/testdata/variables.py > port/testdata/variables.txt
import numpy as np
import tensorflow as tf
from tensorflow import keras

# A derivative
x = tf.Variable(3.0)
with tf.GradientTape() as tape:
    y = x ** 2 + 2 * x
slope = tape.gradient(y, x)
print(slope.numpy())

# A constant that is watched
c = tf.constant([1.0, 2.0, 3.0])
with tf.GradientTape() as tape:
    tape.watch(c)
    z = tf.reduce_sum(c * c)
print(tape.gradient(z, c).numpy())

# The second derivative
t = tf.Variable(2.0)
with tf.GradientTape() as outer:
    with tf.GradientTape() as inner:
        position = 4.9 * t ** 2
    speed = inner.gradient(position, t)
print(outer.gradient(speed, t).numpy())

# Matrices
W = tf.Variable(np.arange(4).reshape(2, 2).astype("float32"))
b = tf.Variable(tf.zeros((2,)))
a = tf.constant([[1.0, 2.0]])
with tf.GradientTape() as tape:
    out = tf.matmul(a, W) + b
dW, db = tape.gradient(out, [W, b])
print(dW.numpy(), db.numpy())

# Linear regression
inputs = tf.constant((np.arange(10).reshape(5, 2) % 4).astype("float32"))
targets = tf.constant([[1.0], [2.0], [0.0], [1.0], [3.0]])
weight = tf.Variable(tf.ones((2, 1)))
bias = tf.Variable(tf.zeros((1,)))


def model(values):
    return tf.matmul(values, weight) + bias


def square_loss(targets, predictions):
    per_sample = tf.square(targets - predictions)
    return tf.reduce_mean(per_sample)


learning_rate = 0.1


@tf.function(jit_compile=True)
def forward(values):
    return model(values)


def training_step(inputs, targets):
    with tf.GradientTape() as tape:
        predictions = model(inputs)
        loss = square_loss(targets, predictions)
    grad_w, grad_b = tape.gradient(loss, [weight, bias])
    weight.assign_sub(grad_w * learning_rate)
    bias.assign_sub(grad_b * learning_rate)
    return loss


for step in range(4):
    loss = training_step(inputs, targets)
    print("%d %.5f" % (step, loss))
print(np.round(weight.numpy(), 5), np.round(bias.numpy(), 5), np.round(forward(inputs).numpy(), 4)[0])


# A line, as a class has it
class Line(tf.Module):
    def __init__(self, **kwargs):
        super().__init__(**kwargs)
        self.w = tf.Variable(5.0)
        self.b = tf.Variable(0.0)

    def __call__(self, x):
        return self.w * x + self.b


xs = tf.linspace(-2, 2, 9)
xs = tf.cast(xs, tf.float32)
ys = xs * 3.0 + 2.0
line = Line()


def loss_of(target, predicted):
    return tf.reduce_mean(tf.square(target - predicted))


def train(model, x, y, learning_rate):
    with tf.GradientTape() as t:
        current_loss = loss_of(y, model(x))
    dw, db = t.gradient(current_loss, [model.w, model.b])
    model.w.assign_sub(learning_rate * dw)
    model.b.assign_sub(learning_rate * db)


for epoch in range(5):
    train(line, xs, ys, learning_rate=0.1)
    print(f"{epoch}: {line.w.numpy():.4f} {line.b.numpy():.4f} {loss_of(ys, line(xs)):.4f}")

# An optimizer on variables
p = tf.Variable([1.0, -2.0])
q = tf.Variable(3.0)
adam = keras.optimizers.Adam(0.1)
for i in range(3):
    with tf.GradientTape() as tape:
        cost = tf.reduce_sum(p ** 2) + q * q
    grads = tape.gradient(cost, [p, q])
    adam.apply_gradients(zip(grads, [p, q]))
    print("%.4f" % cost)
q.assign(2.0)
sgd = keras.optimizers.SGD(0.5)
with tf.GradientTape() as tape:
    cost = tf.reduce_sum(p) * q
gp, gq = tape.gradient(cost, [p, q])
sgd.apply_gradients([(gp, p), (gq, q)])
print(np.round(p.numpy(), 3), np.round(q.numpy(), 3))

# Layers by hand
class NaiveDense:
    def __init__(self, rows, columns, activation):
        self.activation = activation
        self.W = tf.Variable(np.arange(rows * columns).reshape(rows, columns).astype("float32") / 10)
        self.b = tf.Variable(tf.zeros((columns,)))

    def __call__(self, inputs):
        return self.activation(tf.matmul(inputs, self.W) + self.b)

    @property
    def weights(self):
        return [self.W, self.b]


class NaiveSequential:
    def __init__(self, layers):
        self.layers = layers

    def __call__(self, inputs):
        x = inputs
        for layer in self.layers:
            x = layer(x)
        return x

    @property
    def weights(self):
        weights = []
        for layer in self.layers:
            weights += layer.weights
        return weights


naive = NaiveSequential([NaiveDense(2, 3, tf.nn.relu), NaiveDense(3, 1, tf.nn.sigmoid)])
rate = 0.5


def update_weights(gradients, weights):
    for g, w in zip(gradients, weights):
        w.assign_sub(g * rate)


def one_training_step(model, batch, goal):
    with tf.GradientTape() as tape:
        predictions = model(batch)
        average_loss = tf.reduce_mean(tf.square(goal - predictions))
    gradients = tape.gradient(average_loss, model.weights)
    update_weights(gradients, model.weights)
    return average_loss


for step in range(3):
    print("%.5f" % one_training_step(naive, inputs, targets))
print(len(naive.weights), np.round(naive.layers[0].W.numpy(), 4))

# Operations
m = tf.constant([[1.0, -2.0, 3.0], [-4.0, 5.0, -6.0]])
print(tf.nn.relu(m).numpy())
print(np.round(tf.nn.sigmoid(m).numpy(), 4))
print(tf.tile(m, [1, 2]).numpy())
print(tf.gather(m, [1, 0]).numpy())
print(tf.cumsum(m).numpy(), tf.cumsum(m, axis=1).numpy())
print(tf.identity(m).numpy()[0])
print(tf.reverse(m, axis=[1]).numpy())
print(np.round(tf.nn.leaky_relu(m).numpy(), 4))
print(tf.matmul(m, m, transpose_b=True).numpy())
print(tf.einsum("ij,kj->ik", m, m).numpy())
print(keras.ops.eye(2).numpy())
picture = tf.constant(np.arange(16).reshape(1, 4, 4, 1).astype("float32"))
print(tf.image.resize(picture, (2, 2)).numpy().reshape(-1), tf.image.resize(picture, [2, 2], method="nearest").numpy().reshape(-1))
