"""Keras 2's summary texts, from tf_keras in a process of its own. README.md has the format."""

import json
import os
import subprocess
import sys
import textwrap

# Each case: its name, the source that builds the models, and the summaries to print: (variable, arguments).
CASES = [
    (
        "notebook",
        """
        inputs = Input(shape=(32, 32, 3))
        x = Conv2D(32, (3, 3), activation='relu', padding='same')(inputs)
        x = Conv2D(32, (3, 3), activation='relu', padding='same')(x)
        x = MaxPooling2D((2, 2))(x)
        x = Conv2D(64, (3, 3), activation='relu', padding='same')(x)
        x = Conv2D(64, (3, 3), activation='relu', padding='same')(x)
        x = MaxPooling2D((2, 2))(x)
        x = Conv2D(128, (3, 3), activation='relu', padding='same')(x)
        x = Conv2D(128, (3, 3), activation='relu', padding='same')(x)
        x = MaxPooling2D((2, 2))(x)
        x = Flatten()(x)
        x = Dropout(0.3)(x)
        x = Dense(300, activation='relu')(x)
        x = Dropout(0.3)(x)
        outputs = Dense(10, activation='softmax')(x)
        model1 = Model(inputs=inputs, outputs=outputs)

        inputs = Input(shape=(32, 32, 3))
        path1 = Conv2D(32, (5, 5), activation='relu', padding='same')(inputs)
        path1 = MaxPooling2D((2, 2))(path1)
        path1 = Conv2D(64, (3, 3), activation='relu', padding='same')(path1)
        path1 = MaxPooling2D((2, 2))(path1)
        path2 = Conv2D(32, (3, 3), activation='relu', padding='same')(inputs)
        path2 = Conv2D(32, (3, 3), activation='relu', padding='same')(path2)
        path2 = MaxPooling2D((2, 2))(path2)
        path2 = Conv2D(64, (3, 3), activation='relu', padding='same')(path2)
        path2 = Conv2D(64, (3, 3), activation='relu', padding='same')(path2)
        path2 = MaxPooling2D((2, 2))(path2)
        combined = concatenate([path1, path2])
        x = Flatten()(combined)
        x = Dropout(0.3)(x)
        x = Dense(300, activation='relu')(x)
        x = Dropout(0.3)(x)
        outputs = Dense(10, activation='softmax')(x)
        model2 = Model(inputs=inputs, outputs=outputs)

        visible = Input(shape=(32, 32, 3))
        conv1 = Conv2D(32, kernel_size=3, activation='relu')(visible)
        drop1 = Dropout(0.2)(conv1)
        pool1 = MaxPooling2D(pool_size=(2, 2))(drop1)
        flat1 = Flatten()(pool1)
        conv2 = Conv2D(32, kernel_size=3, activation='relu')(pool1)
        drop2 = Dropout(0.2)(conv2)
        pool2 = MaxPooling2D(pool_size=(2, 2))(drop2)
        flat2 = Flatten()(pool2)
        conv3 = Conv2D(32, kernel_size=3, activation='relu')(pool2)
        drop3 = Dropout(0.2)(conv3)
        pool3 = MaxPooling2D(pool_size=(2, 2))(drop3)
        flat3 = Flatten()(pool3)
        merge = concatenate([flat1, flat2, flat3])
        hidden1 = Dense(100, activation='relu')(merge)
        output = Dense(10, activation='softmax')(hidden1)
        model3 = Model(inputs=visible, outputs=output)
        """,
        [
            ("model1", {}),
            ("model2", {}),
            ("model3", {}),
            ("model1", {"line_length": 100}),
            ("model2", {"line_length": 120}),
            ("model2", {"line_length": 80, "positions": [0.4, 0.6, 0.7, 1.0]}),
            ("model1", {"positions": [0.5, 0.8, 1.0]}),
            ("model3", {"show_trainable": True}),
            ("model3", {"layer_range": ["conv2d_13", "flatten_3"]}),
        ],
    ),
    (
        "sequential",
        """
        model = Sequential([Input((28, 28, 1)), Conv2D(8, 3), BatchNormalization(), Activation('relu'), GlobalAveragePooling2D(), Dense(10)])
        """,
        [("model", {}), ("model", {"show_trainable": True})],
    ),
    (
        "sequential_deferred",
        """
        model = Sequential([Dense(4), Dense(2)])
        model.build((None, 3))
        """,
        [("model", {})],
    ),
    (
        "frozen",
        """
        x = Input((8, 8, 3))
        h = Conv2D(4, 3, trainable=False)(x)
        h = BatchNormalization()(h)
        h = ReLU()(h)
        h = Flatten()(h)
        model = Model(x, Dense(5)(h))
        model.layers[2].trainable = False
        """,
        [("model", {}), ("model", {"show_trainable": True})],
    ),
    (
        "long_names",
        """
        x = Input((16, 16, 3), name='an_image_of_a_very_long_name_indeed')
        a = Conv2D(4, 3, padding='same', name='the_convolution_of_the_first_branch_of_two')(x)
        b = Conv2D(4, 3, padding='same', name='the_convolution_of_the_second_branch_of_the_two_branches_of_this_model')(x)
        y = Add(name='sum_of_both_of_the_convolutions_above')([a, b])
        model = Model(x, y, name='model_with_long_names')
        """,
        [("model", {}), ("model", {"line_length": 60}), ("model", {"show_trainable": True})],
    ),
    (
        "two_inputs_two_outputs",
        """
        a, b = Input((3,), name='a'), Input((2,), name='b')
        h = Dense(4, activation='relu', name='trunk')(Concatenate(name='merge')([a, b]))
        model = Model([a, b], [Dense(2, name='left')(h), Dense(1, name='right')(h)], name='two_two')
        """,
        [("model", {})],
    ),
    (
        "nested",
        """
        x = Input((4,), name='code_in')
        inner = Model(x, Dense(2, name='code')(Dense(3, name='hidden')(x)), name='encoder')
        x = Input((4,), name='x')
        model = Model(x, Dense(1, name='head')(inner(x)), name='nested')
        """,
        [("model", {}), ("model", {"expand_nested": True}), ("model", {"expand_nested": True, "show_trainable": True})],
    ),
    (
        "nested_twice",
        """
        x = Input((4,), name='code_in')
        h = Dense(3, name='hidden')(x)
        inner = Model(x, Add(name='inner_sum')([h, Dense(3, name='other')(x)]), name='encoder')
        a, b = Input((4,), name='a'), Input((4,), name='b')
        model = Model([a, b], Add(name='sum')([inner(a), inner(b)]), name='nested_twice')
        """,
        [("model", {}), ("model", {"expand_nested": True})],
    ),
    (
        "nested_deep",
        """
        x = Input((4,), name='i')
        inner = Sequential([Input((4,)), Dense(3, name='one'), Dense(2, name='two')], name='inner')
        middle = Model(x, Dense(3, name='m')(inner(x)), name='middle')
        x = Input((4,), name='x')
        model = Model(x, Dense(1, name='head')(middle(x)), name='outer')
        """,
        [("model", {}), ("model", {"expand_nested": True})],
    ),
    (
        "nested_two_outputs",
        """
        x = Input((3,), name='in')
        inner = Model(x, [Dense(2, name='p')(x), Dense(4, name='q')(x)], name='fork')
        x = Input((3,), name='x')
        p, q = inner(x)
        model = Model(x, Concatenate(name='join')([q, p]), name='nested_two_outputs')
        """,
        [("model", {})],
    ),
    (
        "shared",
        """
        a, b = Input((4,), name='a'), Input((4,), name='b')
        tower = Dense(3, name='tower')
        model = Model([a, b], Dense(1, name='score')(Concatenate(name='merge')([tower(a), tower(b)])), name='shared')
        """,
        [("model", {})],
    ),
    (
        "shared_in_sequence",
        """
        x = Input((4,), name='x')
        again = Dense(4, name='again')
        model = Model(x, again(again(x)), name='shared_in_sequence')
        """,
        [("model", {})],
    ),
    (
        "wide_concatenate",
        """
        xs = [Input((5, 5, i + 1)) for i in range(5)]
        y = Concatenate()([Conv2D(2, 3)(x) for x in xs])
        model = Model(xs, GlobalMaxPooling2D()(y))
        """,
        [("model", {})],
    ),
    (
        "residual",
        """
        x = Input((8, 8, 4))
        h = Conv2D(4, 3, padding='same')(x)
        h = BatchNormalization()(h)
        h = Activation('relu')(h)
        h = Add()([h, x])
        h = AveragePooling2D()(h)
        h = Reshape((-1, 4))(h)
        h = Softmax()(h)
        model = Model(x, h)
        """,
        [("model", {})],
    ),
    (
        "unknown_sizes",
        """
        x = Input((None, None, 3))
        h = Conv2D(4, 3, strides=2)(x)
        model = Model(x, GlobalAveragePooling2D()(h))
        batch = Input(batch_shape=(16, 4))
        fixed = Model(batch, Rescaling(0.5)(batch))
        """,
        [("model", {}), ("fixed", {})],
    ),
    (
        "dicts",
        """
        b, a = Input((2,), name='second'), Input((3,), name='first')
        h = Concatenate()([b, a])
        model = Model({'second': b, 'first': a}, {'z': Dense(2, name='left')(h), 'c': Dense(1, name='right')(h)})
        """,
        [("model", {})],
    ),
    (
        "sizes",
        """
        def of(inputs, units):
            x = Input((inputs,))
            return Model(x, Dense(units, use_bias=False)(x))
        bytes_ = of(1, 10)
        kilobytes = of(16, 16)
        nearly = of(255, 1)
        megabytes = of(1024, 1024)
        """,
        [("bytes_", {}), ("kilobytes", {}), ("nearly", {}), ("megabytes", {})],
    ),
    (
        "no_weights",
        """
        x = Input((4,))
        model = Model(x, Flatten()(x))
        """,
        [("model", {}), ("model", {"show_trainable": True})],
    ),
]


def texts():
    import tf_keras

    records = []
    for name, source, summaries in CASES:
        tf_keras.backend.clear_session()
        source = textwrap.dedent(source).strip() + "\n"
        scope = vars(tf_keras.layers) | {"Model": tf_keras.Model, "Sequential": tf_keras.Sequential}
        exec(source, scope)
        record = {"name": name, "source": source, "summaries": []}
        for variable, arguments in summaries:
            lines = []
            scope[variable].summary(print_fn=lines.append, **arguments)
            text = "".join(line + "\n" for line in lines)
            record["summaries"].append({"model": variable, "arguments": arguments, "text": text})
        records.append(record)
    return records


def cases():
    """Runs this file with TensorFlow, which the other families do without."""
    environment = os.environ | {"TF_CPP_MIN_LOG_LEVEL": "3", "CUDA_VISIBLE_DEVICES": ""}
    run = subprocess.run([sys.executable, __file__], env=environment, stdout=subprocess.PIPE, check=True)
    return json.loads(run.stdout)


if __name__ == "__main__":
    json.dump(texts(), sys.stdout)
