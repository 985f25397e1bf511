"""What an optimizer's moving averages and EarlyStopping leave in a model: Keras puts the averages there before callbacks see the end of training."""

import keras

from arrays import array
from families.callbacks import FIT, X, Y, model


def stopped(optimizer, epochs, swap_on_epoch=None, **arguments):
    m = model(optimizer)
    start = [array(w.numpy()) for w in m.weights]
    callbacks = [] if swap_on_epoch is None else [keras.callbacks.SwapEMAWeights(swap_on_epoch=swap_on_epoch)]
    history = m.fit(X, Y, epochs=epochs, callbacks=[*callbacks, keras.callbacks.EarlyStopping(**arguments)], **FIT)
    return {
        "optimizer": keras.optimizers.serialize(m.optimizer), "epochs": epochs, "swap": swap_on_epoch is not None, "swap_on_epoch": bool(swap_on_epoch), "arguments": arguments,
        "weights": start, "history": {k: [float(x) for x in v] for k, v in history.history.items()}, "end": [array(w.numpy()) for w in m.weights],
    }  # fmt: skip


def cases():
    averaging = dict(use_ema=True, ema_momentum=0.8)
    sgd = keras.optimizers.SGD
    return {
        "x": array(X), "y": array(Y),
        "stopped": [
            stopped(sgd(0.1, **averaging), 3, patience=1, restore_best_weights=True),
            stopped(sgd(0.1, **averaging), 4, patience=1, min_delta=10.0),
            stopped(sgd(0.1, **averaging), 4, patience=1, min_delta=10.0, restore_best_weights=True),
            stopped(sgd(0.1, **averaging), 4, swap_on_epoch=True, patience=1, min_delta=10.0),
            stopped(sgd(0.1, **averaging), 3, swap_on_epoch=True, patience=5, restore_best_weights=True),
            stopped(sgd(0.1, ema_overwrite_frequency=2, **averaging), 3, patience=1, restore_best_weights=True),
        ],
    }  # fmt: skip
