"""What Python's module random draws: python generate.py > random.json"""

import json
import random


def drawn(seed):
    random.seed(seed)
    letters = list("abcdefghij")
    random.shuffle(letters)
    many = list(range(100))
    return {
        "seed": seed, "shuffled": "".join(letters), "random": [random.random() for _ in range(3)], "randint": [random.randint(-5, 60) for _ in range(5)],
        "wide": [random.randint(0, 10**15) for _ in range(3)], "randrange": [random.randrange(3, 17) for _ in range(4)], "uniform": random.uniform(-2, 5), "choice": [random.choice(many) for _ in range(3)],
        "choices": random.choices(many, k=4), "few": random.sample(many, 3), "many": random.sample(many, 30), "all": random.sample(letters, 10), "gauss": [random.gauss(1, 2) for _ in range(3)],
        "normalvariate": [random.normalvariate(1, 2) for _ in range(2)], "own": random.Random(seed).random(), "last": random.random(),
    }  # fmt: skip


print(json.dumps([drawn(seed) for seed in (0, 1, 42, 1337, -7, 2**40 + 5)]))
