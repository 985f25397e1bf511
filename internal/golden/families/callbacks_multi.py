"""Callbacks that change what a MultiOptimizer holds: learning rates, and averages of which only some optimizers keep any."""

import contextlib
import io

import keras

from arrays import array
from families.callbacks import FIT, X, Y, model, swap

O = keras.optimizers


def multi(first, second):
    return O.MultiOptimizer(O.OptimizerMap(first, {"hidden/.*": second}))


def rates(optimizer, epochs, make, **arguments):
    """One training with a callback, made of its class's name and arguments."""
    m = model(optimizer)
    record = {"optimizer": O.serialize(optimizer), "epochs": epochs, "weights": [array(w.numpy()) for w in m.weights], "arguments": arguments}
    callback = make(**arguments)
    printed = io.StringIO()
    with contextlib.redirect_stdout(printed):
        history = m.fit(X, Y, epochs=epochs, callbacks=[callback], **FIT)
    return record | {
        "callback": type(callback).__name__,
        "printed": [line for line in printed.getvalue().splitlines() if line.startswith("Epoch ")],
        "history": {k: [float(x) for x in v] for k, v in history.history.items()},
        "end": [array(w.numpy()) for w in m.weights],
    }


def halved(**arguments):
    return keras.callbacks.LearningRateScheduler(lambda epoch, rate: rate / 2 if epoch else rate, **arguments)


def cases():
    both = lambda: multi(O.SGD(0.1, momentum=0.5), O.Adam(0.05))
    averaging = lambda: O.SGD(0.1, use_ema=True, ema_momentum=0.8)
    plateau = keras.callbacks.ReduceLROnPlateau
    return {
        "x": array(X), "y": array(Y),
        "rates": [
            rates(both(), 3, halved, verbose=1),
            rates(both(), 6, plateau, patience=1, min_delta=10.0, cooldown=1, min_lr=0.03, verbose=1),
            rates(O.SGD(0.1), 3, halved, verbose=1),
        ],
        "swap_ema": [swap(multi(averaging(), O.Adam(0.05)), 3, False), swap(multi(O.SGD(0.1), averaging()), 3, True)],
    }  # fmt: skip
