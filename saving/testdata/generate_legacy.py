"""Writes the files of legacy/: Keras's older formats, with what Keras computes from them.

    python generate_legacy.py

It needs keras with jax, tf_keras with TensorFlow, and h5py. The two Keras run in a process each; with the argument
"keras2" or "keras3" the script makes that part alone, with "more" cases_more.json and its files.
"""

import gzip
import json
import os
import subprocess
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
OUT = os.path.join(HERE, "legacy")
os.environ["KERAS_BACKEND"] = "jax"
os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
os.environ["CUDA_VISIBLE_DEVICES"] = "-1"

import h5py
import numpy as np

RNG = np.random.default_rng(7)
CASES = {}


def path(name):
    return os.path.join(OUT, name)


def array(a):
    a = np.asarray(a)
    flat = a.astype(np.float64).ravel()
    # Nine digits hold a float32 exactly.
    return {"shape": list(a.shape), "dtype": str(a.dtype), "data": [float("%.9g" % v) for v in flat]}


def values(*shape):
    return RNG.normal(size=shape).astype("float32")


def randomize(model):
    """Gives every weight a value of its own, so that one in another's place is noticed."""
    new = []
    for w in model.weights:
        v = values(*w.shape) * 0.4
        if "variance" in w.name or "gamma" in w.name:
            v = np.abs(v) + 0.5
        new.append(v)
    model.set_weights(new)


def record(name, model, x, y=None, continued=2, saved=None, weights=True):
    """Saves the model, and notes what it is and does; with y, what training it further gives."""
    (saved or model.save)(path(name))
    outputs = model(x, training=False)
    if isinstance(outputs, dict):
        outputs = [outputs[k] for k in sorted(outputs)]
    elif not isinstance(outputs, (list, tuple)):
        outputs = [outputs]
    case = {
        "model": model.name,
        "layers": [l.name for l in model.layers],
        "inputs": [array(v) for v in (x if isinstance(x, list) else [x])],
        "outputs": [array(o) for o in outputs],
    }
    if weights:
        case["weights"] = [array(w) for w in model.get_weights()]
    if y is not None:
        case["targets"] = [array(v) for v in (y if isinstance(y, list) else [y])]
        case["losses"] = []
        for _ in range(continued):
            logs = model.train_on_batch(x, y)
            case["losses"].append(float(np.ravel(logs)[0]))
            model.reset_metrics()
    CASES[name] = case


def pack(name):
    with open(path(name), "rb") as f, gzip.GzipFile(path(name + ".gz"), "wb", mtime=0) as z:
        z.write(f.read())
    os.remove(path(name))


def functional(K, name="branches"):
    """Two branches of an image, with the layers of an ordinary classifier."""
    L = K.layers
    x = L.Input((6, 6, 2), name="image")
    h = L.Conv2D(3, 3, padding="same", kernel_regularizer="l2", kernel_constraint=K.constraints.MaxNorm(3), name="conv")(x)
    h = L.BatchNormalization(name="norm")(h)
    h = L.ReLU(6.0, name="cut")(h)
    h = L.MaxPooling2D(2, name="pool")(h)
    h = L.Dropout(0.0, name="drop")(h, training=False)
    side = L.GlobalAveragePooling2D(name="mean")(x)
    side = L.LeakyReLU(name="leak")(side)
    both = L.Concatenate(name="both")([L.Flatten(name="flat")(h), side])
    y = L.Dense(3, activation="softmax", name="classes")(both)
    model = K.Model(x, y, name=name)
    randomize(model)
    return model, values(5, 6, 6, 2)


def variant(K):
    """functional with another name for a layer with weights, and with other shapes of one layer and of one weight."""
    L = K.layers
    x = L.Input((6, 6, 2), name="image")
    h = L.Conv2D(3, 3, padding="same", name="other_conv")(x)
    h = L.BatchNormalization(name="norm")(h)
    h = L.MaxPooling2D(2, name="pool")(h)
    h = L.Flatten(name="flat")(h)
    model = K.Model(x, L.Dense(3, activation="softmax", name="classes")(h), name="variant")
    model.set_weights([np.full(w.shape, 0.25, "float32") for w in model.weights])
    return model


def partial_loads(K):
    """What load_weights leaves in variant of files that don't quite fit."""
    m = variant(K)
    m.save(path("k3_variant.keras"))
    for name, file, options in [
        ("in order", "k3_functional.h5", {"skip_mismatch": True}),
        ("by name", "k3_functional.h5", {"by_name": True, "skip_mismatch": True}),
        ("tree", "k3_sharded_model.keras", {"skip_mismatch": True}),
        ("fitting by name", "k3_sequential.h5", {"by_name": True, "skip_mismatch": True}),
    ]:
        m.set_weights([np.full(w.shape, 0.25, "float32") for w in m.weights])
        m.load_weights(path(file), **options)
        CASES["partial: " + name] = {
            "file": file,
            "byName": "by_name" in options,
            "weights": [array(w) for w in m.get_weights()],
        }
    for options in [{}, {"by_name": True}]:
        try:
            m.load_weights(path("k3_functional.h5"), **options)
        except ValueError:
            continue
        raise AssertionError("Keras loads what doesn't fit")


def nested(K):
    """Models inside a model, one of them applied twice, one frozen, and two outputs."""
    L = K.layers
    a = L.Input((4,), name="inner_in")
    b = L.Dense(4, activation="relu", name="inner_dense")(a)
    b = L.BatchNormalization(name="inner_norm")(b)
    inner = K.Model(a, L.Add(name="inner_add")([a, b]), name="inner")
    stack = K.Sequential([L.Input((4,)), L.Dense(3, name="s1"), L.BatchNormalization(name="s2"), L.Dense(4, name="s3")], name="stack")
    stack.get_layer("s1").trainable = False
    frozen = K.Sequential([L.Input((4,)), L.Dense(4, name="f1"), L.BatchNormalization(name="f2"), L.Dense(4, name="f3")], name="frozen")
    frozen.trainable = False

    x = L.Input((4,), name="x")
    once = inner(x)
    twice = inner(stack(once))
    h = L.Concatenate(name="join")([once, twice, frozen(x)])
    first = L.Dense(3, activation="softmax", name="first")(h)
    second = L.Dense(1, name="second")(h)
    model = K.Model([x], [first, second], name="outer")
    randomize(model)
    return model, values(5, 4)


def model_outputs(K):
    """Calls of models inside a model as its outputs, which Keras numbers otherwise than those between layers."""
    L = K.layers
    a = L.Input((3,), name="inner_in")
    inner = K.Model(a, L.Dense(3, activation="tanh", name="inner_dense")(a), name="inner")
    stack = K.Sequential([L.Input((3,)), L.Dense(3, name="s1")], name="stack")
    x = L.Input((3,), name="x")
    once = inner(x)
    twice = inner(stack(once))
    model = K.Model(x, [stack(twice), twice, once], name="outer")
    randomize(model)
    return model, values(5, 3)


def stacked(K, name="stacked"):
    L = K.layers
    model = K.Sequential(
        [
            L.Dense(5, activation="relu", input_shape=(4,), name="hidden"),
            L.BatchNormalization(name="norm"),
            L.Dropout(0.0, name="drop"),
            L.Dense(3, activation="softmax", name="classes"),
        ],
        name=name,
    )
    randomize(model)
    return model, values(6, 4)


def warm(model, x, y):
    for _ in range(3):
        model.train_on_batch(x, y)
    model.reset_metrics()


def one_hot(n, classes=3):
    return np.eye(classes, dtype="float32")[np.arange(n) % classes]


def keras3():
    import keras
    from keras.src.legacy.saving import legacy_h5_format

    m, x = functional(keras)
    y = (np.arange(5) % 3).astype("int32")
    m.compile(keras.optimizers.Adam(0.01), "sparse_categorical_crossentropy", metrics=["accuracy"])
    warm(m, x, y)
    record("k3_functional.h5", m, x, y)

    m, x = stacked(keras)
    m.compile(keras.optimizers.SGD(0.05, momentum=0.9), keras.losses.CategoricalCrossentropy(label_smoothing=0.1),
              metrics=[keras.metrics.TopKCategoricalAccuracy(2, name="top")])
    warm(m, x, one_hot(6))
    record("k3_sequential.h5", m, x, one_hot(6))

    m, x = nested(keras)
    y = [one_hot(5), values(5, 1)]
    m.compile("rmsprop", ["categorical_crossentropy", "mse"], loss_weights=[1.0, 0.5], metrics=[["accuracy"], ["mae"]])
    warm(m, x, y)
    record("k3_nested.h5", m, x, y)

    def weights_alone(to):
        with h5py.File(to, "w") as f:
            legacy_h5_format.save_weights_to_hdf5_group(f, m)

    randomize(m)
    record("k3_weights.h5", m, x, saved=weights_alone)

    m, x = model_outputs(keras)
    record("k3_outputs.h5", m, x)
    m.save(path("k3_outputs.keras"))
    CASES["k3_outputs.keras"] = CASES["k3_outputs.h5"]

    # The names of these layers do not fit into one attribute.
    L = keras.layers
    x = values(3, 2)
    layers = [L.Dense(1, name="n%02d_" % i + "x" * 2000) for i in range(33)]
    m = keras.Sequential([L.Input((2,))] + layers, name="long")
    randomize(m)
    record("k3_long.h5", m, x)
    pack("k3_long.h5")
    CASES["k3_long.h5"]["layers"] = ["n%02d_" % i for i in range(33)]

    m, x = functional(keras)
    m.compile("adam", "mse")
    record("k3_sharded.weights.json", m, x, saved=lambda to: m.save_weights(to, max_shard_size=400 / 1024**3))
    m.save(path("k3_sharded_model.keras"))
    CASES["k3_sharded_model.keras"] = dict(CASES["k3_sharded.weights.json"])
    randomize(m)
    m.save(path("k3_sharded_model.keras"))

    partial_loads(keras)

    x = L.Input((3,), name="x")
    m = keras.Model(x, L.Lambda(lambda t: t * 2, name="twice")(x), name="lambdas")
    m.save(path("k3_lambda.keras"))
    m.save(path("k3_lambda.h5"))

    class Twice(L.Layer):
        def call(self, t):
            return t * 2

    m = keras.Model(x, Twice(name="twice")(x), name="custom")
    m.save(path("k3_custom.keras"))
    del CASES["k3_sharded_model.keras"]


def keras2():
    import tf_keras as keras

    m, x = functional(keras)
    m.compile("adam", "categorical_crossentropy", metrics=["accuracy"])
    warm(m, x, one_hot(5))
    record("k2_functional.h5", m, x, one_hot(5))

    m, x = stacked(keras)
    m.compile(keras.optimizers.legacy.Adam(0.01), keras.losses.MeanSquaredError(), metrics=["acc", "mae", keras.metrics.MeanSquaredError(name="m")])
    warm(m, x, one_hot(6))
    record("k2_sequential.h5", m, x, one_hot(6))

    # The same as Keras 2.2.4 wrote it.
    m, x = stacked(keras, "old_stacked")
    m.compile(keras.optimizers.legacy.SGD(0.05, momentum=0.9, nesterov=True), "mse", metrics=["acc"])
    warm(m, x, one_hot(6))
    record("k2_old_sequential.h5", m, x, one_hot(6))
    rewrite("k2_old_sequential.h5", old_sequential)
    CASES["k2_old_sequential.h5"]["model"] = "sequential"  # the form has no name

    m, x = functional(keras, "old_branches")
    m.compile(keras.optimizers.legacy.RMSprop(0.01), "categorical_crossentropy", metrics=["accuracy"])
    warm(m, x, one_hot(5))
    record("k2_old_functional.h5", m, x, one_hot(5))
    rewrite("k2_old_functional.h5", old_functional)

    m, x = nested(keras)
    y = [one_hot(5), values(5, 1)]
    m.compile(keras.optimizers.SGD(0.05, momentum=0.5), {"first": "categorical_crossentropy", "second": keras.losses.MeanAbsoluteError()},
              loss_weights={"first": 1.0, "second": 0.5}, metrics={"first": ["accuracy", keras.metrics.TopKCategoricalAccuracy(2)]})
    warm(m, x, y)
    record("k2_nested.h5", m, x, y)
    randomize(m)
    record("k2_weights.h5", m, x, saved=m.save_weights)

    m, x = model_outputs(keras)
    record("k2_outputs.h5", m, x)

    L = keras.layers
    x = L.Input((3,), name="x")
    m = keras.Model(x, x * 2.0 + 1.0, name="operations")
    m.save(path("k2_operations.h5"))


def skipping(K):
    """What load_weights leaves in a model of a file of another, with the options that it takes; null where it refuses."""
    L = K.layers

    def model(filters, units, bias, name):
        x = L.Input((4, 2), name="x")
        h = L.SeparableConv1D(filters, 2, name="separable")(x)  # of whose weights the first always fits
        shared = L.Dense(filters, name="shared")
        inner = K.Sequential([L.Input((3, filters)), shared, L.Dense(units, name="inside")], name="inner")
        h = L.Concatenate(name="both")([inner(h), shared(h)])
        h = L.GRU(2, use_bias=bias, name="gru")(h)
        return K.Model(x, L.Dense(2, use_bias=bias, name="out")(h), name=name)

    forms = ("h5", "weights.h5")
    models = {"same": model(3, 2, True, "a"), "filters": model(4, 2, True, "b"), "units": model(3, 5, True, "c"), "bias": model(3, 2, False, "d")}
    for name, m in models.items():
        randomize(m)
        for form in forms:
            (m.save if form == "h5" else m.save_weights)(path("skip_%s.%s" % (name, form)))
    target = models["same"]
    target.save(path("skip_target.keras"))
    start = target.get_weights()
    for name in ("filters", "units", "bias"):
        for form in forms:
            for options in ({}, {"skip_mismatch": True}, {"by_name": True}, {"by_name": True, "skip_mismatch": True}):
                if "by_name" in options and form == "weights.h5":
                    continue
                target.set_weights(start)
                try:
                    target.load_weights(path("skip_%s.%s" % (name, form)), **options)
                    weights = [array(w) for w in target.get_weights()]
                except ValueError:
                    weights = None
                CASES["skip: %s.%s %s" % (name, form, " ".join(sorted(options)))] = {
                    "file": "skip_%s.%s" % (name, form), "byName": "by_name" in options, "skip": "skip_mismatch" in options, "weights": weights}
    for form in forms:
        os.remove(path("skip_same." + form))
        for name in ("filters", "units", "bias"):
            pack("skip_%s.%s" % (name, form))
    pack("skip_target.keras")


def more():
    import keras

    L = keras.layers
    x = L.Input((4,), name="x")
    h = L.Dense(3, activation="relu", dtype="bfloat16", name="low")(x)
    m = keras.Model(x, L.Dense(2, name="out")(h), name="bfloat16")
    m.set_weights([RNG.integers(-3, 4, w.shape) / 4 for w in m.weights])  # numbers that no rounding changes
    x = RNG.integers(-2, 3, (3, 4)).astype("float32")
    for name in ("k3_bfloat16.h5", "k3_bfloat16.keras", "k3_bfloat16_weights.weights.h5"):
        record(name, m, x, saved=m.save_weights if "weights" in name else None)
    skipping(keras)

    # Operations by the names that layers have, too: Keras can't read their constants back.
    x = L.Input((3,), name="x")
    m = keras.Model(x, L.Dense(2, name="out")(keras.ops.maximum(x * 2.0 + 1.0, 0.3) - 0.5), name="constants")
    randomize(m)
    record("k3_constants.h5", m, values(4, 3))
    pack("k3_constants.h5")


def rewrite(name, change):
    with h5py.File(path(name), "a") as f:
        configs = {k: json.loads(f.attrs[k]) for k in ("model_config", "training_config")}
        change(**configs)
        for k, v in configs.items():
            f.attrs[k] = json.dumps(v).encode("utf8")
        f.attrs["keras_version"] = f["model_weights"].attrs["keras_version"] = b"2.2.4"


def old_objects(v):
    """Turns initializers and their like into the form of Keras 2.2."""
    if isinstance(v, list):
        for e in v:
            old_objects(e)
    if not isinstance(v, dict):
        return
    v.pop("module", None)
    v.pop("registered_name", None)
    if v.get("class_name") == "GlorotUniform":
        v["class_name"] = "VarianceScaling"
        v["config"] = {"scale": 1.0, "mode": "fan_avg", "distribution": "uniform", "seed": None}
    elif v.get("class_name") in ("Zeros", "Ones"):
        v["config"] = {"dtype": "float32"}
    for e in v.values():
        old_objects(e)


def old_training(training_config):
    c = training_config["optimizer_config"]["config"]
    c["lr"] = c.pop("learning_rate")
    c.pop("name")
    if training_config["optimizer_config"]["class_name"] == "RMSprop":
        training_config["optimizer_config"]["config"] = {k: c[k] for k in ("lr", "rho", "decay", "epsilon")}
    training_config["metrics"] = ["acc"]
    training_config["sample_weight_mode"] = None
    training_config.pop("weighted_metrics")


def old_sequential(model_config, training_config):
    old_objects(model_config)
    layers = model_config["config"]["layers"]
    model_config["config"] = [l for l in layers if l["class_name"] != "InputLayer"]
    old_training(training_config)


def old_functional(model_config, training_config):
    old_objects(model_config)
    model_config["class_name"] = "Model"
    for l in model_config["config"]["layers"]:
        l["config"].pop("groups", None)
        l["config"].pop("ragged", None)
        l["config"].pop("optional", None)
        if l["class_name"] not in ("InputLayer", "Conv2D"):
            l["config"].pop("dtype")
        if l["class_name"] == "BatchNormalization":
            l["config"]["axis"] = -1
    old_training(training_config)


if __name__ == "__main__":
    os.makedirs(OUT, exist_ok=True)
    if len(sys.argv) == 1:
        cases = {}
        for part in ("keras3", "keras2"):
            subprocess.run([sys.executable, __file__, part], check=True)
            with open(path(part + ".json")) as f:
                cases.update(json.load(f))
            os.remove(path(part + ".json"))
        with open(path("cases.json"), "w") as f:
            json.dump(cases, f, separators=(",", ":"), sort_keys=True)
            f.write("\n")
    elif sys.argv[1] == "more":
        more()
        with open(path("cases_more.json"), "w") as f:
            json.dump(CASES, f, separators=(",", ":"), sort_keys=True)
            f.write("\n")
    else:
        {"keras2": keras2, "keras3": keras3}[sys.argv[1]]()
        with open(path(sys.argv[1] + ".json"), "w") as f:
            json.dump(CASES, f)
