# Values that Go has otherwise than Python: names of one list, order, copies, numbers, texts.

# 1
a = [1, 2, 3, 4]
b = a[:2]
b[0] = 9
b.append(7)
print(a, b)
c = a[:]
c[1] = 5
print(a, c)

# 2
name = ""
name = name or "default"
print(name)
n = 0 or 5
print(n)
x = [] or [1]
print(x)
y = "a" and "b"
print(y)

# 3
d = {"zeta": 1, "alpha": 2, "mid": 3}
print(d)
for k in d:
    print(k, d[k])
for k, v in d.items():
    print(k, v)
print(list(d.keys()), list(d.values()))
d["beta"] = 0
print(d)

# 4
print(7 // 2, -7 // 2, 7 // -2, -7 % 3, 7 % -3, -7.5 // 2, -7.5 % 2, 7.5 % -2)
print(2 ** 10, 2 ** -1, 2.0 ** 3, 10 ** 2)
print(7 / 2, 6 / 3, 1 / 3)
print(round(2.5), round(3.5), round(2.675, 2), round(1.115, 2), round(-0.5), round(1234.5678, -2))
print(1e16, 1e15, 123456789012345678, 1e-5, 0.0001, 1.0, 100000.0, 1e100)
print(0.1 + 0.2, 1/7, float("inf"), float("nan"), -0.0)
print(int(3.9), int(-3.9), int("12"), float("1.5"))
print(abs(-3), abs(-2.5), max(1, 2.5), min(3, 1.0), sum([0.1] * 10), sum([1, 2, 3]))
print(True + 1, True == 1, not 0, bool([]), bool("a"))
print(divmod(7, 2), divmod(-7, 2), pow(2, 5))
print(1 < 2 < 3, 3 > 2 > 2, 1 == 1.0)
print(5 & 3, 5 | 3, 5 ^ 3, ~5, 1 << 4, 16 >> 2)

# 5
x = 3.14159
n = 1234567
s = "abc"
print(f"{x:.2f} {x:8.3f}| {x:<8.2f}| {x:^9.2f}| {x:+.1f} {x:e} {x:.3e} {x:g} {n:,} {n:010d} {n:x} {n:b} {n:o} {x:%} {x:.1%}")
print(f"{s:>6}|{s:<6}|{s:^7}|{s:*^9}|{s!r}|{n!s}")
print("%d %5d %-5d| %05d %s %r %.3f %8.2f %e %g %x %%" % (n, 42, 42, 42, s, s, x, x, x, x, 255))
print("{} {} {}".format(1, 2.5, "z"), "{0} {1} {0}".format("a", "b"), "{a:.1f} {b}".format(a=1.25, b=2))
print("{:>8}|{:<8}|{:^8}".format("r", "l", "c"), "{:5d}|{:.3f}".format(3, 2.0))
print(f"{x=}", f"{n = }", f"{s=}")
w = 10
print(f"{x:{w}.2f}|{s:>{w}}")
print(f"{True} {None} {[1, 2]} {(1, 2)} {({'a': 1})}")
print(1, 2, sep="-", end="!\n")
print("a" "b", 'it''s', "it's", 'say "hi"')
print([1.0, 2.5, "x", 'it\'s', None, True], (1,), [], {}, ())
print(repr("a\nb"), str([1, "a"]))
print(f"{1e10} {1e-7} {123456789.123}", f"{12345.678:,.2f}", f"{0.5:.0f} {1.5:.0f} {2.5:.0f}")

# 6
import numpy as np
a = np.arange(12).reshape(3, 4)
v = a[1]
v[0] = 100
print(a)
c = a[[0, 2]]
c[0, 0] = -1
print(a[0, 0], c)
print(a[:, -1], a[::-1], a[1:, ::2], a[a > 5])
a += 1
print(a.dtype, a)
b = a / 2
print(b.dtype, b.sum(), b.mean(axis=0), b.std(), a.max(axis=1), a.argmax())
print(np.array([1, 2]) + np.array([[1], [2]]))
print(np.array([1, 2]) * 1.5, np.array([1, 2], dtype=np.float32) * 1.5, (np.array([1], dtype=np.uint8) + np.array([255], dtype=np.uint8)))
x = np.zeros(3)
y = x
y += 1
print(x)
y = y + 1
print(x, y)
z = x.copy()
z[:] = 5
print(x, z)
print(np.array([7, -7]) // 2, np.array([7, -7]) % 3, np.array([7.5, -7.5]) // 2, np.array([1, 0]) / np.array([2, 1]))
print(np.float32(0.1), np.float64(0.1), np.array([0.1, 0.2], dtype="float32"), np.array([1e10, 1]), np.array([1e-10, 1]), np.array([1.5, float("nan")]))
print(np.linspace(0, 1, 5), np.eye(2), np.arange(0, 1, 0.25), np.ones((2, 2), dtype=int))
print(np.concatenate([a, a], axis=0).shape, np.vstack([a, a]).shape, np.stack([a, a]).shape, a.T.shape, a.flatten().shape)
np.random.seed(0)
print(np.random.rand(3), np.random.randn(2), np.random.randint(0, 10, 5), np.random.choice([1, 2, 3], 2), np.random.permutation(5), np.random.uniform(0, 1, 2), np.random.normal(0, 1, 2))
rng = np.random.default_rng(1)
print(rng.random(2), rng.integers(0, 5, 3), rng.normal(size=2))
print(np.round(2.5), np.round(np.array([0.5, 1.5, 2.675]), 2), np.where(a > 5, 1, 0), np.unique([3, 1, 3]), np.argsort([3, 1, 2]), np.cumsum([1, 2, 3]), np.dot([1, 2], [3, 4]), np.clip([1, 5, 9], 2, 6))
print(a.shape, a.size, a.ndim, len(a), a.tolist(), a[0].tolist())
print(np.mean([1, 2, 3, 4]), np.median([1, 3, 2]), np.std([1, 2, 3]), np.var([1, 2, 3]), np.percentile([1, 2, 3, 4], 25))
for row in a:
    print(row, row.sum())
s = a[0, 1]
s += 5
print(a[0, 1], s)
m = a > 3
print(m.any(), m.all(), m.sum(), ~m[0])
a[0] = 7
a[:, 1] = [1, 2, 3]
a[a > 10] = 0
print(a)
print(np.isnan([1.0, float("nan")]), np.inf, -np.inf, np.pi)
print(np.array(["a", "bc"]), np.array([True, False]), np.array([[1.0, 2.25], [3.5, 4]]))

# 7
import numpy as np
def add(l, x):
    l.append(x)
    l += [7]
    return len(l)

a = [1]
n = add(a, 2)
print(a, n)
def deep(l):
    add(l, 5)
    l.insert(0, 9)
    l.sort()
deep(a)
print(a)
d = {"x": [1], "y": [2]}
d["x"].append(3)
print(d)
m = [[1, 2], [3, 4]]
m[0].append(9)
m[1] += [5]
print(m)
for row in m:
    print(row)
x = np.array([[1, 2], [3, 4]])
s = x[0, 1]
s += 5
print(x, s)
r = x[0]
r += 1
print(x, r)
t = 0
for row in x:
    t += row.sum()
print(t)
y = np.arange(6.0)
y *= 2
y //= 3
y **= 2
y %= 5
print(y)
q = x * 1.0
q /= 4
print(q)
q -= q.mean()
print(q)
l = [1, 2]
l2 = l[:]
l2.append(3)
print(l, l2)
def gen(n):
    for i in range(n):
        yield i * i
for v in gen(3):
    print(v)
print(0.1 + 0.2, 0.1 + 0.2 == 0.3, 1 / 3 * 3, 2 * 3.5, 0.1 * 3)
print(round(np.mean([1.2345, 2.3456]), 2), round(np.float64(2.567), 1))
del d["x"]
print(d)
w = {}
for k in ["q", "a", "z"]:
    w[k] = len(w)
for k, v in w.items():
    print(k, v)
print({v: k for k, v in w.items()})
from collections import Counter
c = Counter("hello world")
print(c["l"])
print(max(["aa", "b", "cc"], key=len), min([3, -1], key=abs))

# 8
def outer(n):
    def inner(x):
        return x + n
    return inner
add5 = outer(5)
add7 = outer(7)
print(add5(1), add7(1))
def decay(lr0, s):
    def fn(epoch):
        return lr0 * 0.1 ** (epoch / s)
    return fn
f = decay(0.01, 20)
print(f(0), f(20))
def count(words):
    d = {}
    for w in words:
        d[w] = d.get(w, 0) + 1
    best = sorted(d, key=lambda w: -d[w])
    def show(k):
        return k + str(d[k])
    return [show(b) for b in best]
print(count(["a", "b", "b", "c", "c", "c"]))
def fact(n):
    if n <= 1:
        return 1
    return n * fact(n - 1)
print(fact(5), fact(20))
def fib(n):
    if n < 2:
        return n
    return fib(n - 1) + fib(n - 2)
print([fib(i) for i in range(10)])
def collect(n):
    out = [0]
    def push(v):
        out.append(v * 2)
    for i in range(n):
        push(i)
    return out
print(collect(3))

# 9
pairs = [("b", 2), ("a", 2), ("c", 1)]
print(pairs, sorted(pairs, key=lambda p: p[1]), sorted(pairs), sorted(pairs, key=lambda p: (-p[1], p[0])))
for name, n in pairs:
    print(name, n)
for p in pairs:
    print(p, p[0])
z = list(zip([1, 2, 3], "abc"))
print(z, list(enumerate(["p", "q"])), list(zip([1, 2], [3, 4])))
d = {"x": 3, "a": 1, "m": 2}
print(sorted(d.items(), key=lambda kv: kv[1]), max(d, key=d.get), list(d.items()), sorted(d, key=d.get, reverse=True))
for k, v in sorted(d.items(), key=lambda kv: kv[1], reverse=True):
    print(k, v)
from collections import Counter
c = Counter("hello world")
print(c.most_common(3))
for ch, n in c.most_common(2):
    print(ch, n)
r = []
for i in range(3):
    r.append((i, str(i)))
print(r, r[0], r[-1][1])
q = [(1, 2), (3, 4)]
print(q, q[0])
for p in q:
    print(p)
t = (1, 2)
print(t)
e = {}
e["a"] = (1, "x")
print(e)
a, *rest = [1, 2, 3]
print(a, rest)
first, *mid, last = (1, 2, 3, 4)
print(first, mid, last)
print(sorted(["banana", "Apple", "cherry"], key=str.lower), (1, 2) < (1, 3), [1, 2] < [1, 3], all([1, 1]), any([0, 0]))
def two(x):
    return x, x * 2.5
print(two(3))
res = [two(i) for i in range(2)]
print(res)
l = [1, 2, 3]
i = -1
print(l[i], l[i - 1])
best = None
for name, score in [("m1", 0.5), ("m2", 0.7)]:
    print(f"{name:<5}{score:.2f}")
def counter():
    c = 0
    def inc():
        nonlocal c
        c += 1
        return c
    return inc
k = counter()
print(k(), k())
print([x for x in zip([1, 2], ["a", "b"])])
words = [w for w, _ in c.most_common(2)]
print(words, tuple([1, 2]), list((3, 4)), tuple("ab"))
m = [[0] * 3 for _ in range(2)]
m[0][1] = 5
print(m)
s = "hello"
print(s[1:3], s[-1], s[::-1], len(s), [ch.upper() for ch in s])

# 10
import numpy as np, os
a = np.arange(6).reshape(2, 3)
print(a.tolist(), a[0].tolist(), (a * 0.5).tolist(), len(a.tolist()))
for i in range(4):
    sq = i * i
print(i, sq)
class Acc:
    def __init__(self):
        self.total = 0
    def fit(self, xs):
        self.mean = sum(xs) / len(xs)
        self.items = [x * 2 for x in xs]
        for x in xs:
            self.total += x
        return self.mean
    def get(self):
        return self.mean + 1
acc = Acc()
print(acc.fit([1, 2, 3]), acc.get(), acc.items, acc.total)
print(os.path.join(os.curdir, "x"))
def f1(x):
    return x + 1
def f2(x):
    return x * 2.5
for fn in [f1, f2]:
    print(fn(2))
for name, fn in [("one", f1), ("two", f2)]:
    r = fn(3)
    print(name, r)
for w in ["a", "b"]:
    pass
print(w)

# 11
words = "the cat sat on the mat the end".split()
vocab = {}
for w in words:
    if w not in vocab:
        vocab[w] = len(vocab)
print(vocab, len(vocab))
inv = {i: w for w, i in vocab.items()}
print(inv[0], [inv[i] for i in sorted(inv)])
sents = [["a", "b"], ["c"]]
flat = [t for s in sents for t in s]
print(flat)
count = {}
for t in flat + ["a"]:
    count[t] = count.get(t, 0) + 1
print(sorted(count.items(), key=lambda kv: (-kv[1], kv[0])))
groups = {}
for w in words:
    groups.setdefault(len(w), []).append(w)
print(groups)
from collections import defaultdict
dd = defaultdict(list)
for w in words:
    dd[w[0]].append(w)
print(dict(dd))
for k in dd:
    print(k, len(dd[k]))
acc = 0.0
best = None
for i, v in enumerate([0.3, 0.9, 0.5]):
    if best is None or v > best:
        best = v
        bi = i
print(best, bi)
def stats(xs):
    """mean and max"""
    m = sum(xs) / len(xs)
    return m, max(xs)
m, mx = stats([1.0, 2.0, 4.5])
print(f"mean={m:.3f}, max={mx}")
x = 5
x -= 2
x *= 3
x //= 2
x **= 2
print(x, x % 5, -x // 3)
s = "Hello, World"
print(s.lower().replace(",", ""), s.split(", "), s[::2], s.find("World"), "World" in s, s.index("o"))
print("%s has %d items costing %.2f" % ("cart", 3, 9.5))
print("{:>10}|{:<10}|{:^10}".format("a", "b", "c"))
print("{0:.3f} {name}".format(3.14159, name="pi"))
t = [1, 2, 3, 4, 5]
print(t[-2:], t[:-2], t[1::2], sum(t[1:3]), t[len(t) // 2])
matrix = [[1, 2, 3], [4, 5, 6]]
print([[row[i] for row in matrix] for i in range(3)])
print(list(map(str, [1, 2])), ",".join(map(str, [1, 2, 3])), list(zip(*matrix)))
try:
    v = int("abc")
except ValueError:
    v = -1
print(v)
lst = [3, 1, 2]
lst2 = sorted(lst)
lst.sort(reverse=True)
print(lst, lst2)
print(min(lst), max(lst), sum(lst) / len(lst))
a, b = 1, 2
a, b = b, a + b
print(a, b)
n = 10
while n > 1:
    n = n // 2 if n % 2 == 0 else 3 * n + 1
    if n == 4:
        break
print(n)
print(isinstance(3, int), type("a") == str, None is None)
print([i for i in range(20) if i % 3 == 0 and i % 2 == 0])
print({k: v for k, v in zip("abc", range(3))})
print(any(c.isdigit() for c in "ab1"), all(len(w) > 2 for w in words))
print(round(3.14159, 2), abs(-7), pow(2, 3), 7 // 2, 7 % 2, 2 ** 0.5)
print(str(3.0), str(10), repr("x"), float("2.5") + 1)
print(10 / 4, 10 / 5, 1e3, 1_000)

# 12
import numpy as np
best = None
for i, v in enumerate([0.3, 0.9, 0.5]):
    if best is None or v > best:
        best = v
        bi = i
print(best, bi)
prev = None
for x in [1, 2, 4]:
    if prev is not None:
        print(x - prev)
    prev = x
print(prev)
name = None
for w in ["a", "bbb", "cc"]:
    if name is None or len(w) > len(name):
        name = w
print(name, name is None)
arr = None
for k in range(3):
    part = np.ones((1, 2)) * k
    if arr is None:
        arr = part
    else:
        arr = np.concatenate([arr, part])
print(arr)
nothing = None
print(nothing)
if nothing is None:
    print("none")
low = None
for q in [3, 1, 2]:
    if low == None or q < low:
        low = q
print(f"lowest {low}")

# 13
matrix = [[1, 2, 3], [4, 5, 6]]
print(list(map(str, [1, 2])), list(zip(*matrix)))
pairs = [(1, "a"), (2, "b")]
nums, letters = zip(*pairs)
print(nums, letters)
for col in zip(*matrix):
    print(col)
items = [("x", 1.5), ("y", 2.5)]
names = [n for n, _ in items]
vals = [v for _, v in items]
print(names, vals, dict(items))

# 14
import numpy as np
x = np.array([1, 5, 3, 7])
print(np.where(x > 2)[0])
i = np.where(x > 2)
print(i[0], len(i[0]), i[0][0])
(j,) = np.where(x == 5)
print(j)
k, = np.nonzero(x > 4)
print(k)
for t in np.where(x > 2)[0]:
    print(t)
print(x[np.where(x > 2)])
m = np.array([[1, 2], [3, 4]])
r, c = np.where(m > 1)
print(r, c)

# 15
import pandas as pd
import numpy as np
a = pd.DataFrame({"k": [1, 2, 3, 2], "x": [10, 20, 30, 40]})
b = pd.DataFrame({"k": [2, 3, 4], "y": [1.5, 2.5, 3.5]})
print(a.merge(b, on="k"))
print(a.merge(b, on="k", how="left"))
print(a[a["k"].isin([2, 3])].shape, a["k"].isin([1]).sum())
s = pd.Series([1, 2, 3], name="s")
print(s.mean())

# 16
import numpy as np
a = np.array([1, 2, 3])
a[0], a[2] = a[2], a[0]
print(a)
l = [1, 2, 3]
l[0], l[2] = l[2], l[0]
print(l)
t = a[1]
a[1] = 50
print(t, a)
def setfirst(v):
    v[0] = 99
setfirst(a)
print(a)
m = np.zeros((2, 2))
rows = [m[0], m[1]]
rows[0] += 1
print(m)
best = a[0]
for i in range(3):
    if a[i] < best:
        best = a[i]
a[:] = 0
print(best)
vals = [x for x in a]
a[0] = 7
print(vals)
d = {"w": a[0], "s": a.sum()}
a[0] = 8
print(d["w"], d["s"])
x = 10
x = x / 4
print(x)
n = 3
n = n * 1.0
print(n)
counter = 0
def bump(k=2):
    global counter
    counter += k
    return counter
print(bump(), bump(5), counter)
s = ""
for ch in "abc":
    s += ch * 2
print(s, len(s))
def sign(v):
    if v > 0:
        return "pos"
    elif v < 0:
        return "neg"
    return "zero"
print(sign(1), sign(-1), sign(0))
q = [1, 2, 3, 4]
while q:
    h = q.pop(0)
    if h == 3:
        break
print(q, h)
e = [5, 3, 5, 1]
print(sorted(range(len(e)), key=lambda i: e[i]), e.index(5))
z = [[1, 2], [3, 4]]
w = [r[:] for r in z]
w[0][0] = 100
print(z, w)
p = np.arange(4)
o = p
p = p + 1
print(o, p)
u = p[1:3]
u = u * 2
print(p, u)
f = 7
f += 0.5
print(f)
g = [0] * 3
g[1] += 2
print(g, [g] * 2)
k = np.array([1.0, 2.0])
r = k[0] + 1
k[0] = 5
print(r, k)
mx = max(k)
k[0] = 0
print(mx, k.max())
loss = 0
for v in [0.5, 0.25]:
    loss += v
print(loss / 2, f"{loss:.3f}")
it = 0
for i in range(5):
    if i % 2:
        continue
    it += i
print(it, i)
first, second = a[0], a[1]
a[0] = 77
print(first, second)
hist = []
cur = np.zeros(2)
for i in range(3):
    cur[0] = i
    hist.append(cur[0])
print(hist)
