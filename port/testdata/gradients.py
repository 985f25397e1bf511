# Gradients that are arrays, and gradients that are changed before they are applied. By a Python with TensorFlow:
#
#	KERAS_BACKEND=tensorflow python port/testdata/gradients.py > port/testdata/gradients.txt
import numpy as np
import tensorflow as tf
from tensorflow import keras
from tensorflow.keras import layers

images = (np.arange(2 * 6 * 6).reshape(2, 6, 6, 1) % 7).astype("float32") / 7
labels = np.array([1, 2])


def fill(model):
    model.set_weights([(np.arange(w.size).reshape(w.shape) % 5 - 2) / 10 for w in model.get_weights()])


inputs = keras.Input((6, 6, 1))
x = layers.Conv2D(2, 3, activation="softplus", name="first")(inputs)
x = layers.Conv2D(3, 2, activation="softplus", name="last_conv")(x)
x = layers.Flatten()(x)
outputs = layers.Dense(3, activation="softmax")(x)
model = keras.Model(inputs, outputs)
fill(model)
loss_object = keras.losses.SparseCategoricalCrossentropy()


# The fast gradient sign method
def create_adversarial_pattern(input_image, input_label):
    with tf.GradientTape() as tape:
        tape.watch(input_image)
        prediction = model(input_image)
        loss = loss_object(input_label, prediction)
    gradient = tape.gradient(loss, input_image)
    signed_grad = tf.sign(gradient)
    return signed_grad


image = tf.constant(images)
perturbations = create_adversarial_pattern(image, tf.constant(labels))
print(perturbations.shape, float(tf.reduce_sum(perturbations)))
for eps in [0, 0.1, 0.3]:
    adv = image + eps * perturbations
    adv = tf.clip_by_value(adv, 0, 1)
    print("%.1f" % eps, np.round(model.predict(adv, verbose=0)[0], 4))

# A saliency map, in the program itself
picture = tf.constant(images[:1])
with tf.GradientTape() as tape:
    tape.watch(picture)
    scores = model(picture)
    top = scores[:, 2]
saliency = tape.gradient(top, picture)
saliency = tf.reduce_max(tf.abs(saliency), axis=-1)[0]
print(np.round(saliency.numpy()[:2], 4))
print(np.round(scores.numpy(), 4))


# Grad-CAM, as keras.io has it
def make_gradcam_heatmap(img_array, model, last_conv_layer_name, pred_index=None):
    grad_model = keras.models.Model(model.inputs, [model.get_layer(last_conv_layer_name).output, model.output])
    with tf.GradientTape() as tape:
        last_conv_layer_output, preds = grad_model(img_array)
        if pred_index is None:
            pred_index = tf.argmax(preds[0])
        class_channel = preds[:, pred_index]
    grads = tape.gradient(class_channel, last_conv_layer_output)
    pooled_grads = tf.reduce_mean(grads, axis=(0, 1, 2))
    last_conv_layer_output = last_conv_layer_output[0]
    heatmap = last_conv_layer_output @ pooled_grads[..., tf.newaxis]
    heatmap = tf.squeeze(heatmap)
    heatmap = tf.maximum(heatmap, 0) / tf.math.reduce_max(heatmap)
    return heatmap.numpy()


print(np.round(make_gradcam_heatmap(images[:1], model, "last_conv"), 3))
print(np.round(make_gradcam_heatmap(images[1:], model, "last_conv", pred_index=1), 3))


# Clipping in steps
def small():
    net = keras.Sequential([keras.Input((4,)), layers.Dense(3, activation="tanh"), layers.Dense(1)])
    fill(net)
    return net


data = (np.arange(32).reshape(8, 4) % 7).astype("float32") / 7
target = (np.arange(8).reshape(8, 1) % 3).astype("float32")
mse = keras.losses.MeanSquaredError()
net = small()
sgd = keras.optimizers.SGD(0.5)


@tf.function
def by_global_norm(a, b):
    with tf.GradientTape() as tape:
        loss = mse(b, net(a, training=True))
    grads = tape.gradient(loss, net.trainable_variables)
    grads, norm = tf.clip_by_global_norm(grads, 0.3)
    sgd.apply_gradients(zip(grads, net.trainable_variables))
    return loss, norm


for i in range(3):
    loss, norm = by_global_norm(data, target)
    print("%.4f %.4f" % (float(loss), float(norm)))

net2 = small()
adam = keras.optimizers.Adam(0.1, epsilon=1e-3, clipvalue=0.05)


def by_norm(a, b):
    with tf.GradientTape() as tape:
        loss = mse(b, net2(a, training=True))
    gradients = tape.gradient(loss, net2.trainable_variables)
    gradients = [tf.clip_by_norm(g, 0.2) for g in gradients]
    adam.apply_gradients(zip(gradients, net2.trainable_variables))
    return loss


print(["%.4f" % float(by_norm(data, target)) for i in range(3)])

net3 = small()
rms = keras.optimizers.SGD(0.1)


# Gradients that a function returns
def grad(model, inputs, targets):
    with tf.GradientTape() as tape:
        loss_value = mse(targets, model(inputs, training=True))
    return loss_value, tape.gradient(loss_value, model.trainable_variables)


for epoch in range(2):
    loss_value, grads = grad(net3, data, target)
    rms.apply_gradients(zip([tf.clip_by_value(g, -0.1, 0.1) for g in grads], net3.trainable_variables))
    print("epoch %d: %.4f" % (epoch, float(loss_value)))
print(np.round(net3.predict(data[:2], verbose=0), 4))


# Integrated gradients, as keras.io has them
def get_gradients(img_input, top_pred_idx):
    pictures = tf.cast(img_input, tf.float32)
    with tf.GradientTape() as tape:
        tape.watch(pictures)
        preds = model(pictures)
        top_class = preds[:, top_pred_idx]
    return tape.gradient(top_class, pictures)


def get_integrated_gradients(img_input, top_pred_idx, num_steps=50):
    baseline = np.zeros((1, 6, 6, 1)).astype(np.float32)
    steps = [baseline + (step / num_steps) * (img_input - baseline) for step in range(num_steps + 1)]
    grads = []
    for i, img in enumerate(np.array(steps).astype(np.float32)):
        one = get_gradients(img, top_pred_idx=top_pred_idx)
        grads.append(one[0])
    grads = tf.convert_to_tensor(grads, dtype=tf.float32)
    grads = (grads[:-1] + grads[1:]) / 2.0
    return (img_input - baseline) * tf.reduce_mean(grads, axis=0)


print(np.round(get_integrated_gradients(images[:1], 2, num_steps=4)[0, :2, :, 0] * 100, 3))

# A filter made visible
feature_extractor = keras.Model(inputs=model.inputs, outputs=model.get_layer("first").output)


def compute_loss(input_image, filter_index):
    activation = feature_extractor(input_image)
    return tf.reduce_mean(activation[:, 1:-1, 1:-1, filter_index])


@tf.function
def gradient_ascent_step(img, filter_index, learning_rate):
    with tf.GradientTape() as tape:
        tape.watch(img)
        loss = compute_loss(img, filter_index)
    grads = tape.gradient(loss, img)
    grads = tf.math.l2_normalize(grads)
    img += learning_rate * grads
    return loss, img


seen = tf.constant(images[:1])
for iteration in range(3):
    loss, seen = gradient_ascent_step(seen, 1, 2.0)
print("%.4f" % float(loss), np.round(seen[0, :2, :, 0], 4))

# Guided Grad-CAM in the program itself
grad_model = keras.Model([model.inputs], [model.get_layer("last_conv").output, model.output])
picture = images[0]
with tf.GradientTape() as tape:
    conv_outputs, predictions = grad_model(np.array([picture]))
    loss = predictions[:, 1]
output = conv_outputs[0]
grads = tape.gradient(loss, conv_outputs)[0]
guided = tf.cast(output > 0, "float32") * tf.cast(grads > 0, "float32") * grads
weights = tf.reduce_mean(guided, axis=(0, 1))
cam = np.zeros(output.shape[0:2], dtype=np.float32)
for i, w in enumerate(weights):
    cam += w * output[:, :, i]
print(np.round(cam * 1000, 3))

# A tensor stays one after its numbers were asked for
fixed = tf.constant(images[:1])
numbers = keras.backend.get_value(fixed)
kept = fixed
fixed += 1.0
print("%.4f %.4f %.4f" % (float(np.sum(numbers)), float(np.sum(kept)), float(np.sum(fixed))))
