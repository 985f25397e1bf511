from helpers_one import area

_hidden = 3


def shout(text):
    return text.upper() + "!" * _hidden


def volume(a, b, c):
    return area(a, b) * c
