#!/usr/bin/env python3
"""How the time of a step of gokeras grows with the work: with the batch, the width, the depth, the length of sequences, the vocabulary, the number of outputs and of weights' arrays. Prints a table; see README.md."""

import argparse
import json
import os
import pathlib
import subprocess
import sys
import tempfile

os.environ.setdefault("KERAS_BACKEND", "jax")
import keras
from keras import layers

HERE = pathlib.Path(__file__).resolve().parent


def dense(width, depth, activation="relu"):
    x = h = keras.Input((width,))
    for _ in range(depth):
        h = layers.Dense(width, activation=activation)(h)
    return keras.Model(x, layers.Dense(1)(h))


def recurrent(steps):
    x = keras.Input((steps, 32))
    return keras.Model(x, layers.Dense(1)(layers.LSTM(64)(x)))


def attention(steps):
    x = keras.Input((steps, 64))
    return keras.Model(x, layers.Dense(1)(layers.GlobalAveragePooling1D()(layers.MultiHeadAttention(4, 16)(x, x))))


def words(vocabulary):
    x = keras.Input((100,), dtype="int32")
    return keras.Model(x, layers.Dense(1)(layers.GlobalAveragePooling1D()(layers.Embedding(vocabulary, 32)(x))))


def outputs(count):
    x = keras.Input((64,))
    h = layers.Dense(64, activation="relu")(x)
    return keras.Model(x, [layers.Dense(1, name=f"output_{i}")(h) for i in range(count)])


# Of each curve: what grows, its values, the model and the batch for a value, and how much work a value is. Adam goes over every word's vector, as Keras defines it.
CURVES = {
    "batch": ((32, 128, 512, 2048), lambda n: dense(256, 3), lambda n: n, lambda n: n),
    "width": ((128, 256, 512, 1024), lambda n: dense(n, 3), lambda n: 128, lambda n: n * n),
    "depth": ((2, 8, 32, 128), lambda n: dense(128, n), lambda n: 64, lambda n: n),
    "steps of an LSTM": ((50, 100, 200, 400), recurrent, lambda n: 32, lambda n: n),
    "steps of attention": ((64, 128, 256, 512), attention, lambda n: 16, lambda n: n * n),
    "vocabulary": ((1_000, 10_000, 100_000, 1_000_000), words, lambda n: 64, lambda n: n),
    "outputs": ((1, 4, 16, 64), outputs, lambda n: 64, lambda n: n),
    "weights' arrays": ((10, 50, 100, 500, 2_000), lambda n: dense(8, n // 2 - 1, "linear"), lambda n: 32, lambda n: n),
}  # fmt: skip


def measure(program, model, batch, folder):
    path = folder / "model.keras"
    model.compile("adam", "mse")
    model.save(path)
    command = [program, "bench", path, "--batch-size", str(batch), "--fresh=false", "--rounds", "3", "--quiet", "--json"]
    run = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    if run.returncode:
        sys.exit(f"{model.name}: {run.stderr}")
    return json.loads(run.stdout)["models"][0]


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--gokeras", help="the program to measure; by default it is built from this checkout")
    parser.add_argument("--curves", default=",".join(CURVES), help="some of: %(default)s")
    arguments = parser.parse_args()
    sys.setrecursionlimit(100_000)  # Keras goes through a model layer by layer
    with tempfile.TemporaryDirectory() as folder:
        folder = pathlib.Path(folder)
        program = arguments.gokeras
        if not program:
            program = folder / "gokeras"
            subprocess.run(["go", "build", "-o", program, "./cmd/gokeras"], cwd=HERE.parent, check=True)
        print("| what grows | from | to | work grows | time of `fit` grows | ms a step, from | to | host, µs a step, from | to |")
        print("| --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: |")
        for name in arguments.curves.split(","):
            values, model, batch, work = CURVES[name]
            before = None
            for value in values:
                got = measure(program, model(value), batch(value), folder)
                fit, host = got["fit_ms"]["median"], got["host_us"]["median"]
                if before:
                    last, fit0, host0 = before
                    print(f"| {name} | {last} | {value} | {work(value) / work(last):.1f} | {fit / fit0:.1f} | {fit0:.3g} | {fit:.3g} | {host0:.0f} | {host:.0f} |", flush=True)
                before = value, fit, host
                keras.backend.clear_session()


if __name__ == "__main__":
    main()
