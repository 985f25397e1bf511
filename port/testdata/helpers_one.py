"""What a script keeps beside it."""
import math

import numpy as np

RATE = 0.5
BATCH = 16
LIMITS = [1, 2, 3]
calls = 0


def area(a, b=RATE):
    return a * b


def count():
    global calls
    calls += 1
    return calls


def double_batch():
    return BATCH * 2


def table():
    return math.floor(np.sum(np.array(LIMITS) * RATE))


class Scaler:
    kind = "scaler of %d" % BATCH

    def __init__(self, by=RATE):
        self.by = by

    def scale(self, x):
        return area(x, self.by)


if __name__ == "__main__":
    print("not when it is imported")
