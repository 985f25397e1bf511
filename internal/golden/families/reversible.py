"""Probes: GroupQueryAttention and ReversibleEmbedding."""

import keras
import numpy as np
from keras import layers as L

from families.recurrent import WORDS
from probes import call_error, case, constructor_error, model_of, start


def attend(label, *inputs, call=None, heads=(2, 4, 2), time=False, training=False, **arguments):
    inputs = inputs or ((2, 3, 4),)
    call = call or (lambda layer, *xs: layer(*(xs if len(xs) > 1 else (xs[0], xs[0]))))
    return case(f"group query attention {label}", model_of(lambda: L.GroupQueryAttention(*heads, **arguments), inputs, call, time=time), inputs, training)


def attention():
    other = ((2, 3, 4), (2, 2, 4))
    with_mask = lambda **k: lambda layer, x, m: layer(x, x, attention_mask=m, **k)
    mask = np.array([[[1, 1, 0], [0, 1, 1], [1, 0, 0]]] * 2, "bool")
    yield attend("plain, unknown length", time=True)
    yield attend("of others, in training", *other, (2, 2, 3), training=True, heads=(3, 2, 1), name="named")
    yield attend("gate, no bias", use_gate=True, use_bias=False, heads=(2, 2, 2))
    yield attend("causal", *other, call=lambda layer, x, y: layer(x, y, use_causal_mask=True))
    yield attend("window, mask, scores", (2, 3, 4), mask, sliding_window=2, call=with_mask(return_attention_scores=True, use_causal_mask=True))
    yield attend("mask", (2, 3, 4), mask, call=with_mask())
    yield attend(
        "everything, seed", dropout=0.3, seed=7, kernel_initializer="uniform", bias_initializer="ones", kernel_regularizer="l2", bias_regularizer="l1",
        activity_regularizer="l2", kernel_constraint="non_neg", bias_constraint="unit_norm",
    )  # fmt: skip
    yield attend("mixed_float16", dtype="mixed_float16")

    def masked():
        x = keras.Input((4,), name="x", dtype="int32")
        words = L.Embedding(5, 2, mask_zero=True, name="words")(x)
        return keras.Model(x, L.GroupQueryAttention(2, 2, 1)(words, words))

    yield case("group query attention after embedding", masked, [WORDS])


def both(label, *args, mask=False, **arguments):
    def build():
        x = keras.Input((4,), name="x", dtype="int32")
        layer = L.ReversibleEmbedding(5, 3, *args, mask_zero=mask, **arguments)
        return keras.Model(x, layer(L.LayerNormalization()(layer(x)), reverse=True))

    return case(f"reversible embedding {label}", build, [WORDS])


def embedding():
    yield both("tied")
    yield both("untied, cap, named", False, logit_soft_cap=0.5, name="named")
    yield both("reverse_dtype", reverse_dtype="float16", embeddings_initializer="ones", embeddings_regularizer="l2", embeddings_constraint="non_neg")
    yield both("mixed_float16", dtype="mixed_float16")

    def masked():
        x = keras.Input((4,), name="x", dtype="int32")
        return keras.Model(x, L.ReversibleEmbedding(5, 3, mask_zero=True)(x))

    yield case("reversible embedding masks", masked, [WORDS])


def errors():
    for arguments in ({"num_query_heads": 3}, {"num_key_value_heads": 0}, {"sliding_window": 0}, {"sliding_window": 1.5}):
        yield constructor_error(L.GroupQueryAttention, **{"head_dim": 2, "num_query_heads": 4, "num_key_value_heads": 2, **arguments})
    make = lambda: L.GroupQueryAttention(2, 4, 2)
    yield call_error(make, (None, 3, 4), (None, 2, 5))
    yield call_error(make, (None, 3, 4), (None, 2, 4), (None, 3, 4))
    yield call_error(make, (None, 3, 4), (None, 2, 4), (None, 2, 5))
    yield call_error(make, (None, 3, 4))
    yield constructor_error(L.ReversibleEmbedding, input_dim=0, output_dim=2)
    yield call_error(lambda: L.ReversibleEmbedding(5, 3), (None, 4), reverse=True)
    yield call_error(lambda: L.ReversibleEmbedding(5, 3), (None, 3), reverse=True)


def cases():
    start()
    return {"probes": [*attention(), *embedding()], "errors": list(errors())}
