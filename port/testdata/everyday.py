# What programs do every day: mutations, aliases, functions, classes, texts and arrays.
import numpy as np
import math
import os
import random
import re
from collections import Counter
random.seed(3)
np.random.seed(3)
# mutation and aliases
a = [1, 2, 3]
b = a
b[0] = 9
m = np.zeros((2, 2))
n = m
n[0, 0] = 5
print(m[0, 0])
k = m.copy()
k[0, 0] = 7
print(m[0, 0], k[0, 0])
row = m[0]
row += 1
print(m)
def add_one(arr):
    arr += 1
def add_two(arr):
    arr = arr + 2
    return arr
add_one(m)
print(m, add_two(m), m)
def put(d, key):
    d[key] = len(d)
store = {}
put(store, "x")
put(store, "y")
print(store)
def grow(lst):
    lst.append(len(lst))
    return lst
base = []
grow(base)
grow(base)
print(base)
config = {"layers": [32, 64], "name": "net", "rate": 0.001, "opts": {"a": 1}}
config["layers"].append(128)
config["name"] = "other"
print(config["layers"], config["name"], config["rate"], config["opts"]["a"], len(config))
x = y = 0
x += 1
print(x, y)
z = (x, y) = (3, 4)
print(z, x, y)
i = 5
for i in range(3):
    pass
print(i)
squares = {n: n ** 2 for n in range(4)}
print(squares, squares[3])
total = 0.0
for v in squares.values():
    total += v
print(total, total / len(squares))
evens = [v for v in squares.values() if v % 2 == 0]
print(evens)
nested = [[1, 2], [3], []]
print([len(r) for r in nested], sum(len(r) for r in nested), max(nested, key=len))
words = ["apple", "bob", "cat"]
print({w[0]: w for w in words}, {len(w) for w in words}, sorted(words, key=lambda w: (len(w), w)))
print(" ".join(w.capitalize() for w in words), words.index("bob"), "bob" in words)
lookup = {}
for idx, w in enumerate(words):
    lookup.setdefault(len(w), []).append(w)
print(lookup)
s = ""
for w in words:
    s += w[0].upper() + "-"
print(s[:-1], len(s))
result = None
for w in words:
    if w.startswith("b"):
        result = w
print(result)
flags = [w > "b" for w in words]
print(flags, sum(flags), all(flags), any(flags))
print(random.random(), random.randint(1, 10), random.choice(words), random.sample(range(10), 3))
order = list(range(5))
random.shuffle(order)
print(order)
print(np.random.rand(2), np.random.randint(0, 5, 3), np.random.choice(5, 2, replace=False), np.random.normal(size=2))
p = np.array([0.1, 0.2, 0.7])
print(np.random.choice(len(p), p=p), np.argmax(np.random.multinomial(1, p, 1)))
def temperature_sample(preds, temperature=1.0):
    preds = np.asarray(preds).astype("float64")
    preds = np.log(preds) / temperature
    exp_preds = np.exp(preds)
    preds = exp_preds / np.sum(exp_preds)
    return np.argmax(np.random.multinomial(1, preds, 1))
print([temperature_sample(p, t) for t in [0.5, 1.0]])
def recursive(n):
    return 1 if n <= 1 else n * recursive(n - 1)
print(recursive(5))
def stats(values):
    """Mean and deviation."""
    mean = sum(values) / len(values)
    var = sum((v - mean) ** 2 for v in values) / len(values)
    return mean, math.sqrt(var)
mean, std = stats([1, 2, 3, 4])
print(f"{mean:.2f} +- {std:.3f}")
def defaults(a, b=2, *, c=3):
    return a + b + c
print(defaults(1), defaults(1, c=5), defaults(a=1, b=1))
apply = lambda f, v: f(v)
print(apply(lambda q: q + 1, 3), (lambda: 4)())
class Counter2:
    count = 0
    def __init__(self):
        self.count = 0
    def inc(self, by=1):
        self.count += by
        return self
c1, c2 = Counter2(), Counter2()
c1.inc().inc(2)
print(c1.count, c2.count)
class Shape:
    def __init__(self, name):
        self.name = name
    def area(self):
        return 0
    def describe(self):
        return "%s %.1f" % (self.name, self.area())
class Square(Shape):
    def __init__(self, side):
        super().__init__("square")
        self.side = side
    def area(self):
        return self.side ** 2
print(Square(3).describe())
arr = np.arange(12).reshape(3, 4)
print(arr[1], arr[:, 1], arr[-1, -1], arr[::2, 1:3], arr[arr > 6], arr[[0, 2]], arr[..., 0])
arr[arr % 2 == 0] = -1
print(arr, arr.sum(), (arr == -1).sum(axis=0), arr.reshape(-1)[:3], arr.T.shape)
for r in arr[:2]:
    print(r, r.max())
print(np.concatenate([arr[:1], arr[2:]]), np.vstack([arr[0], arr[1]]).shape, np.array_equal(arr, arr.copy()))
print(int(arr[0, 1]) + 1, float(arr.mean()), arr[0, 1] * 2, str(arr[0, 1]), arr[0].tolist(), list(arr[0][:2].tolist()))
print(len(arr), arr.shape[0] // 2, "%s" % (arr.shape,), "{}".format(arr.shape))
g = np.meshgrid(np.arange(2), np.arange(3))
w = np.where(arr == -1)
print(w[0][:3], len(w))
e = 1e-8
print(e, 1 - e, -np.log(0.5), np.round(np.sqrt(2), 3), round(float(np.sqrt(2)), 3), np.exp(1) == np.e)
print(os.path.join("a", "b.txt"), "b.txt".split(".")[-1], os.path.splitext("x/y.tar.gz"))

text = "The quick brown fox. The lazy dog!\nA new line, with CAPS and 123 numbers."
sentences = re.split(r"[.!\n]", text)
print([s.strip() for s in sentences if s.strip()])
tokens = [w.lower() for w in re.findall(r"[A-Za-z]+", text)]
print(tokens[:5], len(set(tokens)))
vocab = sorted(set(tokens))
word_to_ix = {w: i for i, w in enumerate(vocab)}
ix_to_word = {i: w for w, i in word_to_ix.items()}
print(word_to_ix["the"], ix_to_word[0])
seqs = [[word_to_ix[w] for w in s.lower().split() if w in word_to_ix] for s in sentences]
print(seqs)
maxlen = max(len(s) for s in seqs)
padded = np.zeros((len(seqs), maxlen), dtype="int32")
for i, s in enumerate(seqs):
    padded[i, :len(s)] = s
print(padded)
one_hot = np.eye(4)[np.array([0, 2, 3])]
print(one_hot)
freq = Counter(tokens)
for w, c in freq.most_common(3):
    print(f"{w:<10}{c:>3}")
lengths = list(map(len, tokens))
print(min(lengths), max(lengths), sum(lengths) / len(lengths))
bigrams = list(zip(tokens[:-1], tokens[1:]))
print(bigrams[:2])
loss_history = []
best, patience, wait = float("inf"), 2, 0
for epoch in range(10):
    loss = abs(math.sin(epoch)) + 0.1
    loss_history.append(loss)
    if loss < best:
        best, wait = loss, 0
    else:
        wait += 1
        if wait >= patience:
            print("Stopping at", epoch)
            break
print("best %.4f" % best, len(loss_history))
def moving_average(xs, n=3):
    out = []
    for i in range(len(xs) - n + 1):
        out.append(sum(xs[i:i + n]) / n)
    return out
print([round(x, 3) for x in moving_average([1, 2, 3, 4, 5])])
def smooth(points, factor=0.8):
    smoothed = []
    for p in points:
        if smoothed:
            smoothed.append(smoothed[-1] * factor + p * (1 - factor))
        else:
            smoothed.append(p)
    return smoothed
print(smooth([1.0, 2.0, 3.0]))
def batches(x, y, size):
    for start in range(0, len(x), size):
        yield x[start:start + size], y[start:start + size]
for bx, by in batches(np.arange(5), np.arange(5) * 2, 2):
    print(bx, by)
class Agent:
    gamma = 0.9
    def __init__(self, states, actions=2):
        self.states = states
        self.actions = actions
        self.memory = []
        self.q = np.zeros((states, actions))
        self.stats = {"wins": 0, "losses": 0}
    def remember(self, s, a, r):
        self.memory.append((s, a, r))
        if r > 0:
            self.stats["wins"] += 1
        else:
            self.stats["losses"] += 1
    def replay(self):
        for s, a, r in self.memory:
            self.q[s, a] += r * self.gamma
        return self.q.sum()
    def __repr__(self):
        return f"Agent({self.states}, {self.actions})"
agent = Agent(3)
agent.remember(0, 1, 1.0)
agent.remember(2, 0, -0.5)
print(agent.replay(), agent.stats, agent, len(agent.memory))
matrix = [[0] * 3 for _ in range(3)]
for i in range(3):
    for j in range(3):
        matrix[i][j] = i * j
print(matrix, [row[1] for row in matrix])
flat = [x for row in matrix for x in row if x]
print(flat, np.array(matrix).shape)
x = np.random.RandomState(0).randn(4, 3)
print(x.mean(axis=0).round(3), x.std(), (x > 0).sum(), np.argmax(x, axis=1))
norm = (x - x.mean(0)) / x.std(0)
print(np.allclose(norm.mean(0), 0), norm.shape)
idx = np.random.RandomState(1).permutation(4)
print(x[idx][:2].round(2), idx)
train, test = x[:3], x[3:]
print(train.shape, test.shape)
labels = np.array(["cat", "dog", "cat"])
acc = np.mean(np.array([1, 0, 1]) == np.array([1, 1, 1]))
print("Accuracy: {:.2f}%".format(acc * 100), acc)
print("shape:", x.shape, "dtype:", x.dtype, "min: %f" % x.min())
print("%d/%d [%s]" % (3, 10, "=" * 3 + "." * 7), end="\r\n")
print("{0} {1} {0}".format("a", "b"), "{name}={value:.1f}".format(name="x", value=2.345))
print(str(x.shape[0]) + "x" + str(x.shape[1]), f"{x.shape[0]:>5}", f"{acc:.3e}")
d = {"b": [1, 2], "a": [3]}
for k in sorted(d):
    print(k, d[k], sum(d[k]))
print({k: len(v) for k, v in d.items()}, list(d), "a" in d, d.pop("a"), d)
total = 0
for k, v in d.items():
    total += sum(v)
print(total, max(d.items(), key=lambda kv: len(kv[1])))
s = "abc"
print(s.join(["1", "2"]), s[::-1], s.upper().lower().capitalize(), s.index("b"), s.replace("a", "x", 1), s.zfill(5), s.isalpha())
print(" a b ".split(), "a,b,,c".split(","), "a b c".rsplit(" ", 1), "line1\nline2".splitlines(), "k=v".partition("="))
print(3 // 2, -3 // 2, 3 % -2, 2 ** 10, 2 ** -1, 7 / 2, int(-3.7), round(2.5), round(-1.5), 1e3, 1e-7, 123456789.0, 1e16, 0.1 + 0.2)
print(True + 1, not 0, 1 < 2 < 3, None or "x", [] or [1], 0 and 5, "" or "empty")
a, b, *c = range(5)
print(a, b, c)
t = (1, 2, 3)
print(t + (4,), t * 2, t[1:], len(t), 2 in t, t.index(3), t.count(1), sum(t), max(t))
n = 0
while True:
    n += 1
    if n % 2:
        continue
    if n > 6:
        break
    print(n, end=" ")
print()
print(sorted([3, 1, 2], reverse=True), sorted("hello"), sorted(["bb", "a", "ccc"], key=len), list(reversed([1, 2, 3])))
print(list(enumerate("ab", 1)), dict(zip("ab", [1, 2])), [(i, j) for i in range(2) for j in range(2) if i != j])
print(list(map(lambda v: v * 2, [1, 2])), list(filter(None, [0, 1, 2])), any([]), all([]))
print(np.array([1.5, 2.0]), np.array([[1, 2], [3, 4]]) * 2, np.arange(3) / 2, np.array([1e-5, 1.0]), np.array([1e6, 2.5e6]), np.float32(0.1), np.array([0.1], dtype="float32"))
