"""What Keras's callbacks write and leave behind: TensorBoard's event files, SwapEMAWeights, RemoteMonitor.

TensorBoard's events are written by TensorFlow and read with the tensorboard package: pip install tensorboard.
"""

import base64
import glob
import io
import json
import os
import tempfile
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer

import keras
import numpy as np

from arrays import array

X = np.linspace(-1, 1, 30).reshape(10, 3).astype("float32")
Y = (X[:, :1] * 0.5 - X[:, 1:2] + 0.25).astype("float32")
FIT = dict(batch_size=4, shuffle=False, verbose=0, validation_data=(X[:4], Y[:4]))


def model(optimizer):
    keras.utils.clear_session()
    inputs = keras.Input((3,), name="features")
    hidden = keras.layers.Dense(4, activation="tanh", name="hidden")(inputs)
    m = keras.Model(inputs, keras.layers.Dense(1, name="out")(hidden), name="small")
    for i, w in enumerate(m.weights):
        w.assign(np.linspace(-0.5, 0.6, int(np.prod(w.shape))).reshape(w.shape) * (1 - 0.1 * i))
    m.compile(optimizer, loss="mse", metrics=["mae"])
    return m


def png(data):
    from tensorflow import io as tf_io

    return array(tf_io.decode_png(data).numpy())


def events(folder):
    """All events of the folder's files, in order, without their times."""
    from tensorboard.backend.event_processing import event_file_loader
    from tensorboard.util import tensor_util

    found = {}
    for path in sorted(glob.glob(os.path.join(folder, "**", "events.out.tfevents.*"), recursive=True)):
        name = os.path.relpath(os.path.dirname(path), folder)
        for event in event_file_loader.RawEventFileLoader(path).Load():
            from tensorboard.compat.proto import event_pb2

            event = event_pb2.Event.FromString(event)
            for v in event.summary.value:
                entry = {
                    "tag": v.tag,
                    "step": event.step,
                    "plugin": v.metadata.plugin_data.plugin_name,
                    "content": v.metadata.plugin_data.content.decode(),
                    "class": v.metadata.data_class,
                    "dtype": v.tensor.dtype,
                    "shape": [d.size for d in v.tensor.tensor_shape.dim],
                }
                values = tensor_util.make_ndarray(v.tensor)
                if v.tag == "keras":
                    entry["config"] = json.loads(values.item())["class_name"]
                elif v.metadata.plugin_data.plugin_name == "images":
                    entry["size"] = [v.decode() for v in values[:2]]
                    entry["images"] = [png(v) for v in values[2:]]
                elif "per_second" not in v.tag:
                    entry["values"] = array(values.astype("float64"))
                found.setdefault(name, []).append(entry)
    return found


def tensorboard(optimizer, epochs, evaluate=False, **arguments):
    with tempfile.TemporaryDirectory() as folder:
        m = model(optimizer)
        start = [array(w.numpy()) for w in m.weights]
        callback = keras.callbacks.TensorBoard(folder, **arguments)
        m.fit(X, Y, epochs=epochs, callbacks=[callback], **FIT)
        if evaluate:
            m.evaluate(X, Y, batch_size=4, verbose=0, callbacks=[callback])
        arguments.pop("log_dir", None)
        config = keras.optimizers.serialize(m.optimizer)
        files = sorted(os.path.relpath(p, folder) for p in glob.glob(os.path.join(folder, "**", "*"), recursive=True) if os.path.isfile(p) and "tfevents" not in p)
        return {"optimizer": config, "epochs": epochs, "arguments": arguments, "evaluate": evaluate, "weights": start, "events": events(folder), "files": files}


def swap(optimizer, epochs, swap_on_epoch):
    m = model(optimizer)
    start = [array(w.numpy()) for w in m.weights]
    seen = []
    watch = keras.callbacks.LambdaCallback(on_epoch_end=lambda epoch, logs: seen.append([array(w.numpy()) for w in m.weights]))
    history = m.fit(X, Y, epochs=epochs, callbacks=[keras.callbacks.SwapEMAWeights(swap_on_epoch=swap_on_epoch), watch], **FIT)
    scores = m.evaluate(X, Y, batch_size=4, verbose=0, callbacks=[keras.callbacks.SwapEMAWeights()])
    return {
        "optimizer": keras.optimizers.serialize(m.optimizer), "epochs": epochs, "swap_on_epoch": swap_on_epoch, "weights": start, "seen": seen,
        "history": {k: [float(x) for x in v] for k, v in history.history.items()}, "scores": [float(s) for s in scores],
        "end": [array(w.numpy()) for w in m.weights],
        "variables": [array(np.asarray(v.value)) for v in m.optimizer.variables],
    }


def remote(**arguments):
    got = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self):
            body = self.rfile.read(int(self.headers["Content-Length"])).decode()
            got.append({"path": self.path, "type": self.headers["Content-Type"], "custom": self.headers.get("X-Custom"), "body": body})
            self.send_response(200)
            self.end_headers()

        def log_message(self, *_):
            pass

    server = HTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    callback = keras.callbacks.RemoteMonitor(root=f"http://127.0.0.1:{server.server_port}", **arguments)
    callback.on_epoch_end(0, {"loss": 0.5, "val_loss": 1e-05, "f1": 12345678.25})
    callback.on_epoch_end(1, {"loss": 3.0, "été & co": float("1e16")})
    callback.on_epoch_end(2, {})
    server.shutdown()
    return {"arguments": arguments, "requests": got}


def formats():
    found = []
    patterns = ["{epoch:>4}", "{epoch:<4}x", "{epoch:^5}", "{epoch:=+5}", "{epoch:+d}", "{epoch: 04d}", "{epoch:*>6d}", "{epoch:x^04}", "{epoch:<04d}", "{v:>8.2f}", "{v:<8.2f}x",
                "{v:^+9.1e}", "{v:_=9.1f}", "{v:+}", "{v: .3f}", "{v:08.2f}", "{v:é>8.1f}", "{epoch:-d}"]
    for pattern in patterns:
        for epoch, v in [(7, 0.5), (1234567, -12.375)]:
            found.append({"pattern": pattern, "epoch": epoch, "value": v, "text": pattern.format(epoch=epoch, v=v)})
    return found


def cases():
    sgd = keras.optimizers.SGD
    schedule = keras.optimizers.schedules.ExponentialDecay(0.1, 3, 0.5)
    return {
        "x": array(X), "y": array(Y), "formats": formats(),
        "tensorboard": [
            tensorboard(sgd(0.1), 2, histogram_freq=1, write_images=True),
            tensorboard(sgd(schedule), 3, evaluate=True, update_freq=2, write_graph=False, histogram_freq=2),
            tensorboard(sgd(0.1), 2, update_freq="batch", write_steps_per_second=True, write_graph=False, embeddings_freq=2),
        ],
        "swap_ema": [
            swap(sgd(0.1, momentum=0.5, use_ema=True, ema_momentum=0.8), 3, False),
            swap(sgd(0.1, momentum=0.5, use_ema=True, ema_momentum=0.8), 3, True),
            swap(keras.optimizers.LossScaleOptimizer(sgd(0.1, use_ema=True, ema_momentum=0.6), initial_scale=4.0), 2, False),
        ],
        "remote_monitor": [remote(), remote(path="/x", field="events", headers={"X-Custom": "yes"}), remote(send_as_json=True, headers={"X-Custom": "1"})],
    }
