"""Summaries of Sequential models whose input isn't known yet. README.md has the format."""

import os

import keras
from keras import layers as L


def rows(model):
    """The table's rows as lists of columns, then the lines below it."""
    os.environ["COLUMNS"] = "200"  # of the terminal, which the table must fit
    lines = []
    model.summary(line_length=120, print_fn=lambda text, **_: lines.extend(text.splitlines()))
    table = [[cell.strip() for cell in line.strip("│").split("│")] for line in lines if line.startswith("│")]
    return {"rows": table, "below": [line.strip() for line in lines if "params" in line]}


def nested():
    inputs = keras.Input((3,))
    return keras.Sequential([keras.Model(inputs, L.Dense(2)(inputs), name="known"), L.Dense(3)])


def cases():
    text = [L.Embedding(10, 4), L.LSTM(3), L.Dropout(0.2), L.Dense(2)]
    others = [L.Conv2D(2, 3), L.MaxPooling2D(), L.GlobalAveragePooling2D(), L.Flatten(), L.Activation("relu"), L.ReLU(), L.BatchNormalization(), L.Reshape((2,)), L.SpatialDropout1D(0.1)]
    return {name: rows(model) for name, model in [("text", keras.Sequential(text)), ("others", keras.Sequential(others)), ("nested", nested())]}
