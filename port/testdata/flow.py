# How programs run: the else of loops, exceptions by their classes, bodies of try that are left, further arguments.
import sys


def search(numbers, wanted):
    for i, n in enumerate(numbers):
        if n == wanted:
            print("found at", i)
            break
    else:
        print("not found")


search([1, 2, 3], 2)
search([1, 2, 3], 5)

n = 3
while n > 0:
    n -= 1
else:
    print("counted down")

n = 3
while n > 0:
    n -= 1
    if n == 1:
        break
else:
    print("never")

for i in range(2):
    for j in range(3):
        if j == 5:
            break
    else:
        print("inner ended", i)

known = {"a": 1}
for key in ["a", "b"]:
    try:
        print(known[key])
    except KeyError as missing:
        print("missing", missing)

try:
    print([1, 2][n + 5])
except KeyError:
    print("wrong")
except (IndexError, ValueError) as e:
    print("index:", e)

try:
    print(int("x1"))
except ValueError as e:
    print(e)

zero = n - n
try:
    print(1 / zero)
except ZeroDivisionError as e:
    print(e)
finally:
    print("finally")

try:
    try:
        print(known["zz"])
    except ValueError:
        print("wrong")
except KeyError:
    print("outer")

try:
    known["a"] += 1
except Exception:
    print("never")
else:
    print("else", known)


def number(text):
    try:
        return float(text)
    except ValueError:
        return -1.0


print(number("2.5"), number("two"))


def parsed(texts):
    numbers = []
    for t in texts:
        try:
            if t == "end":
                break
            if t == "":
                continue
            numbers.append(int(t))
        except ValueError:
            continue
    return numbers


print(parsed(["1", "", "x", "3", "end", "4"]))


def first_even(numbers):
    for x in numbers:
        try:
            if x % 2 == 0:
                return x, "even"
        except TypeError:
            print("never")
    return 0, "none"


print(first_even([1, 3, 4, 6]), first_even([1]))


def total(*numbers):
    print(len(numbers), numbers)
    sum_of = 0
    for x in numbers:
        sum_of += x
    return sum_of


print(total(1, 2, 3), total(4), total())


def described(name, *parts, sep="-", **options):
    text = name + sep + sep.join(parts)
    for key, value in options.items():
        text += " " + key + "=" + str(value)
    return text


print(described("a", "b", "c"), described("x", sep="+"), described("n", "m", width=2, height=3))


def forwarded(*args, **kwargs):
    return described(*args, **kwargs)


print(forwarded("p", "q", sep="/"), forwarded("r", depth=1))


def sized(**options):
    width = options.get("width", 10)
    if "height" in options:
        return width * options["height"]
    return width


print(sized(), sized(width=3), sized(width=3, height=4))


class Base:
    def __init__(self, *sizes, **options):
        self.sizes = list(sizes)
        self.name = options.get("name", "base")


b = Base(3, 4, name="mine")
print(b.sizes, b.name, Base(1).name)

print("to the output", "in parts", sep="|", file=sys.stdout)
print("to the error output", file=sys.stderr)
with open("flow_test_lines.txt", "w") as f:
    print("a line", 1, file=f)
    print("b", "c", sep=",", end=";\n", file=f)
with open("flow_test_lines.txt") as f:
    print(f.read(), end="")

queue = [1, 2, 3]
while len(queue) > 0 and queue[0] < 3:
    queue.pop(0)
print(queue)
