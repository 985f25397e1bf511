# What loops gather, and names that they give new values.
import numpy as np
data = None
for i in range(3):
    chunk = np.ones(2) * i
    if data is None:
        data = chunk
    else:
        data = np.concatenate([data, chunk])
print(data)
text = ""
for ch in "abc":
    text = ch + text
print(text)
prev = 0.0
diffs = []
for v in [1.5, 2.5, 4.0]:
    diffs.append(v - prev)
    prev = v
print(diffs)
cur, nxt = 0, 1
fib = []
while cur < 30:
    fib.append(cur)
    cur, nxt = nxt, cur + nxt
print(fib)
lo, hi = 0, 10
while hi - lo > 0.5:
    mid = (lo + hi) / 2
    if mid * mid > 2:
        hi = mid
    else:
        lo = mid
print(lo, hi)
best_params = {}
best_score = -1
for lr in [0.1, 0.01]:
    for units in [8, 16]:
        score = lr * units
        if score > best_score:
            best_score = score
            best_params = {"lr": lr, "units": units}
print(best_params, best_score)
history = {"loss": [], "acc": []}
for e in range(2):
    history["loss"].append(1 / (e + 1))
    history["acc"].append(e * 0.5)
for k in history:
    print(k, history[k], min(history[k]))
stack = [1]
while stack:
    top = stack.pop()
    if top < 4:
        stack.append(top + 1)
        stack.append(top + 2)
print(top)
visited = set()
for v in [3, 1, 3]:
    if v in visited:
        print("again", v)
    visited.add(v)
print(len(visited))
out = []
for i in range(3):
    row = []
    for j in range(i):
        row.append(j)
    out.append(row)
print(out)
label = "none"
for name, val in {"a": 1, "b": 5}.items():
    if val > 3:
        label = name
print(label)
x = 3
x = str(x) + "!"
print(x)
x = [x]
print(x)
v = 10
for k in range(3):
    v = v / 2
print(v)
