package port

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

const generators = `
import numpy as np
import pandas as pd
import tensorflow as tf
from tensorflow import keras
from tensorflow.keras.preprocessing.image import ImageDataGenerator
from keras.preprocessing.sequence import TimeseriesGenerator
from tensorflow.keras.applications.vgg16 import preprocess_input

x = np.ones((20, 8, 8, 3))
y = np.zeros((20, 1))
gen = ImageDataGenerator(rescale=1./255, rotation_range=20, width_shift_range=0.1, height_shift_range=2, zoom_range=[0.8, 1.2], shear_range=0.2,
                         horizontal_flip=True, fill_mode='nearest', validation_split=0.2, featurewise_center=True)
gen.fit(x)
train = gen.flow(x, y, batch_size=4, subset='training', seed=1)
model = keras.Sequential([keras.layers.Flatten(input_shape=(8, 8, 3)), keras.layers.Dense(1)])
model.compile('sgd', 'mse', metrics=['mae'])
model.fit(train, steps_per_epoch=len(x) / 8, epochs=1, validation_data=gen.flow(x, y, subset='validation'), validation_steps=2)
model.fit_generator(gen.flow(x, y, batch_size=8), 2, 3, workers=4)
model.evaluate(train, verbose=0)
model.predict_generator(gen.flow(x, batch_size=4, shuffle=False), 2)
a, b = next(train)
c = train.next()
print(c[0].shape)
next(train)
train.reset()
print(a.shape, len(train), train.n)

def half(image):
    return image / 2

if len(x) > 100:
    other = ImageDataGenerator(preprocessing_function=preprocess_input)
    third = ImageDataGenerator(preprocessing_function=half, zoom_range=0.1)
    test = third.flow_from_directory('data/test', target_size=(8, 8), class_mode='binary', color_mode='grayscale', batch_size=2, shuffle=False)
    df = pd.read_csv('a.csv')
    d = other.flow_from_dataframe(df, 'images', x_col='file', y_col='label', target_size=(8, 8), class_mode='categorical')
    e = next(other.flow_from_directory('data/test', class_mode=None))
    print(test.class_indices, test.classes, test.samples, test.filenames[0], d.num_classes, e.shape)
    words = keras.utils.text_dataset_from_directory('texts', batch_size=4, validation_split=0.2, subset='training', seed=3)
    print(words.class_names)

series = TimeseriesGenerator(np.ones((30, 2)), np.ones(30), length=3, batch_size=5)
windows = keras.utils.timeseries_dataset_from_array(np.ones((30, 2)), np.ones(28), sequence_length=3, batch_size=4)
net = keras.Sequential([keras.layers.LSTM(2, input_shape=(3, 2)), keras.layers.Dense(1)])
net.compile('adam', 'mse')
net.fit(series, epochs=1, validation_data=windows)
data = tf.data.Dataset.from_tensor_slices((x, y)).shuffle(20, seed=1).batch(4, drop_remainder=True).repeat(2).prefetch(tf.data.AUTOTUNE)
model.fit(data, epochs=1)
`

// TestGenerators builds and runs a program of Keras 2's generators.
func TestGenerators(t *testing.T) {
	nb, err := ReadScript([]byte(generators))
	if err != nil {
		t.Fatal(err)
	}
	p, err := Translate(nb, Options{Name: "generators.py", Replace: ".."})
	if err != nil {
		t.Fatal(err)
	}
	main := string(p.Files["main.go"])
	if !p.Report.Whole() {
		t.Errorf("%s\n%s", p.Report.Markdown(), main)
	}
	for _, want := range []string{"train.Repeat(), nil, functional.Fit{Epochs: epochsOr(1), StepsPerEpoch: int(math.Ceil(", "ValidationSteps: 2,", "HeightShiftRange: 2,", "KeepOrder: true",
		`FlowFromFiles("images", df.Col("file").Strings(), df.Col("label").Strings(), `, ".Batch(4, true).Repeat(2).Prefetch(datasets.Autotune)"} {
		if !strings.Contains(main, want) {
			t.Errorf("%q is missing:\n%s", want, main)
		}
	}
	dir := t.TempDir()
	if err := p.Write(dir); err != nil {
		t.Fatal(err)
	}
	build := exec.Command("go", "build", "-o", filepath.Join(dir, "program"), ".")
	build.Dir = dir
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s\n%s", err, out, main)
	}
	if os.Getenv("GOKERAS_TEST_RUN") == "" {
		return
	}
	if out, err := exec.Command(filepath.Join(dir, "program")).CombinedOutput(); err != nil {
		t.Errorf("%v\n%s", err, out)
	}
}

// TestGeneratorsLeft names what can't be translated.
func TestGeneratorsLeft(t *testing.T) {
	for source, reason := range map[string]string{
		"from keras.preprocessing.image import ImageDataGenerator\ng = ImageDataGenerator(dtype='float64')":                              "dtype",
		"from keras.preprocessing.image import ImageDataGenerator\ng = ImageDataGenerator()\ng.standardize(1)":                           "the method standardize of an ImageDataGenerator",
		"import tensorflow as tf\nimport numpy as np\nd = tf.data.Dataset.from_tensor_slices(np.ones(3))\ne = d.interleave(lambda v: v)": "the method interleave of a tf.data.Dataset",
	} {
		if p := translateText(t, source); p.Report.Whole() || !strings.Contains(p.Report.Markdown(), reason) {
			t.Errorf("%s\n%s", source, p.Report.Markdown())
		}
	}
}
