"""Probes: MultiHeadAttention, Attention and AdditiveAttention."""

import keras
import numpy as np
from keras import layers as L

from families.recurrent import MASK, WORDS
from probes import call_error, case, constructor_error, freeze, model_of, start

Q, V, K = (2, 3, 4), (2, 2, 3), (2, 2, 5)
SELF = (3, 4, 4)
ALLOWED = np.array([[[1, 0], [1, 1], [0, 1]], [[0, 1], [0, 0], [1, 1]]], "bool")


def multi_head():
    def one(label, *inputs, call=None, training=False, batch=False, time=False, **arguments):
        arguments = {"num_heads": 2, "key_dim": 3} | arguments
        inputs = inputs or (Q, V)
        call = call or ((lambda layer, x: layer(x, x)) if len(inputs) == 1 else (lambda layer, q, v: layer(q, v)))
        return case(f"multi head {label}", model_of(lambda: L.MultiHeadAttention(**arguments), inputs, call, batch, time), inputs, training)

    def cross(**given):
        return lambda layer, q, v: layer(q, v, **given)

    yield one("self", SELF)
    yield one("cross")
    yield one("key", Q, V, K, call=lambda layer, q, v, k: layer(q, v, k))
    yield one("key by name", Q, V, K, call=lambda layer, q, v, k: layer(q, v, key=k))
    yield one("all by name", Q, V, K, call=lambda layer, q, v, k: layer(query=q, value=v, key=k))
    yield one("unknown lengths", time=True)
    yield one("one head", SELF, num_heads=1, key_dim=1)
    # On JAX, Keras computes other values than keys only where it needs the scores, or drops some.
    yield one("value dim, scores", value_dim=1, call=cross(return_attention_scores=True))
    yield one("value dim, dropout", value_dim=4, dropout=0.2)
    yield one("output shape", output_shape=5)
    yield one("output shape of two", output_shape=(2, 3))
    yield one("no bias", use_bias=False)
    yield one("scores", call=cross(return_attention_scores=True))
    yield one("self scores", SELF, call=lambda layer, x: layer(x, x, return_attention_scores=True))
    yield one("causal", SELF, call=lambda layer, x: layer(x, x, use_causal_mask=True))
    yield one("causal, scores", SELF, call=lambda layer, x: layer(x, x, use_causal_mask=True, return_attention_scores=True))
    yield one("causal cross", call=cross(use_causal_mask=True))
    yield one("attention mask", Q, V, ALLOWED, call=lambda layer, q, v, m: layer(q, v, attention_mask=m))
    yield one("attention mask, scores", Q, V, ALLOWED, call=lambda layer, q, v, m: layer(q, v, attention_mask=m, return_attention_scores=True))
    yield one("attention mask and causal", Q, V, ALLOWED, call=lambda layer, q, v, m: layer(q, v, attention_mask=m, use_causal_mask=True))
    yield one("attention mask of integers", Q, V, ALLOWED.astype("int32"), call=lambda layer, q, v, m: layer(q, v, attention_mask=m))
    yield one("attention mask a head", Q, V, np.stack([ALLOWED, ~ALLOWED], axis=1), call=lambda layer, q, v, m: layer(q, v, attention_mask=m))
    yield one("value mask", Q, V, np.array([[1, 0], [0, 1]], "bool"), call=lambda layer, q, v, m: layer(q, v, value_mask=m))
    yield one("query mask by argument", Q, V, np.array([[1, 0, 1], [0, 1, 1]], "bool"), call=lambda layer, q, v, m: layer(q, v, query_mask=m))
    key_masked = lambda layer, q, v, k, m: layer(q, v, key=k, key_mask=m)
    yield one("key mask", Q, V, K, np.array([[1, 0], [0, 1]], "bool"), call=key_masked)
    yield one("sliding window", (2, 5, 3), sliding_window=2)
    yield one("sliding window, causal", (2, 5, 3), sliding_window=3, call=lambda layer, x: layer(x, x, use_causal_mask=True))
    yield one("gate", use_gate=True)
    image = (2, 2, 3, 2)
    yield one("4-D", image, key_dim=2)
    yield one("axes", image, key_dim=2, attention_axes=(2,))
    yield one("axis", image, key_dim=2, attention_axes=1)
    yield one("negative axis", image, key_dim=2, attention_axes=(-2,))
    yield one("two axes", image, key_dim=2, attention_axes=(1, 2), call=lambda layer, x: layer(x, x, return_attention_scores=True))
    yield one("axes, mask", image, np.tril(np.ones((2, 1, 3, 3), "bool")), key_dim=2, attention_axes=(2,), call=lambda layer, x, m: layer(x, x, attention_mask=m))
    yield one("dropout", dropout=0.4, seed=3)
    yield one("training without dropout", training=True)
    yield one("flash attention is not asked for", flash_attention=False)
    yield one("float16", dtype="float16")
    yield one("mixed_float16", dtype="mixed_float16", call=cross(return_attention_scores=True))
    yield one("frozen", trainable=False)
    # Its layers are made when it is built, and made trainable.
    yield case("multi head frozen by its property", model_of(lambda: freeze(L.MultiHeadAttention(2, 3)), [Q, V], cross()), [Q, V])
    yield one(
        "everything", name="named",
        kernel_initializer=keras.initializers.HeNormal(seed=1),
        bias_initializer=keras.initializers.Constant(0.5),
        kernel_regularizer="l2",
        bias_regularizer=keras.regularizers.L1(0.1),
        activity_regularizer=keras.regularizers.L2(0.2),
        kernel_constraint="unit_norm",
        bias_constraint="non_neg",
    )  # fmt: skip


def in_models():
    def embedded(build_rest):
        def build():
            x = keras.Input((4,), name="x", dtype="int32")
            return keras.Model(x, build_rest(L.Embedding(5, 4, mask_zero=True, name="words")(x)))

        return build

    attend = lambda **kwargs: L.MultiHeadAttention(2, 2, name="attend", **kwargs)
    yield case("multi head self after embedding", embedded(lambda h: attend()(h, h)), [WORDS])
    yield case("multi head causal after embedding", embedded(lambda h: attend()(h, h, use_causal_mask=True)), [WORDS])
    yield case("multi head scores after embedding", embedded(lambda h: attend()(h, h, return_attention_scores=True)), [WORDS])

    def block(h):
        h = L.LayerNormalization(name="norm")(L.Add(name="skip")([h, attend(dropout=0.1)(h, h)]))
        f = L.Dense(4, name="down")(L.Dense(3, activation="gelu", name="up")(h))
        return L.GlobalAveragePooling1D(name="pool")(L.Add(name="skip2")([h, f]))

    yield case("transformer block after embedding", embedded(block), [WORDS])
    # Attention takes its inputs' masks away as it is called: what reads the tensor after it has none.
    yield case("multi head, then its input again", embedded(lambda h: [attend()(h, h), L.Activation("tanh", name="later")(h)]), [WORDS])

    def decoder():
        x, y = keras.Input((4,), name="x", dtype="int32"), keras.Input((4,), name="y", dtype="int32")
        source, target = L.Embedding(5, 4, mask_zero=True, name="from")(x), L.Embedding(5, 4, mask_zero=True, name="to")(y)
        h = L.MultiHeadAttention(1, 2, name="own")(target, target, use_causal_mask=True)
        return keras.Model([x, y], L.MultiHeadAttention(1, 2, name="other")(h, source))

    yield case("multi head decoder", decoder, [WORDS, WORDS[::-1].copy()])

    def positional():
        x, y = keras.Input((3, 4), name="x"), keras.Input((4,), name="y", dtype="int32")
        return keras.Model([x, y], attend()(x, L.Embedding(5, 3, mask_zero=True, name="words")(y)))

    yield case("multi head with a mask of the value only", positional, [(3, 3, 4), WORDS])

    def shared():
        x, y = keras.Input((3, 4), name="x"), keras.Input((2, 4), name="y")
        layer = attend()
        return keras.Model([x, y], [layer(x, x), layer(y, x)])

    yield case("multi head shared", shared, [(2, 3, 4), (2, 2, 4)])


def dot_product():
    for cls, key in ((L.Attention, "attention"), (L.AdditiveAttention, "additive attention")):
        q, v = (2, 3, 4), (2, 2, 4)

        def one(label, *inputs, call=None, **arguments):
            inputs = inputs or (q, v)
            call = call or (lambda layer, *xs: layer([*xs]))
            return case(f"{key} {label}", model_of(lambda: cls(**arguments), inputs, call), inputs)

        masks = np.array([[1, 0, 1], [0, 1, 1]], "bool"), np.array([[1, 0], [0, 1]], "bool")
        yield one("plain")
        yield one("key", q, (2, 2, 3), v)
        yield one("scores", call=lambda layer, *xs: layer([*xs], return_attention_scores=True))
        yield one("causal", call=lambda layer, *xs: layer([*xs], use_causal_mask=True))
        yield one("masks", q, v, *masks, call=lambda layer, a, b, m, n: layer([a, b], mask=[m, n]))
        yield one("masks, causal, scores", q, v, *masks, call=lambda layer, a, b, m, n: layer([a, b], mask=[m, n], use_causal_mask=True, return_attention_scores=True))
        yield one("use_scale", use_scale=cls is L.Attention)
        yield one("mixed_float16", q, v, *masks, call=lambda layer, a, b, m, n: layer([a, b], mask=[m, n]), dtype="mixed_float16")
        yield one("dropout", dropout=0.3, seed=2)

        def embedded():
            x, y = keras.Input((4,), name="x", dtype="int32"), keras.Input((4,), name="y", dtype="int32")
            words = L.Embedding(5, 3, mask_zero=True, name="words")
            return keras.Model([x, y], cls(name="attend")([words(x), words(y)]))

        yield case(f"{key} after embedding", embedded, [WORDS, WORDS[::-1].copy()])
    concat = lambda **kwargs: model_of(lambda: L.Attention(score_mode="concat", **kwargs), [(2, 3, 4), (2, 2, 4)])
    yield case("attention concat", concat(), [(2, 3, 4), (2, 2, 4)])
    yield case("attention concat, scale", concat(use_scale=True), [(2, 3, 4), (2, 2, 4)])



def errors():
    for wrong in ({"num_heads": 0}, {"key_dim": 0}, {"key_dim": 2.5}, {"value_dim": -1}, {"attention_axes": "1"}, {"sliding_window": 0}, {"output_shape": 2.5}, {"wrong": 1}, {"flash_attention": True, "dropout": 0.5}):
        yield constructor_error(L.MultiHeadAttention, **({"num_heads": 2, "key_dim": 3} | wrong))
    make = lambda: L.MultiHeadAttention(2, 3)
    yield call_error(make, (None, 3, 4))
    yield call_error(make, (None, 3, 4), (None, 2, 4), (None, 3, 4))
    yield call_error(make, (None, 3, 4), (None, 2, 4), wrong=1)
    yield call_error(make, (None, 3, 4), (None, 2, 4), attention_mask=((None, 3, 3), "bool"))
    yield call_error(make, (None, 4), (None, 4))
    yield call_error(make, [(None, 3, 4), (None, 2, 4)])
    yield constructor_error(L.Attention, score_mode="other")
    for cls in (L.Attention, L.AdditiveAttention):
        yield call_error(lambda: cls(), (None, 3, 4))
        yield call_error(lambda: cls(), [(None, 3, 4)])
        yield call_error(lambda: cls(), [(None, 3, 4)] * 4)
        yield call_error(lambda: cls(), [(None, 3, 4), (None, 2, 5)])
        yield call_error(lambda: cls(), [(None, 3, 4), (None, 2, 4)], mask=((None, 3), "bool"))
        yield call_error(lambda: cls(), [(None, 3, 4), (None, 2, 4)], mask=[((None, 3), "bool")])


def cases():
    start()
    return {"probes": [*multi_head(), *in_models(), *dot_product()], "errors": list(errors())}
