# Training steps of one's own, with weights that are set so that all numbers are known. By a Python with TensorFlow:
#
#	KERAS_BACKEND=tensorflow python port/testdata/steps.py > port/testdata/steps.txt
import numpy as np
import tensorflow as tf
from tensorflow import keras
from tensorflow.keras import layers

x = (np.arange(48).reshape(12, 4) % 7).astype("float32") / 7
y = (np.arange(12).reshape(12, 1) % 5).astype("float32") / 5


def dense(inputs, units, activation=None):
    return keras.Sequential([keras.Input((inputs,)), layers.Dense(6, activation="tanh"), layers.Dense(units, activation=activation)])


def fill(model):
    model.set_weights([(np.arange(w.size).reshape(w.shape) % 5 - 2) / 10 for w in model.get_weights()])


# A train_step and a test_step
class Custom(keras.Model):
    def train_step(self, data):
        x, y = data
        with tf.GradientTape() as tape:
            y_pred = self(x, training=True)
            loss = self.compute_loss(y=y, y_pred=y_pred)
        gradients = tape.gradient(loss, self.trainable_variables)
        self.optimizer.apply_gradients(zip(gradients, self.trainable_variables))
        for metric in self.metrics:
            if metric.name == "loss":
                metric.update_state(loss)
            else:
                metric.update_state(y, y_pred)
        return {m.name: m.result() for m in self.metrics}

    def test_step(self, data):
        x, y = data
        y_pred = self(x, training=False)
        loss = self.compute_loss(y=y, y_pred=y_pred)
        for metric in self.metrics:
            if metric.name != "loss":
                metric.update_state(y, y_pred)
            else:
                metric.update_state(loss)
        return {m.name: m.result() for m in self.metrics}


inputs = keras.Input((4,))
hidden = layers.Dense(3, activation="relu", kernel_regularizer="l2")(inputs)
model = Custom(inputs, layers.Dense(1)(hidden))
fill(model)
model.compile(optimizer=keras.optimizers.SGD(0.1), loss="mse", metrics=["mae"])
h = model.fit(x, y, epochs=3, batch_size=4, shuffle=False, verbose=0)
print(["%.4f" % v for v in h.history["loss"]])
print(["%.4f" % v for v in h.history["mae"]])


# Losses and metrics by hand
class Hand(keras.Model):
    def __init__(self, inner, scale=2.0):
        super().__init__()
        self.inner = inner
        self.scale = scale
        self.loss_tracker = keras.metrics.Mean(name="loss")
        self.mae = keras.metrics.MeanAbsoluteError(name="mae")

    @property
    def metrics(self):
        return [self.loss_tracker, self.mae]

    def error(self, a, b):
        return self.scale * tf.reduce_mean(tf.square(a - b), axis=-1)

    def train_step(self, data):
        x, y = data
        with tf.GradientTape() as tape:
            p = self.inner(x, training=True)
            loss = self.error(y, p) + 0.1 * tf.reduce_sum(tf.abs(p), axis=1)
        variables = self.inner.trainable_weights
        self.optimizer.apply(tape.gradient(loss, variables), variables)
        self.loss_tracker.update_state(loss)
        self.mae.update_state(y, p)
        return {"loss": self.loss_tracker.result(), "mae": self.mae.result()}


inner = dense(4, 1)
fill(inner)
hand = Hand(inner)
hand.compile(optimizer=keras.optimizers.Adam(0.01, epsilon=1e-3))
h = hand.fit(x, y, epochs=2, batch_size=6, shuffle=False, verbose=0)
print(["%.4f" % v for v in h.history["loss"]], ["%.4f" % v for v in h.history["mae"]])


# Two models against each other
class Gan(keras.Model):
    def __init__(self, discriminator, generator):
        super(Gan, self).__init__()
        self.discriminator = discriminator
        self.generator = generator

    def compile(self, d_optimizer, g_optimizer, loss_fn):
        super(Gan, self).compile()
        self.d_optimizer = d_optimizer
        self.g_optimizer = g_optimizer
        self.loss_fn = loss_fn

    def train_step(self, real):
        if isinstance(real, tuple):
            real = real[0]
        n = tf.shape(real)[0]
        noise = tf.concat([tf.ones((n, 1)), 0.5 * tf.ones((n, 2))], axis=1)
        fake = self.generator(noise)
        both = tf.concat([fake, real], axis=0)
        labels = tf.concat([tf.ones((n, 1)), tf.zeros((n, 1))], axis=0)
        labels += 0.05 * tf.ones(tf.shape(labels))
        with tf.GradientTape() as tape:
            d_loss = self.loss_fn(labels, self.discriminator(both))
        grads = tape.gradient(d_loss, self.discriminator.trainable_weights)
        self.d_optimizer.apply_gradients(zip(grads, self.discriminator.trainable_weights))
        with tf.GradientTape() as tape:
            g_loss = self.loss_fn(tf.zeros((n, 1)), self.discriminator(self.generator(noise)))
        grads = tape.gradient(g_loss, self.generator.trainable_weights)
        self.g_optimizer.apply_gradients(zip(grads, self.generator.trainable_weights))
        return {"d_loss": d_loss, "g_loss": g_loss}


discriminator, generator = dense(4, 1), dense(3, 4)
fill(discriminator)
fill(generator)
gan = Gan(discriminator=discriminator, generator=generator)
gan.compile(keras.optimizers.SGD(0.1), keras.optimizers.SGD(0.2), keras.losses.BinaryCrossentropy(from_logits=True))
gan.fit(tf.data.Dataset.from_tensor_slices(x).batch(12), epochs=3, verbose=0)
print(np.round(generator.predict(np.ones((1, 3)), verbose=0), 4))

# A function with a tape, in a loop
net = dense(4, 3)
fill(net)
optimizer = keras.optimizers.SGD(0.1)
loss_fn = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
train_loss = keras.metrics.Mean(name="train_loss")
accuracy = keras.metrics.SparseCategoricalAccuracy()
val_accuracy = keras.metrics.SparseCategoricalAccuracy()
labels = np.arange(12) % 3
train = tf.data.Dataset.from_tensor_slices((x, labels)).batch(4)


def penalty(logits):
    return 0.01 * tf.reduce_mean(tf.square(logits))


@tf.function
def train_step(images, labels):
    with tf.GradientTape() as tape:
        logits = net(images, training=True)
        loss = loss_fn(labels, logits) + penalty(logits)
    gradients = tape.gradient(loss, net.trainable_variables)
    optimizer.apply_gradients(zip(gradients, net.trainable_variables))
    train_loss(loss)
    accuracy.update_state(labels, logits)
    return loss


for epoch in range(2):
    train_loss.reset_state()
    accuracy.reset_state()
    for step, (images, targets) in enumerate(train):
        value = train_step(images, targets)
        if step % 2 == 0:
            print("step %d: %.4f" % (step, float(value)))
    print("epoch %d: %.4f %.4f" % (epoch, train_loss.result(), float(accuracy.result())))

for images, targets in train:
    val_accuracy.update_state(targets, net(images, training=False))
print("validation: %.4f" % float(val_accuracy.result()))
val_accuracy.reset_state()

# Gradients by inputs: a penalty of a critic's slope
critic = dense(4, 1)
fill(critic)
critic_optimizer = keras.optimizers.SGD(0.05)


def slope(samples):
    with tf.GradientTape() as inner_tape:
        inner_tape.watch(samples)
        score = critic(samples, training=True)
    grads = inner_tape.gradient(score, [samples])[0]
    norm = tf.sqrt(tf.reduce_sum(tf.square(grads), axis=[1]))
    return tf.reduce_mean((norm - 1.0) ** 2)


def critic_step(samples):
    with tf.GradientTape() as tape:
        cost = tf.reduce_mean(critic(samples, training=True)) + 10 * slope(samples)
    critic_optimizer.apply_gradients(zip(tape.gradient(cost, critic.trainable_variables), critic.trainable_variables))
    return cost


for i in range(3):
    print("%.4f" % float(critic_step(tf.constant(x))))

# The same in the loop itself
net = dense(4, 3)
fill(net)
optimizer = keras.optimizers.Adam(0.01, epsilon=1e-3)
accuracy = keras.metrics.SparseCategoricalAccuracy()
for epoch in range(2):
    for step, (a, b) in enumerate(train):
        with tf.GradientTape() as tape:
            logits = net(a, training=True)
            loss_value = loss_fn(b, logits)
        grads = tape.gradient(loss_value, net.trainable_weights)
        optimizer.apply_gradients(zip(grads, net.trainable_weights))
        accuracy.update_state(b, logits)
        if step % 2 == 0:
            print("loss at step %d: %.4f" % (step, float(loss_value)))
    print("accuracy: %.4f" % (float(accuracy.result()),))
    accuracy.reset_state()


# A function whose model becomes another one
def once(images, targets):
    with tf.GradientTape() as tape:
        loss = loss_fn(targets, net(images, training=True))
    optimizer.apply_gradients(zip(tape.gradient(loss, net.trainable_variables), net.trainable_variables))
    return loss


for i in range(2):
    net = dense(4, 3)
    fill(net)
    optimizer = keras.optimizers.SGD(0.5)
    print("%.4f %.4f" % (float(once(x, labels)), float(once(x, labels))))
