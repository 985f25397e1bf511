"""Probe cases: small models recorded whole, with what layers do beyond one tensor in and one out. README.md has the format."""

import copy
import json
import re
import warnings

import jax
import jax.numpy as jnp
import keras
import numpy as np
from keras.src.backend import get_keras_mask
from keras.src.saving import serialization_lib

from arrays import array, uniform
from families.layers import seed_of, shape_list, weight_value


def strings(values):
    """An array of strings, as array() writes one of numbers."""
    values = np.asarray(values, dtype=object)
    return {"shape": list(values.shape), "dtype": "string", "data": [str(v) for v in values.reshape(-1)]}


def tensor(x):
    """An array of a fixture from whatever a layer takes or gives; null for None."""
    if x is None:
        return None
    x = np.asarray(x)
    return strings(x) if x.dtype.kind in "OSU" else array(x)


def serialized(model):
    """The configuration as Model.save writes it: what was written before is named by its shared_object_id, numbered here from 1."""
    numbers = {}

    def renumber(pairs):
        return {k: numbers.setdefault(v, len(numbers) + 1) if k == "shared_object_id" else v for k, v in pairs}

    with serialization_lib.ObjectSharingScope():
        return json.loads(json.dumps(serialization_lib.serialize_keras_object(model)), object_pairs_hook=renumber)


def without_ids(config):
    """Dtype policies are shared by chance, so their numbers don't tell models apart."""
    return json.loads(json.dumps(config), object_pairs_hook=lambda pairs: {k: v for k, v in pairs if k != "shared_object_id"})


def structure(value):
    """The value with each leaf replaced by its place among the flattened ones."""
    leaves = iter(range(len(keras.tree.flatten(value))))
    return keras.tree.map_structure(lambda _: next(leaves), value)


def operations_of(model):
    """The model's operations in Keras's order, with the symbolic outputs of each of their calls in this model."""
    own = {id(node) for nodes in model._nodes_by_depth.values() for node in nodes}
    return [
        {
            "name": operation.name,
            "class": type(operation).__name__,
            "outputs": [
                [{"shape": shape_list(t.shape), "dtype": t.dtype, "masked": get_keras_mask(t) is not None} for t in node.output_tensors]
                for node in operation._inbound_nodes
                if id(node) in own
            ],
        }
        for operation in model.operations
    ]


def states_of(model):
    """The states of recurrent layers, which Keras keeps apart from the weights."""
    found = []
    for layer in model._flatten_layers():
        if getattr(layer, "stateful", False) and getattr(layer, "states", None) is not None:
            found.append({"layer": layer.name, "states": [array(v.numpy()) for v in keras.tree.flatten(layer.states)]})
    return found


def give(label, x):
    """Shapes become deterministic float32 values; arrays stay."""
    return uniform(seed_of(label), *x) if isinstance(x, tuple) else np.asarray(x)


def record_call(name, number, model, inputs, training, reset):
    label = f"{name}/{number}"
    inputs = [give(f"{label}/input/{i}", x) for i, x in enumerate(inputs)]
    textual = any(x.dtype.kind in "OSU" for x in inputs)
    if reset:
        for layer in model._flatten_layers():
            if getattr(layer, "stateful", False):
                layer.reset_state()
    out = {"reset": reset, "training": training, "inputs": [tensor(x) for x in inputs]}
    packed = lambda xs: keras.tree.pack_sequence_as(model._inputs_struct, xs)

    # In a scope, so that nothing is changed yet, with the losses of this call alone.
    trainable, fixed = model.trainable_variables, model.non_trainable_variables

    def forward(float_inputs, weights):
        xs = [x if x.dtype.kind in "OSU" else jnp.asarray(x) for x in inputs]
        for i, x in zip(floats, float_inputs):
            xs[i] = x
        with keras.StatelessScope(state_mapping=[*zip(trainable, weights), *((v, v.value) for v in fixed)], collect_losses=True):
            outputs = model(packed(xs), training=training)
            return keras.tree.flatten(outputs), model.losses

    floats = [i for i, x in enumerate(inputs) if x.dtype.kind == "f"]
    float_inputs, weights = [jnp.asarray(inputs[i]) for i in floats], [v.value for v in trainable]
    outputs, losses = forward(float_inputs, weights)
    out["losses"] = float(str(np.float32(sum(losses)))) if losses else 0
    is_float = lambda y: not textual and jnp.issubdtype(y.dtype, jnp.floating)
    cotangents = [uniform(seed_of(f"{label}/cotangent/{i}"), *y.shape) if is_float(y) else None for i, y in enumerate(outputs)]
    out["cotangents"] = [tensor(c) for c in cotangents]
    out["input_grads"], out["weight_grads"] = [None] * len(inputs), [None] * len(trainable)
    if any(c is not None for c in cotangents):

        def total(float_inputs, weights):
            results, _ = forward(float_inputs, weights)
            return sum(jnp.sum(y.astype("float32") * c) for y, c in zip(results, cotangents) if c is not None)

        input_grads, weight_grads = jax.grad(total, argnums=(0, 1))(float_inputs, weights)
        for i, g in zip(floats, input_grads):
            out["input_grads"][i] = array(g)
        out["weight_grads"] = [array(g) for g in weight_grads]

    result = model(packed([x if x.dtype.kind in "OSU" else jnp.asarray(x) for x in inputs]), training=training)
    flat = keras.tree.flatten(result)
    out["outputs"], out["output_structure"] = [tensor(y) for y in flat], structure(result)
    out["masks"] = [tensor(get_keras_mask(y)) for y in flat]
    out["non_trainable_after"] = [array(v.numpy()) for v in model.non_trainable_weights]
    out["states_after"] = states_of(model)
    return out


def close(a, b):
    """Whether two recorded values are the same up to rounding."""
    if isinstance(a, dict) and a.get("dtype", "").startswith(("float", "bfloat")):
        return a["shape"] == b["shape"] and np.allclose(np.array(a["data"], "float64"), np.array(b["data"], "float64"), rtol=1e-5, atol=1e-6, equal_nan=True)
    if isinstance(a, dict):
        return a.keys() == b.keys() and all(close(v, b[k]) for k, v in a.items())
    if isinstance(a, list):
        return len(a) == len(b) and all(close(x, y) for x, y in zip(a, b))
    return a == b


def case(name, build, inputs=None, training=False, calls=None, adapt=None):
    """One model, given its weights, and called: once on inputs, or in turn as calls say (inputs, training, reset).

    adapt: what a layer was adapted to as the model was built, which then keeps the weights that it has; so it does with False.
    """
    try:
        return unchecked(name, build, inputs, training, calls, adapt)
    except Exception as error:
        raise RuntimeError(f"case {name}") from error


def give_weights(model, values):
    for w, value in zip(model.weights, values, strict=True):
        w.assign(value)
    for layer in model._flatten_layers():
        if hasattr(layer, "finalize_state"):
            layer.finalize_state()


def unchecked(name, build, inputs, training, calls, adapt):
    keras.utils.clear_session()
    model = build()
    record = {"name": name, "config": serialized(model)}
    record["layers"] = [layer.name for layer in model.layers]
    functional = model._functional if isinstance(model, keras.Sequential) else model
    record["operations"] = operations_of(functional)
    if adapt is None:
        give_weights(model, [weight_value(w, seed_of(f"{name}/weight/{i}")) for i, w in enumerate(model.weights)])
    elif adapt:
        record["adapt"] = adapt
    record["weights"] = [{"path": w.path, "trainable": w.trainable, "dtype": w.dtype, "value": array(w.numpy())} for w in model.weights]
    before = [w.numpy() for w in model.weights]
    calls = calls or [{"inputs": inputs, "training": training}]

    def run(model):
        with jax.disable_jit():  # compiling a loop takes longer than its few steps
            return calls_of(model)

    def calls_of(model):
        return [record_call(name, i, model, c["inputs"], c.get("training", False), c.get("reset", False)) for i, c in enumerate(calls)]

    record["calls"] = run(functional)
    # What Keras reads back is the same model: it is written the same, and computes the same.
    with serialization_lib.ObjectSharingScope():
        again = serialization_lib.deserialize_keras_object(copy.deepcopy(record["config"]))  # which is taken apart
    rewritten = serialized(again)
    record["rewritten"] = None if without_ids(rewritten) == without_ids(record["config"]) else rewritten
    assert [w.trainable for w in again.weights] == [w["trainable"] for w in record["weights"]], "Keras reads back other weights"
    give_weights(again, before)
    again = again._functional if isinstance(again, keras.Sequential) else again
    for first, second in zip(record["calls"], run(again), strict=True):
        for key in ("outputs", "masks", "states_after", "non_trainable_after"):
            assert close(first[key], second[key]), f"Keras reads back another model: {key}"
    return record


def model_of(layer, inputs, call=None, batch=False, time=False):
    """The function that makes a model of one layer.

    inputs are what case() takes: shapes with the batch axis, or arrays. call says how layer() is called on the symbolic inputs: by
    default with the one, or with the list. batch: the batch size is known; time: the length of the second axis isn't.
    """
    call = call or (lambda layer, *xs: layer(xs[0] if len(xs) == 1 else [*xs]))

    def build():
        xs = []
        for name, x in zip("xyzuvw", inputs):
            shape, dtype = (x, "float32") if isinstance(x, tuple) else (x.shape, "string" if x.dtype.kind in "OSU" else x.dtype.name)
            shape = [shape[0] if batch else None, *(None if time and i == 0 else d for i, d in enumerate(shape[1:]))]
            xs.append(keras.Input(batch_shape=shape, name=name, dtype=dtype))
        return keras.Model(xs if len(xs) > 1 else xs[0], call(layer(), *xs))

    return build


def freeze(layer):
    """The layer, frozen by its property: that reaches the layers inside, which the constructor's argument doesn't."""
    layer.trainable = False
    return layer


def error_of(run):
    """What an attempt raised, or null."""
    try:
        run()
    except Exception as error:
        inner = re.search("\x1b\\[1m(.*?)\x1b\\[0m", str(error), re.DOTALL)  # what a layer's call says, without what Keras puts around it
        return {"exception": type(error).__name__, "message": inner.group(1) if inner else str(error)}
    return None


def constructor_error(make, **arguments):
    return {"class": make.__name__, "arguments": arguments, "error": error_of(lambda: make(**arguments))}


def call_error(make, *inputs, **arguments):
    """A call that Keras refuses, or not (null): a symbolic one, and where that passes, one with numbers.

    An input or argument is a batch shape, or (batch shape, dtype), or a list of such; other arguments stand for themselves.
    """
    keras.utils.clear_session()

    def convert(x, change):
        if isinstance(x, list):
            return [convert(v, change) for v in x]
        if not isinstance(x, tuple):
            return x
        shape, dtype = x if len(x) == 2 and isinstance(x[0], tuple) else (x, "float32")
        return change(shape, dtype)

    def attempt(when, change):
        error = error_of(lambda: layer(*(convert(x, change) for x in inputs), **{k: convert(v, change) for k, v in arguments.items()}))
        return error and {"when": when, **error}

    layer = make()
    config = keras.saving.serialize_keras_object(layer)
    written = lambda shape, dtype: {"shape": shape_list(shape), "dtype": dtype}
    return {
        "layer": config,
        "inputs": [convert(x, written) for x in inputs],
        "arguments": {k: convert(v, written) for k, v in arguments.items()},
        "error": attempt("symbolic", lambda shape, dtype: keras.KerasTensor(shape, dtype))
        or attempt("numbers", lambda shape, dtype: jnp.ones([2 if d is None else d for d in shape], dtype)),
    }


def start():
    warnings.simplefilter("ignore")  # of masks that end, and of 64-bit integers, which JAX holds in 32
    jax.config.update("jax_enable_x64", False)
    jax.config.update("jax_default_matmul_precision", "highest")
