"""Runs a notebook's cells for `gokeras port --prove --python`, and writes what the ported program is compared with.

    python prelude.py FOLDER

reads FOLDER/cells.json, the cells' sources, and writes FOLDER/python.json and .npz files beside it: for each cell the values of the names
that it assigns, and for each model its configuration, its weights, predictions, one gradient step and five training steps. Every fit trains
one epoch of at most ten batches.
"""
import ast
import builtins
import hashlib
import inspect
import json
import os
import random
import re
import sys
import traceback
import types
import warnings

FOLDER = os.path.abspath(sys.argv[1])
os.environ.setdefault("MPLBACKEND", "Agg")
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
warnings.simplefilter("ignore")

import numpy as np  # noqa: E402
import keras  # noqa: E402

keras.config.enable_unsafe_deserialization()  # the notebook's own Lambda layers; its code runs anyway

STEPS, BATCH, EPOCH_STEPS = 5, 32, 10
LARGEST = 32 << 20  # bytes of an array that are kept
record = {"keras": keras.__version__, "backend": keras.backend.backend(), "errors": [], "values": {}, "stale": {}, "weights": {}, "fits": {}}
trees = {}


def save(name, arrays):
    np.savez(os.path.join(FOLDER, name + ".npz"), **{k: np.asarray(v) for k, v in arrays.items()})
    return name + ".npz"


# Data sets: made up as the ported program's -dataset synthetic does.
def images(classes, *shape):
    rng = np.random.RandomState(1)
    prototypes = rng.randint(0, 200, (classes,) + shape)
    y = rng.randint(0, classes, 640)
    return (prototypes[y] + rng.randint(0, 56, (640,) + shape)).astype("uint8"), y


def split(x, y):
    return (x[:512], y[:512]), (x[512:], y[512:])


TEXT_ROWS = 0  # how many texts of a data set the notebook counts on, where it says so
WHOLE = False  # whether the notebook counts on the number of a data set's images


def pictures(classes, shape, column):
    def load_data(*args, **kwargs):
        x, y = images(classes, *shape)
        parts = split(x, y.reshape(-1, 1) if column else y.astype("uint8"))
        if WHOLE:
            sizes = 50000 if column else 60000, 10000
            parts = tuple(tuple(a[np.arange(n) % len(a)] for a in part) for part, n in zip(parts, sizes))
        return parts
    return load_data


def table(columns):
    def load_data(*args, **kwargs):
        rng = np.random.RandomState(1)
        x = rng.randn(640, columns)
        return split(x, x @ rng.randn(columns) + 20)
    return load_data


def texts(classes):
    def load_data(path=None, num_words=None, skip_top=0, maxlen=None, **kwargs):
        words = min(1000, num_words) if num_words and num_words > 4 else 1000
        rng = np.random.RandomState(1)
        y = rng.randint(0, classes, 640)
        y[:classes] = np.arange(classes)
        x = np.empty(640, dtype=object)
        for i, c in enumerate(y):
            x[i] = [1] + [int(w) for w in rng.randint(4, words, 20 + i % 30)][1:] + [int(4 + c % (words - 4))] * 2
        (x_train, y_train), test = split(x, y)
        if TEXT_ROWS:
            again = np.arange(TEXT_ROWS) % len(x_train)
            x_train, y_train = x_train[again], y_train[again]
        return (x_train, y_train), test
    return load_data


for module, loader in [("mnist", pictures(10, (28, 28), False)), ("fashion_mnist", pictures(10, (28, 28), False)), ("cifar10", pictures(10, (32, 32, 3), True)),
                       ("cifar100", pictures(100, (32, 32, 3), True)), ("boston_housing", table(13)), ("california_housing", table(8)), ("imdb", texts(2)), ("reuters", texts(46))]:
    if hasattr(keras.datasets, module):
        getattr(keras.datasets, module).load_data = loader
for module in (keras.datasets.imdb, keras.datasets.reuters):
    module.get_word_index = lambda path=None: {"word%d" % i: i for i in range(1, 1000)}


class Picture:
    """Stands for matplotlib and seaborn where they aren't installed: pictures aren't compared."""

    def __getattr__(self, name):
        if name.startswith("__"):
            raise AttributeError(name)
        return self

    def __call__(self, *args, **kwargs):
        return self

    def __getitem__(self, key):
        return self

    def __iter__(self):
        return iter(())

    def subplots(self, nrows=1, ncols=1, **kwargs):
        panes = np.full((nrows, ncols), self, dtype=object).squeeze()
        return self, panes if panes.ndim else self


for library in ("matplotlib", "seaborn"):
    try:
        __import__(library)
    except ImportError:
        for part in ("", ".pyplot", ".cm", ".colors", ".patches", ".ticker", ".pylab"):
            sys.modules[library + part] = Picture()


# What old notebooks say otherwise than today's Keras.
def old_spellings():
    for name in "core convolutional pooling normalization recurrent embeddings merge advanced_activations noise wrappers".split():
        sys.modules.setdefault("keras.layers." + name, keras.layers)
        sys.modules.setdefault("tensorflow.keras.layers." + name, keras.layers)
    np_utils = types.ModuleType("keras.utils.np_utils")
    np_utils.to_categorical = keras.utils.to_categorical
    sys.modules["keras.utils.np_utils"] = keras.utils.np_utils = np_utils
    plot = keras.utils.plot_model

    def plot_model(*args, **kwargs):
        try:
            return plot(*args, **kwargs)
        except ImportError:
            return None  # pictures aren't compared
    keras.utils.plot_model = plot_model
    for name in ("vis_utils", "visualize_util"):
        drawing = types.ModuleType("keras.utils." + name)
        drawing.plot = drawing.plot_model = plot_model
        drawing.model_to_dot = keras.utils.model_to_dot
        sys.modules["keras.utils." + name] = drawing
        setattr(keras.utils, name, drawing)
    if keras.backend.backend() == "tensorflow":
        import tensorflow
        tensorflow.keras.utils.plot_model = plot_model
    if not hasattr(keras.layers.Layer, "output_shape"):
        def shape(self):
            shapes = [tuple(t.shape) for t in (self.output if isinstance(self.output, (list, tuple)) else [self.output])]
            return shapes if len(shapes) > 1 else shapes[0]
        keras.layers.Layer.output_shape = property(shape)
    formats = {"th": "channels_first", "tf": "channels_last"}
    keras.backend.set_image_dim_ordering = lambda order: keras.config.set_image_data_format(formats[order])
    keras.backend.image_dim_ordering = lambda: {v: k for k, v in formats.items()}[keras.config.image_data_format()]
    for cls in vars(keras.optimizers).values():
        if isinstance(cls, type) and issubclass(cls, keras.optimizers.Optimizer) and "__init__" in vars(cls):
            def renamed(self, *args, made=cls.__init__, **kwargs):
                if "lr" in kwargs:
                    kwargs["learning_rate"] = kwargs.pop("lr")
                made(self, *args, **kwargs)
            cls.__init__ = renamed
    checkpoint = keras.callbacks.ModelCheckpoint.__init__

    def with_suffix(self, filepath, *args, **kwargs):
        filepath = os.fspath(filepath)
        suffixes = (".weights.h5",) if kwargs.get("save_weights_only") else (".keras", ".h5")
        if not filepath.endswith(suffixes):
            written[filepath] = filepath + (".weights.h5" if kwargs.get("save_weights_only") else ".keras")
            filepath = written[filepath]
        checkpoint(self, filepath, *args, **kwargs)
    keras.callbacks.ModelCheckpoint.__init__ = with_suffix
    load = keras.models.load_model

    def load_model(filepath, *args, **kwargs):
        return load(written.get(os.fspath(filepath), filepath), *args, **kwargs)
    keras.models.load_model = load_model
    for name in ("fit", "evaluate", "predict"):
        setattr(keras.Model, name + "_generator", lambda self, *args, name=name, **kwargs: getattr(self, name)(*args, **kwargs))
    keras.Model.predict_classes = lambda self, *args, **kwargs: np.argmax(self.predict(*args, **kwargs), axis=-1)


written = {}
old_spellings()


def receiver(method):
    """The model's name in the call of a method that runs, as the notebook writes it."""
    frame = sys._getframe(2)
    while frame is not None and frame.f_code.co_filename not in trees:
        frame = frame.f_back
    if frame is None:
        return "?"
    calls = [n for n in ast.walk(trees[frame.f_code.co_filename]) if isinstance(n, ast.Call) and isinstance(n.func, ast.Attribute)
             and n.func.attr.startswith(method) and n.lineno <= frame.f_lineno <= n.end_lineno]
    if not calls:
        return "?"
    on = min(calls, key=lambda n: n.end_lineno - n.lineno).func.value
    inner = on
    while isinstance(inner, ast.Attribute):
        inner = inner.value
    return ast.unparse(on) if isinstance(inner, ast.Name) else "?"


def arrays_of(v):
    """Data as a list of arrays; None where it isn't arrays."""
    if v is None:
        return []
    if isinstance(v, (list, tuple)) and len(v) and not np.isscalar(v[0]) and hasattr(v[0], "shape"):
        parts = v
    else:
        parts = [v]
    out = []
    for p in parts:
        if isinstance(p, dict) or not (isinstance(p, (np.ndarray, list)) or hasattr(p, "to_numpy")):
            return None
        p = np.asarray(p)
        if p.dtype.kind not in "biuf" or p.ndim == 0:
            return None
        out.append(p)
    return out


def one(list):
    return list[0] if len(list) == 1 else list


def steady(cfg):
    """A configuration whose layers draw no random numbers in training, or the class that can't do without."""
    if isinstance(cfg, list):
        for c in cfg:
            steady(c)
    if not isinstance(cfg, dict):
        return
    name, inner = cfg.get("class_name"), cfg.get("config")
    if isinstance(name, str) and isinstance(inner, dict):
        if name.startswith("Random"):
            if "layers" in str(cfg.get("module")):
                raise ValueError("the layer %s draws random numbers" % name)
        if name.endswith("Dropout") or "Dropout" in name:
            inner["rate"] = 0.0
        if name == "GaussianNoise":
            inner["stddev"] = 0.0
        for key in ("dropout", "recurrent_dropout"):
            if isinstance(inner.get(key), (int, float)):
                inner[key] = 0.0
    for c in cfg.values():
        steady(c)


def config_of(model):
    try:
        return json.loads(model.to_json())
    except Exception:
        return None


def part_of(rows, step, size):
    """The rows of a step: those of the first one where there are no more."""
    begin = step * size if (step + 1) * size <= len(rows) else 0
    return slice(begin, begin + size)


def trial(model, x, y, prefix):
    """Predictions, one gradient step and five training steps of a copy of the model that has its weights."""
    kept = {}
    size = max(1, min(BATCH, len(x[0]) // STEPS or len(x[0])))
    kept.update({"x%d" % i: a[:STEPS * size] for i, a in enumerate(x)})
    kept.update({"y%d" % i: a[:STEPS * size] for i, a in enumerate(y)})
    kept.update({"w%d" % i: a for i, a in enumerate(model.get_weights())})
    said = {"inputs": len(x), "targets": len(y), "weights": len(model.get_weights()), "batch": size, "losses": [], "why": ""}
    heads = [a[:STEPS * size] for a in x]
    said["outputs"] = 0
    for i, p in enumerate(outputs(model.predict_on_batch(one(heads)))):
        kept["p%d" % i] = p
        said["outputs"] = i + 1
    if y:
        try:
            cfg = config_of(model)
            steady(cfg)
            own = {n: c for n, c in names.items() if isinstance(c, type) and c.__module__ == "__main__"}
            cfg.pop("compile_config", None)
            copy = keras.models.model_from_json(json.dumps(cfg), custom_objects=own)
            if not copy.built:
                copy.build(heads[0].shape)
            loss = model.loss
            # The third time from weights that are one rounding away: how far the steps themselves carry such a difference.
            for kind in ("g", "s", "r"):
                copy.set_weights([np.nextafter(w, np.inf, dtype=w.dtype) if kind == "r" and w.dtype.kind == "f" else w for w in model.get_weights()])
                optimizer = keras.optimizers.SGD(1.0) if kind == "g" else type(model.optimizer).from_config(model.optimizer.get_config())
                copy.compile(optimizer=optimizer, loss=loss)
                for step in range(1 if kind == "g" else STEPS):
                    at = part_of(heads[0], step, size)
                    logs = copy.train_on_batch(one([a[at] for a in heads]), one([a[at] for a in y]))
                    if kind == "s":
                        said["losses"].append(float(np.asarray(logs[0] if isinstance(logs, (list, tuple)) else logs)))
                kept.update({"%s%d" % (kind, i): a for i, a in enumerate(copy.get_weights())})
        except Exception as e:
            said["losses"], said["why"] = [], str(e).strip().split("\n")[0][:200]
    said["file"] = save(prefix, kept)
    return said


def outputs(p):
    return [np.asarray(a) for a in (p if isinstance(p, (list, tuple)) else list(p.values()) if isinstance(p, dict) else [p])]


# Arguments of Keras 1 and 2 under their names of today, as the port understands them.
RENAMED = {"nb_filter": "filters", "border_mode": "padding", "init": "kernel_initializer", "subsample": "strides", "W_regularizer": "kernel_regularizer", "b_regularizer": "bias_regularizer",
           "W_constraint": "kernel_constraint", "bias": "use_bias", "filter_length": "kernel_size", "pool_length": "pool_size", "lr": "learning_rate", "inner_init": "recurrent_initializer",
           "dropout_W": "dropout", "dropout_U": "recurrent_dropout", "inner_activation": "recurrent_activation", "output_dim": "units", "p": "rate"}


class Today(ast.NodeTransformer):
    """Gives arguments the names that they have in the Keras that is there."""

    def visit_Call(self, node):
        self.generic_visit(node)
        name = getattr(node.func, "attr", getattr(node.func, "id", ""))
        cls = getattr(keras.layers, name, None) or getattr(keras.optimizers, name, None)
        known = set(inspect.signature(cls.__init__).parameters) if isinstance(cls, type) else set()
        for k in node.keywords:
            if name == "fit" and k.arg == "nb_epoch":
                k.arg = "epochs"
            elif known and k.arg not in known and RENAMED.get(k.arg) in known:
                k.arg = RENAMED[k.arg]
        return node


class Logs(dict):
    """A history in which Keras 1's "acc" is found where the metric is "accuracy"."""

    def __missing__(self, key):
        today = {"acc": "accuracy", "val_acc": "val_accuracy"}.get(key)
        if today not in self:
            raise KeyError(key)
        return self[today]


real = {name: getattr(keras.Model, name) for name in ("fit", "evaluate", "predict")}
counts = {}


def fit(self, x=None, y=None, batch_size=None, epochs=1, verbose="auto", callbacks=None, validation_split=0.0, *args, **kwargs):
    state, other = np.random.get_state(), random.getstate()
    if type(self).train_step is not keras.Model.train_step:  # a step of its own isn't compared
        kwargs["steps_per_epoch"] = min(kwargs.get("steps_per_epoch") or EPOCH_STEPS, EPOCH_STEPS)
        history = real["fit"](self, x, y, batch_size, 1, 0, callbacks, validation_split, *args, **kwargs)
        np.random.set_state(state)
        random.setstate(other)
        return history
    name = receiver("fit")
    counts[name] = counts.get(name, 0) + 1
    key = "%s %d" % (name, counts[name])
    said = {"epochs": epochs, "batch_size": batch_size, "validation_split": float(validation_split or 0), "trial": None}
    xs, ys = arrays_of(x), arrays_of(y)
    try:
        if xs and ys is not None:
            if not self.built:
                self.build((None,) + xs[0].shape[1:])
            said["x"], said["y"] = [list(a.shape) for a in xs], [list(a.shape) for a in ys]
            said["trial"] = trial(self, xs, ys, "fit%d" % len(record["fits"]))
        said["config"] = config_of(self)
    except Exception as e:
        said["why"] = str(e).strip().split("\n")[0][:200]
    kwargs["initial_epoch"] = 0
    limit = kwargs.get("steps_per_epoch") or EPOCH_STEPS
    kwargs["steps_per_epoch"] = min(limit, EPOCH_STEPS)
    if xs:
        rows = int(len(xs[0]) * (1 - (validation_split or 0)))
        kwargs["steps_per_epoch"] = max(1, min(kwargs["steps_per_epoch"], -(-rows // (batch_size or 32))))
    if kwargs.get("validation_steps"):
        kwargs["validation_steps"] = min(kwargs["validation_steps"], EPOCH_STEPS)
    history = real["fit"](self, x, y, batch_size, 1, 0, callbacks, validation_split, *args, **kwargs)
    # What the notebook makes of the history counts on all its epochs.
    repeat = max(int(epochs), 1)
    history.history = Logs({k: list(vs) * repeat for k, vs in history.history.items()})
    history.epoch = list(range(repeat))
    said["history"] = {k: [float(np.mean(v)) for v in vs] for k, vs in history.history.items()}
    said["trained"], said["weights"] = weights_of(self)
    record["fits"][key] = said
    for asked, made in written.items():
        if os.path.exists(made) and not os.path.isdir(asked):
            with open(made, "rb") as f, open(asked, "wb") as to:
                to.write(f.read())
    np.random.set_state(state)
    random.setstate(other)
    return history


def weights_of(model):
    """The file with a model's weights, and how many they are."""
    arrays = model.get_weights()
    digest = hashlib.sha256(b"".join(np.ascontiguousarray(a).tobytes() for a in arrays)).hexdigest()
    if known.get(id(model), ("",))[0] != digest:
        known[id(model)] = (digest, save("weights%d" % len(saved), {"w%d" % i: a for i, a in enumerate(arrays)}))
        saved.append(model)  # so that no other model gets its id
    return known[id(model)][1], len(arrays)


known, saved, uses = {}, [], {}


def quiet(name):
    def call(self, *args, **kwargs):
        state, other = np.random.get_state(), random.getstate()
        on = receiver(name)
        uses[on] = uses.get(on, 0) + 1
        before = known.get(id(self))
        if self.built:
            file, count = weights_of(self)
            if known[id(self)] != before:
                record["weights"]["%s %d" % (on, uses[on])] = {"file": file, "count": count}
        kwargs["verbose"] = 0
        result = real[name](self, *args, **kwargs)
        np.random.set_state(state)
        random.setstate(other)
        return result
    return call


keras.Model.fit = fit
keras.Model.evaluate = quiet("evaluate")
keras.Model.predict = quiet("predict")


def assigned(tree):
    """The names that statements bind outside of functions and classes."""
    found = []

    def visit(node):
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.Lambda, ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp)):
            return
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store) and node.id not in found:
            found.append(node.id)
        for child in ast.iter_child_nodes(node):
            visit(child)
    visit(tree)
    return found


def touched(stmt):
    """The names that a statement binds, and those whose objects it may change."""
    found = assigned(stmt)
    for node in ast.walk(stmt):
        base = None
        if isinstance(node, (ast.Attribute, ast.Subscript)) and isinstance(node.ctx, ast.Store):
            base = node
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            base = node.func
        while isinstance(base, (ast.Attribute, ast.Subscript)):
            base = base.value
        if isinstance(base, ast.Name) and not isinstance(names.get(base.id), types.ModuleType):
            found.append(base.id)
    if isinstance(stmt, (ast.FunctionDef, ast.ClassDef)):
        found.append(stmt.name)
    return found


def behind(tree, stopped):
    """Follows which names Python left behind: what a cell that stopped at a line didn't come to, and what is made of that."""
    for stmt in tree.body:
        late = stopped is not None and stmt.end_lineno >= stopped
        read = any(isinstance(n, ast.Name) and n.id in stale and (isinstance(n.ctx, ast.Load) or isinstance(stmt, ast.AugAssign)) for n in ast.walk(stmt))
        (stale.update if late or read else stale.difference_update)(touched(stmt) if late or read else assigned(stmt))


def note(cell, name, v):
    kept = {"type": type(v).__name__}
    if isinstance(v, keras.Model):
        kept = {"model": {"config": config_of(v), "trial": None, "why": ""}}
        try:
            if v.built:
                rng = np.random.RandomState(3)
                x = [rng.randint(0, 2, [4] + [d or 4 for d in i.shape[1:]]).astype("float32") for i in v.inputs]
                kept["model"]["trial"] = trial(v, x, [], "model%d_%s" % (cell, name))
        except Exception as e:
            kept["model"]["why"] = str(e).strip().split("\n")[0][:200]
        return kept
    if isinstance(v, str):
        return {"text": v}
    if type(v).__name__ == "Series":
        v = v.to_numpy()
    if isinstance(v, (list, tuple)) and not (len(v) and all(isinstance(i, (bool, int, float, np.generic)) for i in v)):
        return None
    if isinstance(v, (bool, int, float, np.generic, np.ndarray, list, tuple)):
        a = np.asarray(v)
        if a.dtype.kind not in "biuf":
            return None
        rows = len(a) if a.ndim and a.nbytes <= LARGEST else a.ndim and max(1, LARGEST * len(a) // a.nbytes)
        kept = {"shape": list(a.shape), "dtype": str(a.dtype), "rows": int(rows), "scalar": not isinstance(v, np.ndarray)}
        values["%s" % name] = a[:rows] if a.ndim else a
        return kept
    return None


with open(os.path.join(FOLDER, "cells.json"), encoding="utf-8") as f:
    cells = json.load(f)
sys.path.insert(0, os.getcwd())  # modules beside the notebook
main = types.ModuleType("__main__")
sys.modules["__main__"] = main
names = vars(main)
builtins.display = print
sys.argv = ["notebook"]
FAR = [int(a or b) for _, source in cells for a, b in re.findall(r"\[\s*(?::\s*([0-9]{4,5})\b|([0-9]{4,5})\s*:)", source)]
TEXT_ROWS = min(max(FAR), 20000) + 512 if FAR else 0
WHOLE = any(re.search(r"\b[56]0000\b", source) for _, source in cells)
np.random.seed(0)
stale = set()
for number, source in cells:
    file, stopped = "<cell %d>" % number, None
    try:
        tree = ast.parse(source, file)
        trees[file] = tree
        exec(compile(Today().visit(tree), file, "exec"), names)
    except BaseException as e:
        if isinstance(e, KeyboardInterrupt):
            raise
        at = [f.lineno for f in traceback.extract_tb(e.__traceback__) if f.filename == file]
        stopped = at[-1] if at else getattr(e, "lineno", 0) or 0
        record["errors"].append({"cell": number, "line": stopped, "text": "%s: %s" % (type(e).__name__, str(e).strip().split("\n")[0][:200])})
    if file not in trees:
        continue
    values, noted = {}, {}
    behind(trees[file], stopped)
    record["stale"][str(number)] = [name for name in assigned(trees[file]) if name in stale]
    for name in assigned(trees[file]):
        if name in names and name not in stale:
            kept = note(number, name, names[name])
            if kept is not None:
                noted[name] = kept
    record["values"][str(number)] = noted
    save("cell%d" % number, values)
with open(os.path.join(FOLDER, "python.json"), "w", encoding="utf-8") as f:
    json.dump(record, f)
