def late(n):
    return n ** 3
