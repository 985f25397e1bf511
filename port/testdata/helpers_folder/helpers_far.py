def far():
    return "far"
