# Names that hold other values in later turns of a loop, or behind branches.
import numpy as np

# A list of numbers that holds elements of arrays later.
codes = {"A": 0, "B": 1, "C": 2}
letters = "ABC"
seed = [codes["A"]]
for i in range(3):
    scores = np.zeros(3)
    scores[(seed[0] + 1) % 3] = 1.0
    index = np.argmax(scores)
    print(letters[seed[0]], "->", letters[index])
    seed = [index]

# Tuples of several kinds.
state = (0, "start")
for i in range(3):
    print(state, state[1])
    state = (i + 1, "turn %d" % i)
print(state)

a = (1, "x", 2.5)
if len(letters) > 5:
    a = (2, "y", 3.5)
print(a)
pair = (1, "one", 2)
pair = (pair[2], pair[1] + "!", pair[0])
print(pair)


def step(n):
    return n + 1, "step"


result = step(0)
while result[0] < 4:
    print(result)
    result = step(result[0])

# What is written out once.
shape = (2, 3)
for i in range(2):
    print(np.zeros(shape).shape)
    shape = (4, 5)
print(shape)

# Numbers that become floats and arrays.
mean = 0
for x in [1, 2, 4]:
    mean = mean + x / 3.0
print(round(mean, 3))
total = 0
for row in np.arange(6).reshape(3, 2):
    total = total + row
print(total)

# Branches.
count = 5
if count > 3:
    found = np.arange(3)
else:
    found = None
if found is not None:
    print(found)

if count > 9:
    weights = np.ones(2)
else:
    weights = None
print(weights is None)

best = None
for n in [3, 1, 2]:
    if best is None or n < best:
        best = n
print(best)

counter = 0


def count_up():
    global counter
    counter += 1


count_up()
count_up()
print(counter)

size = None
for text in ["a", "bcd", "ef"]:
    if size is None:
        print("first")
    size = len(text)
print(size)

first = True
for i in range(3):
    if first:
        print("once")
    first = False

pending = [1, 2, 3]
while pending and pending[-1] > 1:
    print(pending.pop())
