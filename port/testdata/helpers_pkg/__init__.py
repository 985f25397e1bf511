from .deep.rules import rule

SHARED = rule(4)


def twice(x):
    return 2 * x
