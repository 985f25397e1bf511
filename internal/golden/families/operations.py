"""Functional models whose symbolic tensors went through Keras operations."""

import json

import jax
import keras
import numpy as np
from keras import layers as L
from keras import ops

from arrays import array, uniform

F = "float32"

# name: (inputs, function); an input is (shape without batch, dtype, low, high).
A = ((3, 4), F, -2, 2)
B = ((3, 4), F, -2, 2)
POSITIVE = ((3, 4), F, 0.2, 3)
UNIT = ((3, 4), F, -0.9, 0.9)
ROW = ((4,), F, -2, 2)
INTS = ((3, 4), "int32", -4, 5)
COUNTS = ((4,), "int32", 0, 3)
TALL = ((4, 2), F, -2, 2)

CASES = {
    # Arithmetic, with Python's operators and with names.
    "add_operator": ([A, B], lambda a, b: a + b),
    "add_constant": ([A], lambda a: a + 1.5),
    "add_numpy": ([A], lambda a: a + np.array([1.0, -2.0, 0.5, 4.0], F)),
    "add_tensor": ([A], lambda a: ops.add(a, ops.arange(4, dtype=F))),
    "add_broadcast": ([A, ((1, 4), F, -2, 2)], lambda a, b: ops.add(a, b)),
    "add_keywords": ([A], lambda a: ops.add(x1=a, x2=3.0)),
    "subtract_reversed": ([A], lambda a: 1 - a),
    "subtract": ([A, B], lambda a, b: ops.subtract(a, b)),
    "multiply_operator": ([A], lambda a: a * 2),
    "multiply": ([A, B], lambda a, b: ops.multiply(a, b)),
    "multiply_twice_same": ([A], lambda a: a * a),
    "divide": ([A, POSITIVE], lambda a, b: ops.divide(a, b)),
    "divide_no_nan": ([A, B], lambda a, b: ops.divide_no_nan(a, ops.relu(b))),
    "true_divide_operator": ([A], lambda a: a / 3),
    "true_divide_reversed": ([POSITIVE], lambda a: 2 / a),
    "floor_divide": ([A, POSITIVE], lambda a, b: a // b),
    "mod": ([A, POSITIVE], lambda a, b: a % b),
    "mod_ints": ([INTS], lambda a: a % 3),
    "floor_divide_ints": ([INTS], lambda a: a // 3),
    "true_divide_ints": ([INTS], lambda a: a / 4),
    "multiply_ints_by_float": ([INTS], lambda a: a * 2.0),
    "multiply_ints_by_int": ([INTS], lambda a: a * 2),
    "add_ints_and_floats": ([INTS, A], lambda a, b: a + b),
    "power_operator": ([A], lambda a: a**2),
    "power": ([POSITIVE, A], lambda a, b: ops.power(a, b)),
    "power_half": ([POSITIVE], lambda a: a**0.5),
    "negative": ([A], lambda a: -a),
    "absolute": ([A], lambda a: abs(a)),
    "maximum": ([A, B], lambda a, b: ops.maximum(a, b)),
    "maximum_constant": ([A], lambda a: ops.maximum(a, 0.5)),
    "minimum": ([A, B], lambda a, b: ops.minimum(a, b)),
    "chain": ([A, B], lambda a, b: (a + b) * (a - b) + (a + 1) * 0.5),
    "arctan2": ([A, POSITIVE], lambda a, b: ops.arctan2(a, b)),
    "hypot_logaddexp": ([A, B], lambda a, b: ops.logaddexp(a, b)),
    # One argument.
    "square": ([A], lambda a: ops.square(a)),
    "sqrt": ([POSITIVE], lambda a: ops.sqrt(a)),
    "sqrt_ints": ([COUNTS], lambda a: ops.sqrt(a + 1)),
    "rsqrt": ([POSITIVE], lambda a: ops.rsqrt(a)),
    "reciprocal": ([POSITIVE], lambda a: ops.reciprocal(a)),
    "exp": ([A], lambda a: ops.exp(a)),
    "exp2": ([A], lambda a: ops.exp2(a)),
    "expm1": ([A], lambda a: ops.expm1(a)),
    "log": ([POSITIVE], lambda a: ops.log(a)),
    "log1p": ([POSITIVE], lambda a: ops.log1p(a)),
    "log2": ([POSITIVE], lambda a: ops.log2(a)),
    "log10": ([POSITIVE], lambda a: ops.log10(a)),
    "sign": ([A], lambda a: ops.sign(a)),
    "sin": ([A], lambda a: ops.sin(a)),
    "cos": ([A], lambda a: ops.cos(a)),
    "tan": ([UNIT], lambda a: ops.tan(a)),
    "sinh": ([A], lambda a: ops.sinh(a)),
    "cosh": ([A], lambda a: ops.cosh(a)),
    "tanh": ([A], lambda a: ops.tanh(a)),
    "arcsin": ([UNIT], lambda a: ops.arcsin(a)),
    "arccos": ([UNIT], lambda a: ops.arccos(a)),
    "arctan": ([A], lambda a: ops.arctan(a)),
    "arcsinh": ([A], lambda a: ops.arcsinh(a)),
    "arccosh": ([POSITIVE], lambda a: ops.arccosh(a + 1)),
    "arctanh": ([UNIT], lambda a: ops.arctanh(a)),
    "floor": ([A], lambda a: ops.floor(a)),
    "ceil": ([A], lambda a: ops.ceil(a)),
    "round": ([A], lambda a: ops.round(a)),
    "round_operator": ([A], lambda a: round(a, 1)),
    "trunc": ([A], lambda a: ops.trunc(a)),
    "erf": ([A], lambda a: ops.erf(a)),
    "clip": ([A], lambda a: ops.clip(a, -1.0, 0.5)),
    "where": ([A, B], lambda a, b: ops.where(a > b, a, b * 2)),
    "where_constant": ([A], lambda a: ops.where(a > 0, a, 0.0)),
    "zeros_ones_like": ([A], lambda a: ops.zeros_like(a) + ops.ones_like(a) * a),
    "stop_gradient": ([A], lambda a: ops.stop_gradient(a) * a),
    # Reductions.
    "mean": ([A], lambda a: ops.mean(a, axis=-1)),
    "mean_keepdims": ([A], lambda a: ops.mean(a, axis=(1, 2), keepdims=True)),
    "mean_all": ([A], lambda a: a - ops.mean(a)),
    "mean_ints": ([INTS], lambda a: ops.mean(a, axis=1)),
    "sum": ([A], lambda a: ops.sum(a, axis=1)),
    "sum_bools": ([A], lambda a: ops.sum(a > 0, axis=1)),
    "max": ([A], lambda a: ops.max(a, axis=2)),
    "min": ([A], lambda a: ops.min(a, axis=[1, 2], keepdims=True)),
    "amax_amin": ([A], lambda a: ops.amax(a, axis=1) - ops.amin(a, axis=1)),
    "prod": ([A], lambda a: ops.prod(a, axis=-1)),
    "var": ([A], lambda a: ops.var(a, axis=1)),
    "std": ([A], lambda a: ops.std(a, axis=-1, keepdims=True)),
    "argmax": ([A], lambda a: ops.argmax(a, axis=-1)),
    "argmin": ([A], lambda a: ops.argmin(a, axis=1, keepdims=True)),
    "any_all": ([A], lambda a: [ops.any(a > 0, axis=1), ops.all(a > -1, axis=-1, keepdims=True)]),
    "logsumexp": ([A], lambda a: ops.logsumexp(a, axis=-1)),
    # Keras 3.15 on JAX can't run a norm along an axis that came from a list; without one it can.
    "norm": ([A], lambda a: a / ops.norm(a)),
    "normalize": ([A], lambda a: ops.normalize(a, axis=-1)),
    "cumsum": ([A], lambda a: ops.cumsum(a, axis=1)),
    "average": ([A, POSITIVE], lambda a, w: ops.average(a, axis=1, weights=w)),
    "average_plain": ([A], lambda a: ops.average(a, axis=-1)),
    "layer_norm": ([A], lambda a: ops.layer_normalization(a, gamma=np.array([1.0, 2.0, 0.5, 3.0], F), beta=np.array([0.0, 1.0, 0.0, -1.0], F), axis=-1, epsilon=1e-3)),
    "rms_norm": ([A], lambda a: ops.rms_normalization(a, scale=np.array([1.0, 2.0, 0.5, 3.0], F), axis=-1, epsilon=1e-3)),
    # Shapes.
    "reshape": ([A], lambda a: ops.reshape(a, (-1, 2, 6))),
    "reshape_batch": ([A], lambda a: ops.reshape(a, (-1, 4))),
    "ravel": ([A], lambda a: ops.sum(ops.ravel(a))),
    "transpose": ([A], lambda a: ops.transpose(a, (0, 2, 1))),
    "transpose_all": ([A], lambda a: ops.transpose(a)),
    "swapaxes": ([A], lambda a: ops.swapaxes(a, 1, -1)),
    "moveaxis": ([A], lambda a: ops.moveaxis(a, -1, 1)),
    "expand_dims": ([A], lambda a: ops.expand_dims(a, -1)),
    "squeeze": ([((1, 4, 1), F, -2, 2)], lambda a: ops.squeeze(a, axis=(1, 3))),
    "concatenate": ([A, ((3, 2), F, -2, 2)], lambda a, b: ops.concatenate([a, b], axis=-1)),
    "append": ([A, B], lambda a, b: ops.append(a, b, axis=1)),
    "stack": ([A, B], lambda a, b: ops.stack([a, b], axis=1)),
    "hstack_vstack": ([A, B], lambda a, b: [ops.hstack([a, b]), ops.vstack([a, b])]),
    "split": ([A], lambda a: ops.split(a, 2, axis=-1)),
    "split_at": ([A], lambda a: ops.split(a, [1, 3], axis=2)),
    "unstack": ([A], lambda a: ops.unstack(a, 3, axis=1)),
    "flip": ([A], lambda a: ops.flip(a, axis=1)),
    "roll": ([A], lambda a: ops.roll(a, 1, axis=2)),
    "roll_two": ([A], lambda a: ops.roll(a, [1, -1], axis=[1, 2])),
    "repeat": ([A], lambda a: ops.repeat(a, 2, axis=1)),
    "tile": ([A], lambda a: ops.tile(a, (1, 2, 3))),
    "pad": ([A], lambda a: ops.pad(a, ((0, 0), (1, 2), (0, 1)))),
    "pad_value": ([A], lambda a: ops.pad(a, ((0, 0), (1, 0), (0, 2)), constant_values=1.5)),
    "pad_reflect": ([A], lambda a: ops.pad(a, ((0, 0), (1, 2), (2, 1)), mode="reflect")),
    "pad_symmetric": ([A], lambda a: ops.pad(a, ((0, 0), (1, 2), (2, 1)), mode="symmetric")),
    "broadcast_to": ([((1, 4), F, -2, 2)], lambda a: ops.broadcast_to(a, (2, 3, 4))),
    "cast": ([A], lambda a: ops.cast(a, "int32")),
    "cast_float": ([INTS], lambda a: ops.cast(a, "float32") * 0.5),
    "item_slice": ([A], lambda a: a[:, 1:]),
    "item_index": ([A], lambda a: a[:, 0]),
    "item_last": ([A], lambda a: a[..., -1]),
    "item_step": ([A], lambda a: a[:, None, ::2, 1:3]),
    "item_reverse": ([A], lambda a: a[:, ::-1]),
    "item_first": ([A], lambda a: a[0]),
    "slice": ([A], lambda a: ops.slice(a, (0, 1, 2), (2, 2, 2))),
    "take": ([A], lambda a: ops.take(a, [2, 0, 2], axis=1)),
    "take_tensor": ([A, COUNTS], lambda a, i: ops.take(a, i, axis=1)),
    "diff_like": ([A], lambda a: a[:, 1:] - a[:, :-1]),
    "diff": ([A], lambda a: ops.diff(a, n=2, axis=1)),
    "nan_to_num": ([A], lambda a: ops.nan_to_num(ops.log(a), nan=0.5)),
    "scalar_numpy": ([A], lambda a: a * np.float32(1.5)),
    "triu_tril": ([A], lambda a: ops.triu(a, k=1) + ops.tril(a, k=-1)),
    # Products.
    "matmul": ([A, TALL], lambda a, b: a @ b),
    "matmul_constant": ([A], lambda a: ops.matmul(a, np.array([[1.0, 2.0], [0.5, -1.0], [0.0, 3.0], [1.0, 1.0]], F))),
    "matmul_vector": ([A, ((4,), F, -2, 2)], lambda a, b: ops.matmul(a, b[0])),
    "dot": ([A], lambda a: ops.dot(a, np.array([[1.0, 2.0], [0.5, -1.0], [0.0, 3.0], [1.0, 1.0]], F))),
    "tensordot": ([A], lambda a: ops.tensordot(a, np.ones((4, 3, 2), F), axes=[[2, 1], [0, 1]])),
    "tensordot_one": ([A], lambda a: ops.tensordot(a, np.ones((4, 2), F), axes=1)),
    "einsum": ([A, B], lambda a, b: ops.einsum("bij,bkj->bik", a, b)),
    "einsum_sum": ([A], lambda a: ops.einsum("bij->bj", a)),
    "einsum_outer": ([A, ((2,), F, -2, 2)], lambda a, b: ops.einsum("bij,bk->bjki", a, b)),
    "outer_like": ([ROW], lambda a: ops.expand_dims(a, 1) * ops.expand_dims(a, 2)),
    # Comparisons and logic.
    "comparisons": ([INTS, INTS], lambda a, b: [ops.equal(a, b), ops.not_equal(a, b), a > b, a >= b, a < b, ops.less_equal(a, 1)]),
    "equal_op": ([INTS, INTS], lambda a, b: ops.equal(a, b)),
    "logical": ([A, B], lambda a, b: [ops.logical_and(a > 0, b > 0), ops.logical_or(a > 0, b > 0), ops.logical_not(a > 0)]),
    "logical_xor": ([A, B], lambda a, b: ops.logical_xor(a > 0, b < 1)),
    "is_tests": ([A], lambda a: [ops.isfinite(a), ops.isnan(a), ops.isinf(a)]),
    # Activations.
    "relu": ([A], lambda a: ops.relu(a)),
    "relu6": ([((3, 4), F, -3, 9)], lambda a: ops.relu6(a)),
    "sigmoid": ([A], lambda a: ops.sigmoid(a)),
    "silu": ([A], lambda a: ops.silu(a)),
    "swish": ([A], lambda a: ops.swish(a)),
    "softplus": ([A], lambda a: ops.softplus(a)),
    "softsign": ([A], lambda a: ops.softsign(a)),
    "gelu": ([A], lambda a: ops.gelu(a)),
    "gelu_exact": ([A], lambda a: ops.gelu(a, approximate=False)),
    "elu": ([A], lambda a: ops.elu(a, alpha=0.7)),
    "selu": ([A], lambda a: ops.selu(a)),
    "celu": ([A], lambda a: ops.celu(a, alpha=1.3)),
    "glu": ([A], lambda a: ops.glu(a)),
    "leaky_relu": ([A], lambda a: ops.leaky_relu(a, negative_slope=0.3)),
    "hard_sigmoid": ([((3, 4), F, -4, 4)], lambda a: ops.hard_sigmoid(a)),
    "hard_silu": ([((3, 4), F, -4, 4)], lambda a: ops.hard_silu(a)),
    "hard_tanh": ([A], lambda a: ops.hard_tanh(a)),
    "hard_shrink": ([A], lambda a: ops.hard_shrink(a, threshold=0.7)),
    "soft_shrink": ([A], lambda a: ops.soft_shrink(a)),
    "tanh_shrink": ([A], lambda a: ops.tanh_shrink(a)),
    "squareplus": ([A], lambda a: ops.squareplus(a)),
    "threshold": ([A], lambda a: ops.threshold(a, 0.5, -1.0)),
    "log_sigmoid": ([A], lambda a: ops.log_sigmoid(a)),
    "softmax": ([A], lambda a: ops.softmax(a)),
    "softmax_axis": ([A], lambda a: ops.softmax(a, axis=1)),
    "log_softmax": ([A], lambda a: ops.log_softmax(a)),
    "sparsemax": ([A], lambda a: ops.sparsemax(a)),
    "one_hot": ([COUNTS], lambda a: ops.one_hot(a, 3)),
    "one_hot_axis": ([COUNTS], lambda a: ops.one_hot(a, 4, axis=1, dtype="int32")),
    # Beside layers, whose class names they share.
    "layers_and_operations": (
        [ROW, ROW],
        lambda a, b: L.Add()([L.Dense(3, name="left")(a), L.Dense(3, name="right")(b) * 0.5]) + L.Multiply()([a, b])[:, :3],
    ),
    "attention": (
        [A],
        lambda a: ops.matmul(ops.softmax(ops.matmul(L.Dense(4, name="q")(a), ops.transpose(L.Dense(4, name="k")(a), (0, 2, 1))) / 2.0), a),
    ),
    "shared_layer": ([ROW, ROW], lambda a, b: (lambda d: ops.absolute(d(a) - d(b)))(L.Dense(2, name="twin"))),
    "residual_norm": ([A], lambda a: L.Flatten(name="flat")((a - ops.mean(a, axis=-1, keepdims=True)) / (ops.std(a, axis=-1, keepdims=True) + 1e-3))),
}  # fmt: skip


def values(index, spec):
    shape, dtype, low, high = spec
    if dtype == F:
        return uniform(100 + index, 2, *shape, low=low, high=high)
    return np.random.default_rng(200 + index).integers(low, high, (2, *shape)).astype(dtype)


def set_weights(model):
    for k, w in enumerate(model.weights):
        w.assign(uniform(300 + k, *w.shape))


def named(model):
    """The model as JSON, in which each operation's configuration has its name: that of ExtractPatches leaves it out, though it may be given."""
    config = json.loads(model.to_json())
    for layer in config["config"]["layers"]:
        layer["config"].setdefault("name", layer["name"])
    return config


def case(name, specs, build):
    keras.utils.clear_session()
    inputs = [keras.Input(s[0], dtype=s[1], name="abcdefgh"[i]) for i, s in enumerate(specs)]
    model = keras.Model(inputs if len(inputs) > 1 else inputs[0], build(*inputs), name=name)
    config = named(model)
    again = keras.models.model_from_json(json.dumps(config))
    assert named(again) == config, name
    set_weights(model)
    xs = [jax.numpy.asarray(values(i, s)) for i, s in enumerate(specs)]

    def run(xs):
        return keras.tree.flatten(model(xs if len(xs) > 1 else xs[0], training=False))

    outputs = [np.asarray(y) for y in run(xs)]
    cotangents = [uniform(400 + i, *y.shape) if y.dtype == F else None for i, y in enumerate(outputs)]
    record = {
        "name": name,
        "json": config,
        "operations": [o.name for o in model.operations],
        "layers": [layer.name for layer in model.layers],
        "output_shapes": [list(t.shape) for t in model.outputs],
        "output_dtypes": [t.dtype for t in model.outputs],
        "weights": [array(w) for w in model.weights],
        "inputs": [array(x) for x in xs],
        "outputs": [array(y) for y in outputs],
        "cotangents": [None if c is None else array(c) for c in cotangents],
    }
    floats = [i for i, x in enumerate(xs) if x.dtype == F]

    def loss(parts):
        full = list(xs)
        for i, p in zip(floats, parts):
            full[i] = p
        return sum((y * c).sum() for y, c in zip(run(full), cotangents) if c is not None)

    grads = [None] * len(xs)
    if floats and any(c is not None for c in cotangents):
        for i, g in zip(floats, jax.grad(loss)([xs[i] for i in floats])):
            grads[i] = array(g)
    record["input_grads"] = grads
    return record


def record(table):
    """The cases of a table like CASES, this family's or another's."""
    jax.config.update("jax_default_matmul_precision", "highest")
    result = []
    for name, (specs, build) in table.items():
        try:
            result.append(case(name, specs, build))
        except Exception as error:
            raise RuntimeError(f"case {name}") from error
    return result


def cases():
    return record(CASES)
