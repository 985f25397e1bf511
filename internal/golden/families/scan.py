"""Recurrent layers: outputs, states and gradients under masks, backwards, unrolled, with dropout. README.md has the format."""

import jax
import jax.numpy as jnp
import keras
import numpy as np
from keras import layers as L

from arrays import array, uniform
from families.layers import seed_of

UNITS, FEATURES, BATCH, STEPS = 3, 2, 5, 8
GATES = {"SimpleRNN": 1, "GRU": 3, "LSTM": 4}


def mask_of(steps):
    """One sample whole, one padded, one that begins late, one with holes, one masked throughout."""
    mask = np.ones((BATCH, steps), dtype=bool)
    mask[1, steps // 2 :] = False
    mask[2, : steps // 3] = False
    mask[3, 1::3] = False
    mask[4] = False
    return mask


def dropout_masks(name, kind, count, columns):
    """What Keras would draw with a rate of 0.5: 0 or 2."""
    return [(uniform(seed_of(f"{name}/{kind}/{i}"), BATCH, columns) > 0).astype("float32") * 2 for i in range(count)]


def record_of(name, layer, cell, x, mask, initial, call, **record):
    """call(sequences) makes the layer's output [sequences or last, *states] from (x, initial, weights)."""
    weights = [w.value for w in layer.trainable_variables]

    def forward(x, initial, weights):
        values = list(zip(layer.trainable_variables, weights))
        results = []
        for sequences in (True, False):
            with keras.StatelessScope(state_mapping=values):
                results.append(call(sequences, x, initial))
        (outputs, *states), (last, *_) = results
        return [outputs, last, *jax.tree.leaves(states)]

    outputs = forward(x, initial, weights)
    cotangents = [uniform(seed_of(f"{name}/cotangent/{i}"), *y.shape) for i, y in enumerate(outputs)]

    def loss(*a):
        return sum(jnp.sum(y * d) for y, d in zip(forward(*a), cotangents))

    grads = jax.grad(loss, argnums=(0, 1, 2))(jnp.asarray(x), jax.tree.map(jnp.asarray, initial), weights)
    return {
        "name": name,
        "cell": cell,
        **record,
        "x": array(x),
        "mask": None if mask is None else array(mask),
        "initial": [array(s) for s in jax.tree.leaves(initial)],
        "weights": [array(w) for w in weights],
        "outputs": [array(y) for y in outputs],
        "cotangents": [array(d) for d in cotangents],
        "x_grad": array(grads[0]),
        "initial_grads": [array(g) for g in jax.tree.leaves(grads[1])],
        "weight_grads": [array(g) for g in grads[2]],
    }


def assign(name, layer):
    for i, w in enumerate(layer.weights):
        if w.trainable:
            w.assign(uniform(seed_of(f"{name}/weight/{i}"), *w.shape))


def case(name, cell, masked=False, steps=STEPS, initial=True, inputs=0, states=0, **arguments):
    """inputs and states are how many dropout masks there are."""
    name = f"{cell.lower()}_{name}"
    # Rates decide how many masks the cell takes; the masks themselves are set below.
    layer = getattr(L, cell)(
        UNITS, return_sequences=True, return_state=True, dropout=0.5 if inputs else 0, recurrent_dropout=0.5 if states else 0, **arguments
    )
    x = uniform(seed_of(f"{name}/x"), BATCH, steps, FEATURES)
    mask = mask_of(steps) if masked else None
    start = [uniform(seed_of(f"{name}/initial/{i}"), BATCH, UNITS) for i in range(2 if cell == "LSTM" else 1)] if initial else []
    layer.build(x.shape)
    assign(name, layer)
    input_masks, state_masks = dropout_masks(name, "inputs", inputs, FEATURES), dropout_masks(name, "states", states, UNITS)

    def call(sequences, x, initial):
        layer.return_sequences = sequences
        for masks, attribute in ((input_masks, "_dropout_mask"), (state_masks, "_recurrent_dropout_mask")):
            if masks:
                setattr(layer.cell, attribute, jnp.asarray(masks[0]) if len(masks) == 1 else [jnp.asarray(m) for m in masks])
        return layer.call(x, initial_state=initial or None, mask=mask, training=bool(inputs or states))

    return record_of(
        name, layer, cell, x, mask, start, call,
        arguments=arguments,
        input_masks=[array(m) for m in input_masks],
        state_masks=[array(m) for m in state_masks],
    )


class MinimalCell(keras.Layer):
    """A cell whose output isn't its state."""

    def __init__(self):
        super().__init__()
        self.state_size, self.output_size = UNITS, UNITS

    def build(self, shape):
        self.kernel = self.add_weight(shape=(shape[-1], UNITS), name="kernel")
        self.recurrent = self.add_weight(shape=(UNITS, UNITS), name="recurrent")

    def call(self, x, states):
        h = keras.ops.sin(keras.ops.matmul(x, self.kernel) + keras.ops.matmul(states[0], self.recurrent))
        return 2 * h + states[0], [h]


def rnn(name, cell, cells, masked=False, steps=STEPS, **arguments):
    name = f"rnn_{name}"
    layer = L.RNN(cells, return_sequences=True, return_state=True, **arguments)
    x = uniform(seed_of(f"{name}/x"), BATCH, steps, FEATURES)
    mask = mask_of(steps) if masked else None
    start = jax.tree.map(lambda s: uniform(seed_of(f"{name}/initial"), *s.shape), layer.get_initial_state(BATCH))
    layer.build(x.shape)
    assign(name, layer)

    def call(sequences, x, initial):
        layer.return_sequences = sequences
        return layer.call(x, initial_state=initial, mask=mask)

    return record_of(name, layer, cell, x, mask, start, call, arguments=arguments, input_masks=[], state_masks=[])


def cases():
    jax.config.update("jax_enable_x64", False)
    jax.config.update("jax_default_matmul_precision", "highest")
    keras.utils.clear_session()
    found = []
    for cell, more in (("SimpleRNN", {}), ("LSTM", {}), ("GRU", {}), ("GRU", {"reset_after": False})):
        before = "before_" if more else ""

        def add(name, **arguments):
            found.append(case(before + name, cell, **more, **arguments))

        gates = GATES[cell]
        add("plain")
        add("from_zeros", initial=False)
        add("no_bias", use_bias=False)
        add("short", steps=2, masked=True)
        add("mask", masked=True)
        add("mask_zero_output", masked=True, zero_output_for_mask=True)
        add("backwards", go_backwards=True)
        add("backwards_mask", go_backwards=True, masked=True)
        add("backwards_mask_zero_output", go_backwards=True, masked=True, zero_output_for_mask=True, initial=False)
        add("unroll", steps=4, unroll=True)
        add("unroll_mask", steps=4, unroll=True, masked=True)
        add("unroll_backwards_mask_zero_output", steps=4, unroll=True, go_backwards=True, masked=True, zero_output_for_mask=True)
        add("dropout", inputs=1)
        add("recurrent_dropout", states=gates, masked=True)
        add("both_dropouts", inputs=gates, states=gates)
        if cell != "SimpleRNN":
            add("activations", activation="softsign", recurrent_activation="hard_sigmoid")
            add("softmax_gates", activation="gelu", recurrent_activation="softmax")
            add("linear", activation="linear", masked=True)
        else:
            add("activations", activation="relu")
            add("linear", activation="linear", masked=True)
    for masked in (False, True):
        suffix = "_mask" if masked else ""
        found.append(rnn("minimal" + suffix, "minimal", MinimalCell(), masked=masked))
        found.append(rnn("stacked" + suffix, "stacked", [L.LSTMCell(2), L.GRUCell(UNITS)], masked=masked, steps=4))
    found.append(rnn("minimal_zero_output", "minimal", MinimalCell(), masked=True, zero_output_for_mask=True, go_backwards=True))
    found.append(rnn("minimal_unroll", "minimal", MinimalCell(), masked=True, steps=4, unroll=True))
    return {"cases": found}
