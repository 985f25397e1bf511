"""Models of every kind that Keras files tell apart, for Go to load and to save again.

Each is a function marked with @entry, which returns the model, or a tuple of the model and the tolerance of its predictions
relative to the largest. Weights and optimizer variables are then drawn anew from a fixed seed, so that none stays at an initial
value that hides a mistake. This writes all of them into a folder:

    KERAS_BACKEND=jax python -m catalogue FOLDER
"""

from . import axes, compiled, graphs, images, layers, operations, operations_more, recurrent
from .registry import entries, make, predict, write

__all__ = ["axes", "compiled", "entries", "graphs", "images", "layers", "make", "operations", "operations_more", "predict", "recurrent", "write"]
