# What notebooks keep things in: lists and dicts that are empty at first, Counters, deques, named tuples, and what itertools makes of them.
import itertools
from collections import Counter, OrderedDict, defaultdict, deque, namedtuple
import numpy as np

# Empty at first.
counts = {}
for word in "a b a c".split():
    print(counts, len(counts))
    counts[word] = counts.get(word, 0) + 1
print(counts)

seen = []
for n in range(3):
    print(seen)
    seen += [n, n * n]
print(seen)

groups = [[] for _ in range(3)]
groups[0].append(3)
groups[2].append(5)
print(groups)

by_name = {"loss": [], "acc": []}
for e in range(3):
    by_name["loss"].append(1.0 / (e + 1))
    by_name["acc"].append(0.5)
print(by_name)

by_key = {k: [] for k in "xy"}
by_key["x"].append("one")
print(by_key)

slots = [None] * 3
for i in range(3):
    slots[i] = i * 10
print(slots)

grown = []
grown.extend([2, 4])
grown.insert(0, 1)
grown = grown + [8]
print(grown)

merged = {}
merged.update({"b": 2, "a": 1})
merged.update({"c": 3})
print(merged, list(merged.items()))


def evens(numbers):
    if len(numbers) == 0:
        return []
    return [n for n in numbers if n % 2 == 0]


def halves(numbers):
    small, large = [], []
    for n in numbers:
        if n < 3:
            small.append(n)
        else:
            large.append(n)
    return small, large


few = [n for n in [1, 3] if n > 5]
print(evens(few), evens([1, 2, 4]))
print(halves([1, 2, 3, 4]))


class Bag:
    def __init__(self):
        self.items = []
        self.places = {}

    def add(self, item):
        self.places[item] = len(self.items)
        self.items.append(item)

    def __len__(self):
        return len(self.items)

    def __str__(self):
        return "Bag(" + ", ".join(self.items) + ")"


bag = Bag()
bag.add("apple")
bag.add("pear")
print(bag, len(bag), bag.places, bag.items)

# Entries that may be missing.
print(counts.get("zz"), counts.get("a"))
found = counts.get("a")
lost = counts.get("zz")
print(found, lost, found is None, lost is None)
if lost:
    print("never")
print(counts.get("zz") == 2, counts.get("a") == 2, counts.get("zz") != 2)
names = {1: "one"}
print([names.get(i) is not None for i in range(3)])
print(f"{names.get(1)} {names.get(2)}")


def shown(x=None):
    if x is None:
        return "nothing"
    return "the number " + str(x)


print(shown(counts.get("a")), shown(counts.get("q")), shown())

# Printed as they are.
print({"a": (1, 2), "b": (3, 4)})
print({"outer": {"z": 1, "b": 2}, "other": {"y": 3, "a": 4}})
settings = {"name": "net", "units": 32, "rate": 0.5, "on": True, "none": None}
for key, setting in settings.items():
    print(key, setting)
print(settings)
print(["it's", 'say "x"', "tab\t", "both ' and \"", "\x07"])

# Counters.
letters = Counter("hello world")
print(letters)
print(letters["l"], letters["?"], sum(letters.values()), letters.most_common(2))
words = Counter()
for line in ["a b", "a c a"]:
    words.update(line.split())
print(words, words.most_common(1))
total = defaultdict(int)
for w in ["x", "y", "x"]:
    total[w] += 1
print(total, dict(total))
where = defaultdict(list)
where["x"].append(1)
where["x"].append(2)
print(where)
ordered = OrderedDict()
ordered["z"] = 1
ordered["a"] = 2
print(list(ordered.items()))

# Deques.
last = deque(maxlen=3)
for i in range(5):
    last.append(i)
print(last, list(last), len(last), sum(last), last[0], last[-1])
last.popleft()
last.appendleft(9)
last.rotate(1)
print(last, 9 in list(last))
queue = deque(["a", "b"])
queue.append("c")
while queue:
    print(queue.popleft(), end=" ")
print(queue)
memory = deque(maxlen=2)
memory.append((1, "left", 0.5))
memory.append((2, "right", 1.5))
memory.append((3, "left", 2.5))
for state, action, reward in memory:
    print(state, action, reward)

# Named tuples.
Point = namedtuple("Point", ["x", "y"])
p = Point(1, y=2.5)
print(p.x, p.y, p)
Step = namedtuple("Step", "state action")
s = Step("s0", 1)
state, action = s
print(state, action, s[0], s.action)

# itertools.
print(list(itertools.chain([1, 2], [3], range(2))))
print(list(itertools.chain(*[[1], [2, 3]])), list(itertools.chain.from_iterable([["a"], ["b"]])))
for a, b in itertools.product(range(2), ["x", "y"]):
    print(a, b, end="; ")
print()
print(list(itertools.product([0, 1], repeat=2)))
print(list(itertools.combinations([1, 2, 3], 2)))
print(list(itertools.combinations_with_replacement("ab", 2)))
print(list(itertools.permutations([1, 2, 3], 2)), len(list(itertools.permutations(range(4)))))
print(list(itertools.islice([1, 2, 3, 4, 5], 1, 4)), list(itertools.islice("abcdef", 2)))
print(list(itertools.accumulate([1, 2, 3])), list(itertools.repeat("a", 2)))

# Sets are compared by what they hold.
print({1, 2} == {2, 1}, {1} <= {1, 2}, {1, 2} < {1, 2}, {1, 2} < {3}, {3, 1} >= {1}, {1, 5} > {9}, {"a"} != {"a", "b"})
print(set(np.array([1, 0, 1])) == {0, 1}, set(np.array([1, 2])) != {1, 2})
