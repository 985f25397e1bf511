# Data sets, generators and arrays that notebooks loop over. By a Python with TensorFlow:
#
#	python port/testdata/pipelines.py > port/testdata/pipelines.txt
from collections import Counter, defaultdict

import numpy as np
import tensorflow as tf

# Generators
def batches(x, n):
    while True:
        for i in range(0, len(x), n):
            yield x[i:i + n], x[i:i + n, 0]


data = np.arange(12).reshape(6, 2)
pairs = batches(data, 4)
a, b = next(pairs)
print(a.shape, b)
a, b = next(pairs)
print(a.shape, b)
a, b = next(pairs)
print(a.shape, b)
for i, (x, y) in enumerate(batches(data, 3)):
    print(i, x.sum(), y)
    if i == 2:
        break

# tf.data
ds = tf.data.Dataset.from_tensor_slices((data, np.arange(6)))
for x, y in ds.map(lambda x, y: (x * 2, y)).filter(lambda x, y: y > 1).batch(2):
    print(x.numpy().sum(), y.numpy())
for batch in ds.batch(4).take(1):
    print(batch[0].shape[0], batch[1].numpy())
windows = tf.data.Dataset.range(8).window(4, shift=2, drop_remainder=True).flat_map(lambda w: w.batch(4)).map(lambda w: (w[:-1], w[-1:]))
for x, y in windows:
    print(x.numpy(), y.numpy())
one = tf.data.Dataset.range(4)
for v in one.map(lambda v: v * v).batch(3):
    print(v.numpy())
for x, y in tf.data.Dataset.zip((one, one.map(lambda v: v + 1))).batch(4):
    print(x.numpy(), y.numpy())
scale = tf.keras.layers.Rescaling(1. / 4)
for x in tf.data.Dataset.from_tensor_slices(np.ones((2, 2, 2, 1), dtype='float32')).map(lambda x: scale(x)).batch(2):
    print(x.shape[0], x.numpy().sum())

# Counting
words = 'a b a c b a'.split()
count = defaultdict(int)
for w in words:
    count[w] += 1
print(count['a'], count['b'], count['d'], Counter(words)['c'])
for i, w in enumerate(words[:2], start=5):
    print(i, w)
for i, w in enumerate(words[:2], 1):
    print(i, w)

# Numbers that grow into floats and arrays
x = 3
for i in range(2):
    x = x * 0.5
print(x)
total = 0
for i in range(3):
    total = total + np.ones(2) * i
print(total)
seen = []
for row in np.array([[1, 2], [3, 4], [1, 2]]):
    if row.sum() not in seen:
        seen.append(row.sum())
print(len(seen))

# NumPy
r = np.random.RandomState(3)
print(r.randint(0, 9, 4), r.rand())
np.random.seed(1)
print(np.random.choice([0, 1, 2], size=(2, 3), p=[0.1, 0.8, 0.1]), np.random.choice(10, 4, replace=False))
print(np.c_[np.arange(3), np.zeros(3)], np.r_[np.arange(2), np.ones(1)])
print(np.bincount(np.array([1, 1, 3]), minlength=6))
v = tf.Variable(np.ones(3))
v.assign_add(np.arange(3.0))
print(v.numpy(), tf.argmax(np.array([1, 5, 2])).numpy())
