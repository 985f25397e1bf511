"""Writes keras.json and progbar.json: what Python Keras's callbacks decide and print for given logs.

KERAS_BACKEND=jax python callbacks/testdata/generate.py

Decisions come from Keras 3; the progress bar and the messages of ModelCheckpoint from Keras 2 (tf_keras), whose
texts the Go callbacks show. The clock is a fake one. Fixtures change only with the versions of Keras.
"""

import io
import itertools
import json
import math
import os
import random
import sys
import tempfile
import time
import warnings
from types import SimpleNamespace

os.environ.setdefault("KERAS_BACKEND", "jax")
os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
os.environ["TF_ENABLE_ONEDNN_OPTS"] = "0"

import keras
import numpy as np
import tf_keras
from keras.src.trainers import compile_utils

HERE = os.path.dirname(os.path.abspath(__file__))
warnings.simplefilter("ignore")


def f32(value):
    return float(np.float32(value))


class Terminal(io.StringIO):
    def isatty(self):
        return True


class Captured:
    """Standard output, as a terminal, taken piece by piece."""

    def __enter__(self):
        self.real, sys.stdout = sys.stdout, Terminal()
        return self

    def __exit__(self, *_):
        sys.stdout = self.real

    def take(self):
        text = sys.stdout.getvalue()
        sys.stdout.seek(0)
        sys.stdout.truncate()
        return text


class Optimizer:
    def __init__(self, lr):
        self.learning_rate = lr

    @property
    def learning_rate(self):
        return self._lr

    @learning_rate.setter
    def learning_rate(self, value):
        self._lr = np.asarray(value, "float32")


class FakeModel:
    def __init__(self, lr=0.01):
        self.optimizer = Optimizer(lr)
        self.stop_training = False
        self.distribute_strategy = SimpleNamespace(extended=SimpleNamespace(
            should_checkpoint=True, _in_multi_worker_mode=lambda: False))
        self.weights = 0
        self.saved = []
        self.metrics = [
            compile_utils.MetricsList(
                [keras.metrics.BinaryAccuracy(name="accuracy")]
            )
        ]

    def get_weights(self):
        return self.weights

    def set_weights(self, weights):
        self.weights = weights

    def save(self, path, overwrite=True, options=None):
        self.saved.append(path)

    def save_weights(self, path, overwrite=True, options=None):
        self.saved.append("weights:" + path)

    def take_saved(self):
        saved, self.saved = self.saved, []
        return saved


def series(rng, n, step=0.05):
    """Values on a grid, so that ties with a min_delta occur."""
    return [f32(round(rng.randrange(4, 16) * step, 2)) for _ in range(n)]


def shown(value):
    """A number of the logs, or the numbers of an array, as the fixtures hold them."""
    if isinstance(value, np.ndarray):
        return "[" + ", ".join(map(shown, value)) + "]"
    return repr(float(value))


def plain(args):
    return {k: v for k, v in args.items() if v is not None}


def early_stopping():
    rng = random.Random(1)
    grid = list(
        itertools.product(
            [("val_loss", "auto"), ("val_loss", "min"), ("val_accuracy", "auto"), ("x", "max")],
            [0, 0.1, -0.05],
            [0, 1, 2, 3],
            [None, 0.5],
            [False, True],
            [0, 2],
        )
    )
    cases = []
    chosen = rng.sample(grid, 60)
    gaps = random.Random(11)
    # With numbers that aren't there: in places, or all of them.
    chosen = [(c, 0) for c in chosen] + [(c, share) for c in gaps.sample(grid, 40) for share in (0.4, 1)]
    for ((name, mode), delta, patience, baseline, restore, first), gone in chosen:
        args = dict(
            monitor=name, mode=mode, min_delta=delta, patience=patience, baseline=baseline,
            restore_best_weights=restore, start_from_epoch=first,
        )
        callback, fits = keras.callbacks.EarlyStopping(verbose=1, **args), []
        for _ in range(2):
            values = [math.nan if gone and gaps.random() < gone else v for v in series(rng, 10)]
            model = FakeModel()
            callback.set_model(model)
            with Captured() as out:
                callback.on_train_begin()
                epochs = 0
                for epoch, value in enumerate(values):
                    model.weights = epoch + 1
                    callback.on_epoch_end(epoch, {name: value})
                    epochs += 1
                    if model.stop_training:
                        break
                callback.on_train_end()
                text = out.take()
            fits.append(dict(values=[None if math.isnan(v) else v for v in values], epochs=epochs, stopped=model.stop_training,
                             weights=model.weights, output=text))
        cases.append(dict(args=plain(args), fits=fits))
    return cases


def reduce_lr():
    rng = random.Random(2)
    grid = list(
        itertools.product(
            [("val_loss", "auto"), ("loss", "min"), ("val_accuracy", "auto"), ("x", "max")],
            [0.1, 0.5, 0.3],
            [0, 1, 2],
            [0, 1e-4, 0.1],
            [0, 1, 3],
            [0.0, 1e-3, 0.005],
        )
    )
    cases = []
    for (name, mode), factor, patience, delta, cooldown, least in rng.sample(grid, 60):
        args = dict(monitor=name, mode=mode, factor=factor, patience=patience, min_delta=delta,
                    cooldown=cooldown, min_lr=least)
        callback = keras.callbacks.ReduceLROnPlateau(verbose=1, **args)
        model, values, steps = FakeModel(0.01), series(rng, 12), []
        callback.set_model(model)
        with Captured() as out:
            callback.on_train_begin()
            for epoch, value in enumerate(values):
                logs = {name: value}
                callback.on_epoch_end(epoch, logs)
                steps.append(dict(value=value, logged=logs["learning_rate"],
                                  lr=float(model.optimizer.learning_rate), output=out.take()))
        cases.append(dict(args=args, start=f32(0.01), epochs=steps))
    return cases


def scheduler():
    cases = []
    for start, factor in [(0.01, 0.5), (0.001, 0.1), (3e-4, 0.9), (1.0, 0.01), (0.1, 1.0), (2e5, 1e6)]:
        callback = keras.callbacks.LearningRateScheduler(lambda epoch, lr: lr * factor, verbose=1)
        model, steps = FakeModel(start), []
        callback.set_model(model)
        with Captured() as out:
            for epoch in range(5):
                callback.on_epoch_begin(epoch)
                logs = {"loss": 1.0}
                callback.on_epoch_end(epoch, logs)
                steps.append(dict(lr=float(model.optimizer.learning_rate),
                                  logged=logs["learning_rate"], output=out.take()))
        cases.append(dict(start=f32(start), factor=factor, epochs=steps))
    return cases


def checkpoints():
    """Keras 3 and Keras 2 see the same logs and must agree on what is saved."""
    rng = random.Random(3)
    grid = list(
        itertools.product(
            [("val_loss", "auto"), ("val_loss", "min"), ("val_accuracy", "auto"), ("val_loss", "max")],
            [True, False],
            ["epoch", 1, 3, 5],
            [None, 0.5],
            [False, True],
            ["best", "m-{epoch:02d}-{val_loss:.2f}", "{val_accuracy:.3e}-{epoch}-{val_loss:08.4f}"],
        )
    )
    cases = []
    for (name, mode), best, freq, first, weights, path in rng.sample(grid, 40):
        if freq != "epoch" and not weights and rng.random() < 0.5:
            path += "-{batch:03d}"
        if "{batch" in path and freq == "epoch":
            continue
        path += ".weights.h5" if weights else ".keras"
        args = dict(monitor=name, mode=mode, save_best_only=best, save_freq=freq,
                    initial_value_threshold=first, save_weights_only=weights)
        callbacks = [
            keras.callbacks.ModelCheckpoint(path, **args),
            tf_keras.callbacks.ModelCheckpoint(path, verbose=1, **args),
        ]
        fits = []
        for _ in range(2):
            models = [FakeModel(), FakeModel()]
            for callback, model in zip(callbacks, models):
                callback.set_model(model)
                # Keras 3 settles the direction only at the first end of an epoch.
                if hasattr(callback, "_set_monitor_op") and callback.monitor_op is None:
                    callback._set_monitor_op()
            events = []
            with Captured() as out:
                for callback in callbacks:
                    callback.on_train_begin()
                for epoch in range(5):
                    for callback in callbacks:
                        callback.on_epoch_begin(epoch)
                    for batch in range(4):
                        events.append(checkpoint_event(rng, callbacks, models, out, epoch, batch))
                    events.append(checkpoint_event(rng, callbacks, models, out, epoch, None))
            fits.append(events)
        cases.append(dict(path=path, args=plain(args), fits=fits))
    return cases


def checkpoint_event(rng, callbacks, models, out, epoch, batch):
    loss, accuracy = series(rng, 2)
    logs = {"loss": f32(0.25), "val_loss": loss, "val_accuracy": accuracy}
    saved = []
    for callback, model in zip(callbacks, models):
        if batch is None:
            callback.on_epoch_end(epoch, dict(logs))
        else:
            callback.on_train_batch_end(batch, dict(logs))
        saved.append(model.take_saved())
    assert saved[0] == saved[1], saved
    return dict(epoch=epoch, batch=-1 if batch is None else batch, val_loss=loss,
                val_accuracy=accuracy, saved=saved[0], output=out.take())


def csv_logs():
    cases = []
    with tempfile.TemporaryDirectory() as folder:
        for i, (sep, append, fits) in enumerate([
            (",", False, [[{"loss": f32(0.1), "accuracy": f32(0.5), "val_loss": 1.0}, {"loss": math.nan, "accuracy": math.inf}]]),
            (";", True, [[{"loss": f32(1e-5), "acc": 1e17}, {"loss": 123456.0, "val_acc": 2.5}], [{"loss": 1.0, "acc": -math.inf}]]),
            ("\t", False, [[{"b": 1e16, "a": -0.0}], [{"c": 1.5}]]),
            (",", False, [[{"loss": f32(0.3), "f1": np.array([0, 0.49999994, 1e-5], "float32")}, {"loss": 1.0, "f1": np.array([1e20, math.nan, math.inf], "float32")}]]),
        ]):
            path = os.path.join(folder, f"{i}.csv")
            callback = keras.callbacks.CSVLogger(path, separator=sep, append=append)
            for fit in fits:
                callback.on_train_begin()
                for epoch, logs in enumerate(fit):
                    callback.on_epoch_end(epoch, logs)
                callback.on_train_end()
            with open(path, newline="") as f:
                text = f.read()
            cases.append(dict(separator=sep, append=append, text=text, fits=[
                [[[k, shown(v)] for k, v in logs.items()] for logs in fit] for fit in fits]))
    return cases


def formats():
    rng = random.Random(4)
    values = [0.0, -0.0, 1.0, 0.5, 2.675, 1e-4, 9.9e-5, 1e15, 1e16, 123456789.123, 1 / 3, -2.5,
              f32(0.1), f32(1e-3), f32(3e-7), 1e300, 5e-324, math.nan, math.inf, -math.inf]
    values += [f32(10 ** rng.uniform(-8, 8)) for _ in range(20)]
    patterns = ["{v}", "{v:.2f}", "{v:.3e}", "{v:10.3f}", "{v:010.3f}", "{v:.0f}", "{v:f}", "{v:e}", "{v:08.2E}",
                "{epoch}", "{epoch:02d}", "{epoch:5d}", "{epoch:d}", "{epoch:.1f}", "{epoch:4}", "{{{epoch}}}", "a{{b}}-{epoch:03d}"]
    cases = [dict(pattern=p, v=repr(v), epoch=7, text=p.format(v=v, epoch=7)) for p in patterns for v in values
             if "v" in p or v == 0.5]
    for p in ["{v:d}", "{v", "v}", "{other}", "{v:.2q}", "{epoch:.2d}", "{v:.}"]:
        try:
            raise AssertionError(p.format(v=1.5, epoch=7))
        except (ValueError, KeyError) as e:
            cases.append(dict(pattern=p, v="1.5", epoch=7, text="", error=f"{type(e).__name__}: {e}"))
    return cases


def directions():
    found = {}
    args = dict(IoU=(2, [0]), MeanIoU=(2,), OneHotIoU=(2, [0]), OneHotMeanIoU=(2,), PrecisionAtRecall=(0.5,),
                RecallAtPrecision=(0.5,), SensitivityAtSpecificity=(0.5,), SpecificityAtSensitivity=(0.5,))
    for name in dir(keras.metrics):
        kind = getattr(keras.metrics, name)
        if not isinstance(kind, type) or name in ("Metric", "MeanMetricWrapper"):
            continue
        metric = kind(*args.get(name, ()))
        # RootMeanSquaredError inherits its direction only in part, Mean and Sum are of anything.
        if hasattr(metric, "_direction") and name not in ("Mean", "Sum"):
            found[metric.name] = metric._direction
    return found


# ---- the progress bar ----


def progbar_case(rng, what, steps, known, verbose, epochs, pace, first, names, elements=None):
    """Returns the events of one run with the text that each writes."""
    now = [1000.0]
    real, time.time = time.time, lambda: now[0]
    try:
        with Captured() as out:
            # Verbose 2 divides by the target, which is unknown until then.
            logger = tf_keras.callbacks.ProgbarLogger("steps", stateful_metrics=names + ["val_" + n for n in names])
            logger.set_model(None)
            logger.set_params(dict(verbose=verbose, epochs=epochs, steps=steps if known else None))
            events = []

            def event(hook, *args, logs=None):
                call = getattr(logger, hook)
                if logs is None:
                    call(*args)
                else:
                    call(*args, logs=dict(logs))
                events.append(dict(hook=hook, args=list(args), now=now[0],
                                   logs=[[k, shown(v)] for k, v in (logs or {}).items()], output=out.take()))

            def value():
                if elements:
                    return np.array([rng.uniform(0, 1) for _ in range(elements)], "float32")
                return f32(10 ** rng.uniform(-5, 4)) * (1 if verbose == 2 else rng.choice([1, 1, 1, -1]))

            def batches(hook):
                for batch in range(steps):
                    now[0] += first if batch == 0 else pace * rng.uniform(0.5, 1.5)
                    logs = None if what == "predict" else {n: value() for n in names}
                    if hook:
                        event(hook, batch, logs=logs)

            if what == "fit":
                event("on_train_begin")
                for epoch in range(epochs):
                    event("on_epoch_begin", epoch)
                    batches("on_train_batch_end")
                    event("on_test_begin")
                    for batch in range(2):
                        now[0] += pace
                        event("on_test_batch_end", batch, logs={names[0]: value()})
                    event("on_test_end", logs={names[0]: value()})
                    event("on_epoch_end", epoch, logs={p + n: value() for p in ("", "val_") for n in names})
                event("on_train_end")
            elif what == "test":
                event("on_test_begin")
                batches("on_test_batch_end")
                event("on_test_end", logs={n: value() for n in names})
            else:
                event("on_predict_begin")
                batches("on_predict_batch_end")
                event("on_predict_end")
    finally:
        time.time = real
    return dict(what=what, steps=steps if known else 0, verbose=verbose, epochs=epochs, events=events)


def progbars():
    rng = random.Random(5)
    two, one = ["loss", "accuracy"], ["loss"]
    return [
        progbar_case(rng, "fit", 25, True, 1, 2, 0.011, 1.5, two),
        progbar_case(rng, "fit", 12, True, 1, 2, 0.3, 0.3, two),
        progbar_case(rng, "fit", 7, True, 1, 1, 900.0, 0.5, one),
        progbar_case(rng, "fit", 5, True, 1, 1, 30.0, 100.0, one),
        progbar_case(rng, "fit", 9, False, 1, 2, 0.24, 0.3, two),
        progbar_case(rng, "fit", 1, True, 1, 2, 0.2, 0.2, one),
        progbar_case(rng, "fit", 300, True, 1, 1, 0.0004, 0.01, two),
        progbar_case(rng, "fit", 40, True, 1, 1, 0.00001, 0.0, one),
        progbar_case(rng, "fit", 25, True, 2, 2, 0.011, 1.5, two),
        progbar_case(rng, "fit", 3, True, 2, 1, 70.0, 0.5, one),
        progbar_case(rng, "fit", 4, True, 0, 2, 0.2, 0.5, one),
        progbar_case(rng, "test", 31, True, 1, 1, 0.05, 0.4, two),
        progbar_case(rng, "test", 10, True, 2, 1, 0.05, 0.4, two),
        progbar_case(rng, "test", 10, False, 1, 1, 0.05, 0.4, two),
        progbar_case(rng, "predict", 31, True, 1, 1, 0.05, 0.4, two),
        progbar_case(rng, "predict", 3, False, 1, 1, 0.05, 0.4, two),
        progbar_case(rng, "predict", 3, True, 2, 1, 0.05, 0.4, two),
        progbar_case(rng, "fit", 5, True, 1, 1, 0.3, 0.3, two, elements=3),
        progbar_case(rng, "fit", 5, True, 2, 1, 0.3, 0.3, two, elements=3),
    ]


def write(name, data):
    path = os.path.join(HERE, name)
    with open(path + ".tmp", "w") as f:
        json.dump(data, f, indent=None, separators=(",", ":"))
        f.write("\n")
    os.replace(path + ".tmp", path)


def main():
    with tempfile.TemporaryDirectory() as folder:
        os.chdir(folder)
        write("keras.json", dict(
            keras=keras.__version__, tf_keras=tf_keras.__version__,
            early_stopping=early_stopping(), reduce_lr=reduce_lr(), scheduler=scheduler(),
            checkpoint=checkpoints(), csv=csv_logs(), formats=formats(), directions=directions()))
        write("progbar.json", progbars())
        os.chdir(HERE)


if __name__ == "__main__":
    main()
