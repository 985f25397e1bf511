# Classes of one's own: sequences of batches, losses, metrics, schedules, and layers with weights beside other layers. By a Python with Keras:
#
#	KERAS_BACKEND=tensorflow python port/testdata/parts.py > port/testdata/parts.txt
import math
import numpy as np
import keras
from keras import layers, ops
from keras import backend as K

class CIFAR10Sequence(keras.utils.Sequence):
    def __init__(self, x_set, y_set, batch_size):
        self.x, self.y = x_set, y_set
        self.batch_size = batch_size

    def __len__(self):
        return math.ceil(len(self.x) / self.batch_size)

    def __getitem__(self, idx):
        low = idx * self.batch_size
        high = min(low + self.batch_size, len(self.x))
        batch_x = self.x[low:high]
        batch_y = self.y[low:high]
        return batch_x, batch_y

class Simple(keras.utils.PyDataset):
    def __init__(self, x, y, batch_size, **kwargs):
        super().__init__(**kwargs)
        self.x, self.y = x, y
        self.batch_size = batch_size
    def __len__(self):
        return len(self.x) // self.batch_size
    def __getitem__(self, idx):
        batch_x = self.x[idx * self.batch_size:(idx + 1) * self.batch_size]
        batch_y = self.y[idx * self.batch_size:(idx + 1) * self.batch_size]
        return np.array([a * 2 for a in batch_x]), np.array(batch_y)
x = np.arange(80, dtype='float32').reshape(20, 4) / 80
y = x.sum(axis=1)
seq = CIFAR10Sequence(x, y, 6)
model = keras.Sequential()
model.add(keras.layers.Dense(1, input_shape=(4,), kernel_initializer='ones'))
model.compile(loss='mse', optimizer=keras.optimizers.SGD(0.01), metrics=['mae'])
hist = model.fit(seq, epochs=3, shuffle=False, verbose=0)
print(['%.4f' % v for v in hist.history['loss']])
train_gen = Simple(x[:16], y[:16], 4, workers=2, use_multiprocessing=False)
test_gen = Simple(x[16:], y[16:], 2)
hist = model.fit(train_gen, steps_per_epoch=len(train_gen), validation_data=test_gen, validation_steps=len(test_gen), epochs=2, verbose=0, shuffle=False)
print(['%.4f' % v for v in hist.history['val_mae']])
print(np.round(model.predict(test_gen, verbose=0), 3))
loss, mae = model.evaluate(test_gen, verbose=0)
print('%.4f %.4f' % (loss, mae))
for i in range(len(test_gen)):
    bx, by = test_gen[i]
    print(i, bx.shape, by.shape)
def generator(x, y, batch_size):
    n = len(x)
    while True:
        for i in range(0, n, batch_size):
            yield x[i:i + batch_size], y[i:i + batch_size]
hist = model.fit(generator(x, y, 5), steps_per_epoch=4, epochs=2, validation_data=generator(x, y, 10), validation_steps=2, verbose=0)
print(['%.4f' % v for v in hist.history['val_loss']])


class CategoricalTruePositives(keras.metrics.Metric):
    def __init__(self, name="categorical_true_positives", **kwargs):
        super().__init__(name=name, **kwargs)
        self.true_positives = self.add_variable(shape=(), name="ctp", initializer="zeros")
    def update_state(self, y_true, y_pred, sample_weight=None):
        y_pred = ops.reshape(ops.argmax(y_pred, axis=1), (-1, 1))
        values = ops.cast(y_true, "int32") == ops.cast(y_pred, "int32")
        values = ops.cast(values, "float32")
        if sample_weight is not None:
            sample_weight = ops.cast(sample_weight, "float32")
            values = ops.multiply(values, sample_weight)
        self.true_positives.assign_add(ops.sum(values))
    def result(self):
        return self.true_positives
    def reset_state(self):
        self.true_positives.assign(0)

class F1Score(keras.metrics.Metric):
    def __init__(self, name='f1_score', **kwargs):
        super(F1Score, self).__init__(name=name, **kwargs)
        self.precision = keras.metrics.Precision()
        self.recall = keras.metrics.Recall()
    def update_state(self, y_true, y_pred, sample_weight=None):
        self.precision.update_state(y_true, y_pred, sample_weight)
        self.recall.update_state(y_true, y_pred, sample_weight)
    def result(self):
        p = self.precision.result()
        r = self.recall.result()
        return 2 * ((p * r) / (p + r + K.epsilon()))
    def reset_state(self):
        self.precision.reset_state()
        self.recall.reset_state()

class CustomMSE(keras.losses.Loss):
    def __init__(self, regularization_factor=0.1, name="custom_mse"):
        super().__init__(name=name)
        self.regularization_factor = regularization_factor
    def call(self, y_true, y_pred):
        mse = ops.mean(ops.square(y_true - y_pred), axis=-1)
        reg = ops.mean(ops.square(0.5 - y_pred), axis=-1)
        return mse + reg * self.regularization_factor

class FocalLoss(keras.losses.Loss):
    def __init__(self, gamma=2., alpha=.25, **kwargs):
        super().__init__(**kwargs)
        self.gamma = gamma
        self.alpha = alpha
    def call(self, y_true, y_pred):
        y_pred = ops.clip(y_pred, 1e-7, 1 - 1e-7)
        pt = ops.where(ops.equal(y_true, 1), y_pred, 1 - y_pred)
        return -ops.mean(self.alpha * (1 - pt) ** self.gamma * ops.log(pt))

np.random.seed(1)
x = np.random.rand(32, 4).astype('float32')
y = (x.sum(axis=1) > 2).astype('int32').reshape(-1, 1)
model = keras.Sequential([keras.Input((4,)), layers.Dense(2, kernel_initializer=keras.initializers.RandomUniform(seed=3), activation='softmax')])
model.set_weights([np.array([[1, 2], [0, 1], [1, 0], [1, 1]]) * 0.3, np.zeros(2)])
model.compile(optimizer='sgd', loss='sparse_categorical_crossentropy', metrics=[CategoricalTruePositives()])
h = model.fit(x, y, batch_size=8, epochs=2, shuffle=False, verbose=0)
print(['%.4f' % v for v in h.history['categorical_true_positives']])
for loss in [CustomMSE(), CustomMSE(0.5), FocalLoss(gamma=1.0)]:
    m2 = keras.Sequential([keras.Input((4,)), layers.Dense(1, kernel_initializer='ones', activation='sigmoid')])
    m2.compile('sgd', loss=loss, metrics=['accuracy', F1Score()])
    h = m2.fit(x, y.astype('float32'), batch_size=8, epochs=2, shuffle=False, verbose=0)
    print(['%.4f' % v for v in h.history['loss']], ['%.4f' % v for v in h.history['f1_score']])
    print(['%.4f' % v for v in m2.evaluate(x, y.astype('float32'), verbose=0)])
m = CategoricalTruePositives()
m.update_state(y, model.predict(x, verbose=0))
print(float(m.result()))
m.reset_state()
print(float(m.result()))


class WarmUpCosine(keras.optimizers.schedules.LearningRateSchedule):
    def __init__(self, learning_rate_base, total_steps, warmup_learning_rate, warmup_steps):
        super().__init__()
        self.learning_rate_base = learning_rate_base
        self.total_steps = total_steps
        self.warmup_learning_rate = warmup_learning_rate
        self.warmup_steps = warmup_steps
        self.pi = np.pi
    def __call__(self, step):
        if self.total_steps < self.warmup_steps:
            raise ValueError("Total_steps must be larger or equal to warmup_steps.")
        cos_annealed_lr = ops.cos(self.pi * (ops.cast(step, "float32") - self.warmup_steps) / float(self.total_steps - self.warmup_steps))
        learning_rate = 0.5 * self.learning_rate_base * (1 + cos_annealed_lr)
        if self.warmup_steps > 0:
            slope = (self.learning_rate_base - self.warmup_learning_rate) / self.warmup_steps
            warmup_rate = slope * ops.cast(step, "float32") + self.warmup_learning_rate
            learning_rate = ops.where(step < self.warmup_steps, warmup_rate, learning_rate)
        return ops.where(step > self.total_steps, 0.0, learning_rate)
    def get_config(self):
        return {"learning_rate_base": self.learning_rate_base}

class CustomSchedule(keras.optimizers.schedules.LearningRateSchedule):
    def __init__(self, init_lr=1e-5, lr_after_warmup=1e-2, final_lr=1e-4, warmup_epochs=3, decay_epochs=5, steps_per_epoch=4):
        super().__init__()
        self.init_lr = init_lr
        self.lr_after_warmup = lr_after_warmup
        self.final_lr = final_lr
        self.warmup_epochs = warmup_epochs
        self.decay_epochs = decay_epochs
        self.steps_per_epoch = steps_per_epoch
    def calculate_lr(self, epoch):
        """linear warm up - linear decay"""
        warmup_lr = (self.init_lr + ((self.lr_after_warmup - self.init_lr) / (self.warmup_epochs - 1)) * epoch)
        decay_lr = ops.maximum(self.final_lr, self.lr_after_warmup - (epoch - self.warmup_epochs) * (self.lr_after_warmup - self.final_lr) / self.decay_epochs)
        return ops.minimum(warmup_lr, decay_lr)
    def __call__(self, step):
        epoch = step // self.steps_per_epoch
        epoch = ops.cast(epoch, "float32")
        return self.calculate_lr(epoch)

x = np.linspace(0, 1, 64).reshape(16, 4).astype('float32')
y = x.mean(axis=1, keepdims=True)
for schedule in [WarmUpCosine(0.1, 20, 0.0, 4), CustomSchedule()]:
    model = keras.Sequential([keras.Input((4,)), layers.Dense(1, kernel_initializer='ones')])
    model.compile(optimizer=keras.optimizers.SGD(schedule, momentum=0.9), loss='mse')
    h = model.fit(x, y, batch_size=4, epochs=4, shuffle=False, verbose=0)
    print(['%.5f' % v for v in h.history['loss']])


class Attend(layers.Layer):
    def __init__(self, use_bias=True, **kwargs):
        super().__init__(**kwargs)
        self.use_bias = use_bias
    def build(self, input_shape):
        self.W = self.add_weight(name='att_weight', shape=(input_shape[-1], 1), initializer='ones', trainable=True)
        if self.use_bias:
            self.b = self.add_weight(name='att_bias', shape=(input_shape[1], 1), initializer='zeros', trainable=True)
        super().build(input_shape)
    def call(self, x):
        e = ops.matmul(x, self.W)
        if self.use_bias:
            e = e + self.b
        a = ops.softmax(ops.tanh(e), axis=1)
        return ops.sum(x * a, axis=1)
    def get_config(self):
        config = super().get_config()
        config.update({'use_bias': self.use_bias})
        return config

class GatedBlock(layers.Layer):
    def __init__(self, units):
        super().__init__()
        self.units = units
        self.dense = layers.Dense(units, kernel_initializer='ones')
        self.gate = layers.Dense(units, activation='sigmoid', kernel_initializer='ones')
    def build(self, input_shape):
        self.scale = self.add_weight(shape=(self.units,), initializer='ones', name='scale')
        self.built = True
    def call(self, inputs):
        return self.dense(inputs) * self.gate(inputs) * self.scale

class PositionEmbedding(layers.Layer):
    def __init__(self, max_len, vocab, dim, **kwargs):
        super().__init__(**kwargs)
        self.token_emb = layers.Embedding(vocab, dim, embeddings_initializer='identity')
        self.pos_emb = layers.Embedding(max_len, dim, embeddings_initializer='identity')
        self.cls = self.add_weight(shape=(1, 1, dim), initializer='zeros', name='cls')
    def call(self, x):
        n = ops.shape(x)[-1]
        positions = ops.arange(0, n, 1)
        return self.token_emb(x) + self.pos_emb(positions) + self.cls

class FeedForward(layers.Layer):
    def __init__(self, dim, hidden, rate=0.0):
        super().__init__()
        self.dim, self.hidden, self.rate = dim, hidden, rate
    def build(self, input_shape):
        self.net = keras.Sequential([
            layers.Dense(self.hidden, activation='relu', kernel_initializer='ones'),
            layers.Dropout(self.rate),
            layers.Dense(self.dim, kernel_initializer='ones'),
        ])
        self.norm = layers.LayerNormalization(epsilon=1e-6)
        super().build(input_shape)
    def call(self, x, training=False):
        return self.norm(x + self.net(x, training=training))

inp = keras.Input((6,), dtype='int32')
h = PositionEmbedding(6, 10, 4)(inp)
h = FeedForward(4, 8)(h)
h = GatedBlock(4)(h)
h = Attend()(h)
out = layers.Dense(1, kernel_initializer='ones')(h)
model = keras.Model(inp, out)
print(len(model.trainable_weights), model.count_params())
x = np.arange(48).reshape(8, 6) % 10
model.compile('sgd', 'mse')
hist = model.fit(x, x.mean(axis=1) / 10, epochs=2, batch_size=4, shuffle=False, verbose=0)
print(['%.4f' % v for v in hist.history['loss']])

def my_mse(y_true, y_pred):
    return ops.mean(ops.square(y_true - y_pred), axis=-1)
def m_abs(y_true, y_pred):
    return ops.mean(ops.abs(y_true - y_pred))
x = np.arange(8, dtype='float32').reshape(4, 2) / 8
y = np.arange(4, dtype='float32')
m = keras.Sequential([keras.Input((2,)), layers.Dense(1, kernel_initializer='ones')])
m.compile('sgd', my_mse, metrics=[m_abs])
h = m.fit(x, y, epochs=2, shuffle=False, verbose=0)
print(['%.4f' % v for v in h.history['loss']], ['%.4f' % v for v in h.history['m_abs']])
class L(keras.losses.Loss):
    def call(self, y_true, y_pred):
        return ops.mean(ops.square(y_true - y_pred), axis=-1)
m = keras.Sequential([keras.Input((2,)), layers.Dense(1, kernel_initializer='ones')])
m.compile('sgd', L())
h = m.fit(x, y, epochs=2, shuffle=False, verbose=0)
print(['%.4f' % v for v in h.history['loss']])

params = {'batch_size': 4, 'scale': (2, 3)}
class Scaled(keras.utils.Sequence):
    def __init__(self, ids, batch_size=1, scale=(1, 1), **kwargs):
        super().__init__(**kwargs)
        self.ids, self.batch_size, self.scale = ids, batch_size, scale
        self.epoch = 0
        self.on_epoch_end()
    def __len__(self):
        return int(np.floor(len(self.ids) / self.batch_size))
    def __getitem__(self, index):
        rows = [self.ids[k] for k in self.order[index * self.batch_size:(index + 1) * self.batch_size]]
        return self.__rows(rows)
    def on_epoch_end(self):
        self.order = np.arange(len(self.ids))
        self.epoch += 1
    def __rows(self, rows):
        out = np.empty((self.batch_size, *self.scale))
        for i, r in enumerate(rows):
            out[i,] = r
        return out, np.array(rows)
scaled = Scaled([10, 20, 30, 40, 50, 60, 70, 80, 90], **params)
print(len(scaled), scaled.epoch)
for inputs, targets in scaled:
    print(inputs.shape, inputs.sum(), targets)

# The first axis of build's shape is the batch.
built = keras.Sequential([layers.Conv2D(4, 3), layers.Flatten(), layers.Dense(2)])
built.build((None, 6, 5, 1))
print(built.output_shape, built.count_params())
built = keras.Sequential()
built.add(layers.Dense(3))
built.build(input_shape=np.zeros((7, 8)).shape)
print(built.output_shape[-1], built.count_params())

# Models of other models' inputs and outputs, and of lists of them.
left, right = keras.Input((4,), name="left"), keras.Input((4,), name="right")
two = keras.Model([left, right], [layers.Dense(3, name="first")(layers.concatenate([left, right])), layers.Dense(2)(left)])
given = np.ones((5, 4))
print(keras.Model(two.input, two.get_layer("first").output).predict([given, given], verbose=0).shape)
print(len(keras.Model(inputs=two.input, outputs=two.output).predict([given, given], verbose=0)))
stack = keras.Sequential([layers.Input((4,)), layers.Dense(3), layers.Dense(2)])
outputs = [layer.output for layer in stack.layers]
for activation in keras.Model(stack.inputs, outputs).predict(given, verbose=0):
    print(activation.shape)

# Shapes are tuples, wherever they are held.
shape = given.shape
sizes = [w.shape for w in stack.get_weights()]
print(shape, f"{shape}", sizes, {"given": shape}, [t.shape for t in two.inputs], shape + (1,), stack.output_shape)
