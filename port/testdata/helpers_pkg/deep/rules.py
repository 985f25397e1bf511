START = 10


def rule(x, start=START):
    return start + x
