"""Functional models of Python's operators on symbolic tensors, with numbers on either side, and of their methods."""

import numpy as np

from families.operations import record

F = "float32"
A = ((3, 4), F, 0.3, 2)
B = ((3, 4), F, 0.3, 2)
SQUARE = ((3, 3), F, -2, 2)
INTS = ((3, 4), "int32", 1, 6)

CASES = {
    "numbers_on_the_left": ([A], lambda a: [1 + a, 1.5 - a, 2 * a, 2 / a, 5 // a, 3 % a, 2**a]),
    "numbers_on_the_right": ([A], lambda a: [a + 1, a - 1.5, a * 2, a / 2, a // 0.7, a % 0.7, a**3]),
    "both_tensors": ([A, B], lambda a, b: [a + b, a - b, a * b, a / b, a // b, a % b, a**b]),
    "whole_numbers_on_either_side": ([INTS], lambda a: [1 + a, 1.5 - a, a * 2.0, 7 / a, 7 // a, 7 % a, 2**a, a / 2, a**2, a > 2.5, a + True]),
    "whole_and_real_tensors": ([INTS, A], lambda a, b: [a + b, a / b, a // b, a % b, b**a, (a > 2) + b, (a > 2) * 2]),
    "matrix_products": ([SQUARE, SQUARE], lambda a, b: [a @ b, a.__rmatmul__(np.array([[1.0, 2.0, 0.0], [0.5, -1.0, 2.0], [3.0, 0.0, 1.0]], F)), a @ np.array([1.0, 2.0, -1.0], F)]),
    "comparisons_with_numbers": ([A], lambda a: [a < 1, a <= 1.25, a > 1, a >= 1.25, a != 1]),
    "logic_operators": ([A, B], lambda a, b: [(a > 1) & (b > 1), (a > 1) | (b > 1), (a > 1) ^ (b > 1), ~(a > 1), (a > 1) & True, False | (a > 1), True ^ (a > 1)]),
    "one_operand": ([SQUARE], lambda a: [-a, abs(a), round(a), round(a, 1)]),
    "methods": ([((1, 4, 1), F, -2, 2)], lambda a: [a.reshape((-1, 2, 2)), a.squeeze(), a.squeeze(1), a.squeeze((1, 3))]),
    "keys": ([A], lambda a: [a[:, 0, :], a[1], a[..., 1], a[:, ::-1, 1::2], a[:, None, -2:], a[:, -1, None, ...]]),
}  # fmt: skip


def cases():
    return record(CASES)
