"""Writes special.json: functions of tf.math that Keras has no operation for, and their slopes, by mpmath; at their edges by TensorFlow itself.

    python generate_special.py   # with tensorflow and mpmath
"""

import json
import os

import mpmath as M
import numpy as np
import tensorflow as tf

M.mp.dps = 40
F = np.float32
RNG = np.random.default_rng(3)


def polygamma(n, x):
    """For negative x as well, by the differentiated reflection."""
    x = M.mpf(x)
    if x > 0.5:
        return M.polygamma(n, x)
    # Of sums of 1/(x+k)^(n+1) those below 1/2 stand apart.
    steps = int(M.ceil(1 - x))
    return M.polygamma(n, x + steps) + M.mpf(-1) ** (n + 1) * M.factorial(n) * M.fsum(1 / (x + k) ** (n + 1) for k in range(steps))


def scaled(order):
    return lambda x: M.exp(-abs(x)) * M.besseli(order, x)


def scaled_slope(order):
    return lambda x: scaled(1)(x) - M.sign(x) * scaled(0)(x) if order == 0 else scaled(0)(x) - scaled(1)(x) * (M.sign(x) + 1 / x) if x else M.mpf(0.5)


def normal(p):
    return M.sqrt(2) * M.erfinv(2 * M.mpf(p) - 1) if p > 0.01 else M.findroot(lambda t: M.log(M.ncdf(t)) - M.log(M.mpf(p)), -M.sqrt(-2 * M.log(p)))


def around(*points):
    """The numbers next to some, and near them."""
    return [v for p in points for d in (1e-6, 1e-3) for v in (np.nextafter(F(p), F(9e9)), np.nextafter(F(p), F(-9e9)), F(p + d), F(p - d))]


positive = list(np.exp(RNG.uniform(-60, 60, 40))) + list(RNG.uniform(0, 12, 60)) + around(0.5, 1, 1.4616321, 2, 8, 9, 17)
negative = list(RNG.uniform(-30, 0, 60)) + around(-0.5, -1, -2, -2.4570247, -7) + [-1234.5, -40000.25]
both = list(RNG.uniform(-40, 40, 80)) + list(np.exp(RNG.uniform(-60, 4.4, 30))) + around(16, -16)
wide = list(np.exp(RNG.uniform(5, 80, 20)))
tails = [v for e in RNG.uniform(-85, -1, 30) for v in (np.exp(e), 1 - np.exp(e / 6))]
chances = list(RNG.uniform(0, 1, 60)) + tails + around(0.02425, 0.97575)

FUNCTIONS = {
    "Lgamma": ({}, M.loggamma, lambda x: polygamma(0, x), positive + negative, tf.math.lgamma),
    "Ndtri": ({}, normal, lambda x: M.sqrt(2 * M.pi) * M.exp(normal(x) ** 2 / 2), chances, tf.math.ndtri),
    "BesselI0": ({}, lambda x: M.besseli(0, x), lambda x: M.besseli(1, x), both, tf.math.bessel_i0),
    "BesselI1": ({}, lambda x: M.besseli(1, x), lambda x: M.besseli(0, x) - M.besseli(1, x) / x, both, tf.math.bessel_i1),
    "BesselI0e": ({}, scaled(0), scaled_slope(0), both + wide, tf.math.bessel_i0e),
    "BesselI1e": ({}, scaled(1), scaled_slope(1), both + wide, tf.math.bessel_i1e),
}
for n in (0, 1, 2, 3, 7, 16):
    FUNCTIONS["Polygamma %d" % n] = ({"n": n}, lambda x, n=n: polygamma(n, x), lambda x, n=n: polygamma(n + 1, x), positive + [x for x in negative if x > -50], lambda x, n=n: tf.math.polygamma(F(n), x))

EDGES = [-np.inf, -3e38, -2, -1, 0.0, 1, 2, 3e38, np.inf, np.nan]
MORE = {"BesselI0": [-90, 90], "BesselI1": [-90, 90], "Lgamma": [-1e8], "Polygamma": [-1e8]}  # whose exponentials are infinite, and a pole far off


def text(v):
    return "%.9g" % float(v)


def real(f, x):
    try:
        return text(F(float(M.re(f(M.mpf(float(x)))))))
    except OverflowError:
        return "inf"


cases = []
for name, (config, value, slope, numbers, at_edges) in FUNCTIONS.items():
    numbers = [F(x) for x in numbers if F(x) != 0]
    edges = np.array(EDGES + MORE.get(name.split()[0], []), F)
    with tf.GradientTape() as tape:
        edges = tf.constant(edges)
        tape.watch(edges)
        y = at_edges(edges)
    slopes = tape.gradient(y, edges)
    case = {"class": name.split()[0], "config": config, "x": [text(x) for x in numbers], "y": [real(value, x) for x in numbers], "slope": [real(slope, x) for x in numbers]}
    case["edges"] = {"x": [text(x) for x in edges.numpy()], "y": [text(v) for v in y.numpy()], "slope": [text(v) for v in slopes.numpy()]}
    cases.append(case)
with open(os.path.join(os.path.dirname(os.path.abspath(__file__)), "special.json"), "w") as f:
    f.write("[\n" + ",\n".join(json.dumps(c, separators=(",", ":")) for c in cases) + "\n]\n")
