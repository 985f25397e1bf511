package port

import (
	"bytes"
	"encoding/json"
	"fmt"
	"go/ast"
	"go/format"
	"go/parser"
	"go/token"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"
)

func translateText(t *testing.T, source string) *Program {
	t.Helper()
	nb, err := ReadScript([]byte(source))
	if err != nil {
		t.Fatal(err)
	}
	p, err := Translate(nb, Options{Name: "test.py"})
	if err != nil {
		t.Fatalf("%s: %v", source, err)
	}
	return p
}

// TestSeed translates the notebook that this project began with, whole.
func TestSeed(t *testing.T) {
	raw, err := os.ReadFile("testdata/seed.ipynb")
	if err != nil {
		t.Fatal(err)
	}
	nb, err := ReadNotebook(raw)
	if err != nil {
		t.Fatal(err)
	}
	p, err := Translate(nb, Options{Name: "seed.ipynb"})
	if err != nil {
		t.Fatal(err)
	}
	if !p.Report.Whole() || len(p.Report.Items) < 100 {
		t.Errorf("not whole:\n%s", p.Report.Markdown())
	}
	want, err := os.ReadFile("testdata/seed_main.go.txt")
	if os.Getenv("UPDATE") != "" {
		err = os.WriteFile("testdata/seed_main.go.txt", p.Files["main.go"], 0o644)
		want = p.Files["main.go"]
	}
	if err != nil {
		t.Fatal(err)
	}
	if string(want) != string(p.Files["main.go"]) {
		t.Error("the program has changed: look at it, then run the test with UPDATE=1")
	}
}

// Statements and the Go line that each must become.
var lines = []struct{ python, want string }{
	{"from keras.layers import Input, Dense\nx = Dense(3, activation='relu', use_bias=False)(Input((4,)))\nprint(x)", ""},
	{"from keras.layers import *\nfrom keras.models import Model\ni = Input(shape=(8, 8, 3))\no = Conv2D(4, (3, 5), strides=(2, 2), padding='same')(i)\nm = Model(i, o)\nm.summary()",
		`layers.Conv2D(4, [2]int{3, 5}).Strides(2).Padding("same").Apply(i)`},
	{"from keras.models import Sequential\nfrom keras.layers import Dense\nm = Sequential()\nm.add(Dense(1, input_dim=2))\nm = Sequential()\nm.add(Dense(1, input_dim=3))\nm.summary()", "must.M(m.Add(functional.Input(3).Layer()))"},
	{"from keras.layers import *\ni = Input((8, 8, 3))\nx = UpSampling2D((2, 2))(i)\nx = ZeroPadding2D(((1, 1), (1, 1)))(x)\nx = MaxPooling2D((2, 3))(UpSampling2D(size=(1, 2))(x))\nprint(x.shape)",
		"layers.MaxPooling2D().PoolSize(2, 3).Apply(layers.UpSampling2D().Size(1, 2).Apply(x))"},
	{"import tensorflow as tf\nm = tf.keras.Sequential([tf.keras.layers.Dense(2, input_dim=3)])\nm.summary()", "functional.Input(3),"},
	{"from keras.models import Sequential\nfrom keras.layers.core import Dense\nm = Sequential()\nm.add(Dense(output_dim=2, input_dim=3, init='uniform'))\nm.summary()",
		`must.M(m.Add(layers.Dense(2).KernelInitializer("uniform")))`},
	{"from keras.models import Sequential\nfrom keras.layers import Dense\nfrom keras.optimizers import SGD\nm = Sequential([Dense(1, input_shape=(2,))])\nm.compile(SGD(lr=0.1, momentum=0.9, nesterov=True), 'mse')",
		`must.M(m.Compile(functional.Compile{Optimizer: optimizers.SGD(0.1).Momentum(0.9).Nesterov(true), Loss: "mse"}))`},
	{"from functools import partial\nfrom tensorflow import keras\nConv = partial(keras.layers.Conv2D, kernel_size=3, padding='same', kernel_regularizer=keras.regularizers.l2(0.1))\nm = keras.Sequential([keras.layers.Input((8, 8, 1)), Conv(filters=4, kernel_size=5)])\nm.summary()",
		`layers.Conv2D(4, 5).Padding("same").KernelRegularizer(regularizers.L2(0.1)),`},
	{"from tensorflow import keras\nv = keras.layers.TextVectorization(max_tokens=9)\nv.adapt(['a b', 'c'])\nprint(len(v.get_vocabulary()))", `v.Adapt([]string{"a b", "c"})`},
	{"import matplotlib.pyplot as plt\nf, axes = plt.subplots(1, 2)\nplt.sca(axes[1])\nplt.plot([1, 2])\nplt.ylim([min(plt.ylim()), 3])\nplt.show()", "plt.Ylim(slices.Min(limits(plt.Gca().GetYlim())), 3)"},
	{"import numpy as np\nimport tensorflow as tf\nloss = tf.keras.losses.SparseCategoricalCrossentropy(from_logits=True)\nprint(loss(np.array([1]), np.array([[0.5, 1.0]])).numpy())", "lossOf(loss, np.Of([]int{1}), np.Of([][]float64{{0.5, 1.0}}))"},
	{"import numpy as np\nimport keras\nclass Show(keras.callbacks.Callback):\n    def on_epoch_end(self, epoch, logs=None):\n        print(self.model.predict(np.ones((1, 2)), verbose=0).shape)\nm = keras.Sequential([keras.layers.Input((2,)), keras.layers.Dense(1)])\nm.compile('sgd', 'mse')\nm.fit(np.ones((4, 2)), np.ones(4), callbacks=[Show()])\nprint(m.evaluate(np.ones((4, 2)), np.ones(4), return_dict=True)['loss'])", ".Model().(*functional.Model).Predict("},
	{"from sklearn.decomposition import PCA\nfrom sklearn.datasets import make_blobs\nimport numpy as np\nx, y = make_blobs(n_samples=9, centers=np.array([[0.0, 0.0], [3.0, 3.0]]), random_state=1)\nprint(PCA(n_components=1, random_state=42).fit_transform(x).shape)", "sk.Centers{Values: np.Of([][]float64{{0.0, 0.0}, {3.0, 3.0}})}"},
	{"import keras\nclass MyDense(keras.layers.Layer):\n    def __init__(self, units, activation=None):\n        super().__init__()\n        self.d = keras.layers.Dense(units)\n        self.activation = keras.activations.get(activation)\n    def call(self, x):\n        return self.activation(self.d(x))\ni = keras.layers.Input((3,))\nm = keras.Model(i, MyDense(2)(MyDense(4, activation='relu')(i)))\nprint(m.output_shape)", "ops.Relu(d2.Apply(x))"},
	{"import os\nimport urllib.request\nimport matplotlib.pyplot as plt\nif not os.path.exists('a.csv'):\n    urllib.request.urlretrieve('https://example.com/a.csv', 'a.csv')\nplt.plot([1, 2])\nplt.savefig('a.png', format='png', dpi=300)", `fetchTo("https://example.com/a.csv", "a.csv")`},
	{"from keras.callbacks import EarlyStopping\nc = EarlyStopping(monitor='val_loss', patience=3, restore_best_weights=True)\nd = [c]\nprint(len(d))",
		`callbacks.EarlyStopping().Monitor("val_loss").Patience(3).RestoreBestWeights(true)`},
	{"a = 3\nb = a / 2\nprint(f'{b:.2f} and {a:d}%')", `fmt.Printf("%.2f and %d%%\n", b, a)`},
	{"a = 7\nprint(a // 2, a % 3, a ** 2)", "fmt.Println(floorDiv(a, 2), mod(a, 3), power(a, 2))"},
	{"print('loss: %.3f %s' % (1.5, 'x'))", `fmt.Printf("loss: %.3f %v\n", 1.5, "x")`},
	{"print('{} of {:>5}'.format(1, 2))", `fmt.Printf("%d of %5d\n", 1, 2)`},
	{"xs = [1, 2, 3]\nys = [x * 2 for x in xs if x > 1]\nprint(ys)", "list = append(list, x*2)"},
	{"out = []\nfor i in range(3):\n    out.append(i * 0.5)\nprint(out)", "var out []float64"},
	{"for i, n in enumerate(['a', 'b']):\n    print(i, n)", `for i, n := range []string{"a", "b"} {`},
	{"def f(a, b=2):\n    return a + b\nprint(f(1), f(1.5))", "func f2(a float64, b int) float64 {"},
	{"a, b = 1, 2\na, b = b, a\nprint(a, b)", "a, b = b, a"},
	{"n = 1\nif n > 2:\n    x = 1\nelse:\n    x = 2\nprint(x)", "var x int"},
	{"d = {}\nfor i in range(3):\n    d['k%d' % i] = i * 0.5\nprint(d.get('k1', 0), 'k2' in d, len(d))", "d := map[string]float64{}"},
	{"d = {'a': 1, 'b': 2}\ne = {v: k for k, v in d.items()}\nprint(e[1])", "put(made, v, k)"},
	{"d = dict([(v, k) for (k, v) in {'a': 1}.items()])\nprint(d[1])", "func() map[int]string {"},
	{"text = 'hello'\nchars = sorted(list(set(text)))\nindex = dict((c, i) for i, c in enumerate(chars))\nprint(index['h'], chars)", `unique(strings.Split(text, ""))`},
	{"m = [[i * j for j in range(3)] for i in range(2)]\nprint([x for row in m for x in row])", "for _, x := range row {"},
	{"with open('a.txt', encoding='utf8') as f:\n    for line in f:\n        print(line.strip().split(','))", `f := openText("a.txt", "r")`},
	{"import matplotlib.pyplot as plt\nplt.plot([1, 2])\nplt.ylabel('loss', fontsize='large')\nplt.show()", `plt.Ylabel("loss", plt.FontSize(12))`},
	{"import numpy as np\nfrom tensorflow import keras\nfrom tensorflow.keras import layers\nkeras.utils.disable_interactive_logging()\nm = keras.Sequential([layers.Normalization(), layers.Rescaling(2.0)])\nm.layers[0].adapt(np.ones((4, 2)))",
		"must.M(m.Layers()[0].(interface{ Adapt(any) error }).Adapt("},
	{"from tensorflow import keras\nfrom tensorflow.keras import layers\nclass Block(layers.Layer):\n    def __init__(self):\n        super().__init__()\n        self.d = layers.Dropout(0.5)\n    def call(self, inputs, training):\n        return self.d(inputs, training=training)\ni = keras.Input((4,))\nm = keras.Model(i, Block()(i))\nm.summary()",
		"return d.Apply(inputs)"},
	{"try:\n    import plaidml\nexcept ImportError:\n    pass\nx = 1\nprint(x)", "fmt.Println(x)"},
	{"x = 0\ntry:\n    x = int('a')\nexcept ValueError as e:\n    print('bad', e)\nprint(x)", "failed := try(func() {"},
	{"print(sorted([3, 1, 2], key=lambda v: -v), list(map(lambda v: v + 1, [1, 2])))", "sortedBy([]int{3, 1, 2}, func(item int) int { return function(item) }, false)"},
	{"from keras.datasets import imdb\nfrom keras.preprocessing.sequence import pad_sequences\n(a, b), (c, d) = imdb.load_data(num_words=500)\na = pad_sequences(a, maxlen=20)\nprint(len(c[0]), b.shape, a.shape)",
		"datasets.PadSequences(a, datasets.PadOptions{MaxLen: 20})"},
	{"from keras.preprocessing.text import Tokenizer\nt = Tokenizer(num_words=9, oov_token='?')\nt.fit_on_texts(['a b', 'b c'])\nprint(t.texts_to_sequences(['b a']), t.word_index['b'])",
		`&datasets.Tokenizer{NumWords: 9, OOVToken: pointer("?")}`},
	{"from tensorflow.keras.applications.vgg16 import VGG16, preprocess_input, decode_predictions\nimport numpy as np\nm = VGG16(weights='imagenet')\np = m.predict(preprocess_input(np.zeros((1, 224, 224, 3))))\nfor (i, name, score) in decode_predictions(p, top=3)[0]:\n    print(name, score)",
		"score := item.Score"},
	{"from tensorflow.keras.preprocessing import image\nimport numpy as np\nx = image.img_to_array(image.load_img('a.png', target_size=(8, 8)))\nx = np.expand_dims(x, axis=0)\nprint(x.shape)",
		`datasets.LoadImage("a.png", datasets.LoadImageOptions{TargetSize: [2]int{8, 8}})`},
	{"from keras.models import Sequential\nfrom keras.layers import Dense\nm = Sequential([Dense(1, input_shape=(2,))])\nw = m.get_weights()\nm.layers[0].set_weights(w)\nprint(w[0].shape, len(m.layers[:1]))",
		"must.M(m.Layers()[0].Base().SetWeights(tensorsOf(w...)))"},
	{"import pandas as pd\ndf = pd.read_csv('a.csv', sep=';', header=None)\nx, y = df.iloc[:, :-1].values, df.iloc[:, -1]\nprint(x.shape, y.mean(), df.shape[0])", `df.Cols(np.S(":-1")).Values()`},
	{"import pandas as pd\nfrom sklearn.model_selection import train_test_split\ndf = pd.read_csv('a.csv')\ndf['n'] = df['a'] / df['a'].max()\nX = df.drop('y', axis=1)\na, b, c, d = train_test_split(X, df['y'], test_size=0.2, random_state=1)\nprint(a.head(), d.shape)",
		`df.Put("n", np.Divide(df.Col("a"), pd.Max(df.Col("a"))))`},
	{"import pandas as pd\ndf = pd.read_csv('a.csv', names=['p', 'q'])\ndf.dropna(inplace=True)\nprint(df[df.p > 1].isnull().sum())\ndf['q'] = df['q'].map({'M': 1, 'F': 0})\ndf = pd.get_dummies(df, columns=['p'], drop_first=True)\ndf.info()",
		`pd.Replace(df.Col("q"), map[string]int{"M": 1, "F": 0})`},
	{"from keras import backend as K\nfrom keras.models import Sequential\nfrom keras.layers import Dense\ndef rmse(t, p):\n    return K.sqrt(K.mean(K.square(t - p), axis=-1))\nm = Sequential([Dense(1, input_shape=(2,))])\nm.compile('adam', loss=rmse)",
		`functional.LossFunc("rmse", func(yTrue, yPred *functional.Tensor) *functional.Tensor { return rmse(yTrue, yPred) })`},
	{"from keras.layers import Input, LSTM, Lambda\nx = Input((3, 2))\ny, h, c = LSTM(4, return_state=True)(x)\nz = Lambda(lambda v: v * 2)(h)\nw = z[:, 1:3]", "layers.LSTM(4).ReturnState(true).ApplyMulti(x)"},
	{"from tensorflow import keras\nclass Block(keras.layers.Layer):\n    def __init__(self, units, **kwargs):\n        super().__init__(**kwargs)\n        self.a = keras.layers.Dense(units)\n    def call(self, x, training=False):\n        return self.a(x) + x\ni = keras.Input((4,))\no = Block(4, name='b')(i)\nm = keras.Model(i, o)\nm.summary()",
		"func call(x *functional.Tensor, training bool) *functional.Tensor {"},
	{"import tensorflow as tf\nimport numpy as np\nclass Net(tf.keras.Model):\n    def __init__(self):\n        super(Net, self).__init__()\n        self.d = tf.keras.layers.Dense(1)\n    def call(self, x):\n        return self.d(x)\nnet = Net()\nnet.compile('adam', 'mse')\nx = np.ones((4, 2))\nnet.fit(x, x[:, 0], epochs=2)\nnet.summary()",
		`inputs := functional.Input(x.Shape()[1:]...)`},
	{"import tensorflow as tf\nimport numpy as np\nclass Stop(tf.keras.callbacks.Callback):\n    def on_epoch_end(self, epoch, logs={}):\n        if logs.get('loss') < 0.4:\n            print('done')\n            self.model.stop_training = True\ns = Stop()\nm = tf.keras.Sequential([tf.keras.layers.Dense(1, input_shape=(2,))])\nm.compile('adam', 'mse')\nm.fit(np.ones((4, 2)), np.ones(4), callbacks=[s])",
		"stop.EpochEnd = func(epoch int, logs *callbacks.Logs) error"},
	{"class Counter:\n    def __init__(self, start=0):\n        self.n = start\n    def add(self, k):\n        self.n += k\n        return self.n\nc = Counter(2)\nprint(c.add(3), c.n)", "func add(k int) int {"},
	{"import os, sys\nif len(sys.argv) > 1:\n    sys.exit(1)\nfor f in os.listdir('.'):\n    if f.endswith('.csv'):\n        print(os.path.join('d', f), os.path.basename(f))", `listDir(".")`},
	{"import numpy as np\ndef batches(x, n):\n    while True:\n        for i in range(0, len(x), n):\n            yield x[i:i + n], x[i:i + n, 0]\ng = batches(np.ones((4, 2)), 2)\na, b = next(g)\nprint(a.shape, b.shape)",
		"if !yield(datasets.Element{X: "},
	{"import tensorflow as tf\nimport numpy as np\nds = tf.data.Dataset.from_tensor_slices((np.ones((6, 2)), np.arange(6)))\nds = ds.map(lambda x, y: (x / 2, y)).filter(lambda x, y: y > 2).batch(2)\nfor x, y in ds.take(1):\n    print(x.shape, y.numpy())",
		"Map(mapTwoToTwo(func(x, y *np.Array) (*np.Array, *np.Array) { return function(x, y) })).Filter(keepTwo("},
	{"import tensorflow as tf\nds = tf.data.Dataset.range(10).window(5, shift=1, drop_remainder=True).flat_map(lambda w: w.batch(5)).map(lambda w: (w[:-1], w[-1:]))\nfor i, (x, y) in enumerate(ds):\n    print(i, x, y)",
		"Window(datasets.WindowOptions{Size: 5, Shift: 1, DropRemainder: true}).Map(mapOneToTwo("},
	{"x = 4\nfor i in range(3):\n    x = x * 0.5\nprint(x)", "x := 4.0"},
	{"import numpy as np\ntotal = 0\nfor i in range(3):\n    total = total + np.ones(2)\nprint(total)", "total := np.Of(0)"},
	{"from collections import Counter, defaultdict\nd = defaultdict(int)\nfor w in 'a b a'.split():\n    d[w] += 1\nprint(d['a'], Counter('aab')['a'])", `d := map[string]int{}`},
	{"import numpy as np\nseen = []\nfor i, row in enumerate(np.eye(3), start=1):\n    if row not in seen:\n        seen.append(row)\n        print(i)", "if !containsArray(seen, row) {"},
	{"import numpy as np\nr = np.random.RandomState(3)\nprint(np.c_[r.rand(2), np.zeros(2)], np.random.choice([0, 1], size=(2, 2), p=[0.5, 0.5]))", "np.ColumnStack([]*np.Array{r.Rand(2), np.Zeros(2)})"},
	{"import matplotlib.pyplot as plt\nbars = plt.bar(range(3), [1, 2, 3])\nbars[0].set_color('red')\nplt.axis([0, 1, 2, 3])\nplt.grid('on')\nplt.title(3)\nplt.show()", "plt.Ylim(2, 3)"},
	{"import matplotlib.pyplot as plt\ndef draw(v):\n    plt.plot(v)\n    return plt\ndraw([1, 2]).show()", "draw([]int{1, 2})"},
	{"import seaborn as sns\nimport pandas as pd\ndf = pd.read_csv('a.csv')\nsns.scatterplot(data=df, x='a', y='b')\nsns.countplot(x=df['c'])", `plt.Scatter(df.Col("a"), df.Col("b"))`},
	{"from keras.layers import Dense, Lambda\nfrom keras.models import Sequential\nfrom keras import backend as K\nm = Sequential([Dense(3, input_shape=(2,)), Lambda(lambda x: K.abs(x))])\nprint(K.int_shape(m.output), m.layers[0].output_shape[-1])",
		`functional.LayerFunc("notebook>Lambda1", func(_ *functional.LayerBody, x []*functional.Tensor) *functional.Tensor { return `},
	{"from sklearn.datasets import load_iris\nfrom sklearn.preprocessing import MinMaxScaler\nX, y = load_iris(return_X_y=True)\nd = load_iris()\nprint(d['target'].shape, d.keys(), MinMaxScaler(feature_range=(-1, 1)).fit_transform(X).min())", "sk.NewMinMaxScaler(-1, 1)"},
	{"import argparse\nparser = argparse.ArgumentParser(description='x')\nparser.add_argument('-e', '--epochs', type=int, default=3, help='how many')\nhelp_ = 'a ' + 'b'\nparser.add_argument('--rate', type=float, help=help_)\nparser.add_argument('--lr', default=0.1)\nparser.add_argument('--quiet', action='store_true')\nargs = parser.parse_args()\nif not args.quiet:\n    print(args.epochs + 1, args.lr)",
		`flag.Int("epochs", 3, "how many")`},
	{"import zipfile\nwith zipfile.ZipFile('a.zip', 'r') as z:\n    z.extractall('/tmp/a')\nr = zipfile.ZipFile('b.zip')\nr.extractall()\nr.close()", `extractAll(z, "/tmp/a")`},
	{"import numpy as np\nfrom keras.models import Sequential\nfrom keras.layers import Dense\nm = Sequential([Dense(1, input_shape=(2,))])\nm.compile('adam', 'mse', metrics=['mae'])\nx = np.ones((4, 2))\nm.fit(x, x[:, 0], epochs=4, validation_data=(x, x[:, 0]), validation_freq=[1, 4])\nm.fit(x, x[:, 0], validation_data=(x, x[:, 0]), validation_freq=2)",
		"ValidationEpochs: []int{1, 4}"},
	{"import numpy as np\nfrom keras.models import Sequential\nfrom keras.layers import Dense\nm = Sequential([Dense(1, input_shape=(2,))])\nm.compile('adam', 'mse', metrics=['mae'])\nx = np.ones((4, 2))\nscores = m.evaluate(x, x[:, 0])\nprint(m.metrics_names[1], scores[1])", "scores.Names[1]"},
	{"import numpy as np\nfrom keras.models import Sequential\nfrom keras.layers import Dense\nm = Sequential([Dense(1, input_shape=(2,))])\nm.compile('adam', 'mse', metrics=['mae'])\nx = np.ones((4, 2))\nfrom keras.callbacks import LambdaCallback\ndef tell(epoch, logs):\n    print(epoch)\nm.fit(x, x[:, 0], callbacks=[LambdaCallback(on_epoch_end=tell, on_train_begin=lambda logs: print('go'))])",
		"&callbacks.LambdaCallback{EpochEnd: func(epoch int, logs *callbacks.Logs) error { tell(epoch, logValues(logs)); return nil }"},
	{"from IPython.display import SVG\nfrom keras.utils.vis_utils import model_to_dot\nimport numpy as np\nfrom keras.models import Sequential\nfrom keras.layers import Dense\nm = Sequential([Dense(1, input_shape=(2,))])\nm.compile('adam', 'mse', metrics=['mae'])\nx = np.ones((4, 2))\nSVG(model_to_dot(m, show_shapes=True).create(prog='dot', format='svg'))", `plots.Model(m, "model.svg", plots.ModelOptions{ShowShapes: true})`},
	{"import numpy as np\nfrom sklearn.preprocessing import OneHotEncoder\nx = np.arange(6).reshape(3, 2)\nx = OneHotEncoder(categorical_features=[1]).fit_transform(x).toarray()\nprint(x)", "sk.NewColumnTransformer(sk.PassThrough, sk.On{Transformer: sk.NewOneHotEncoder(), Columns: []int{1}})"},
	{"import matplotlib.pyplot as plt\nfig, ax = plt.subplots()\nax.plot([1, 2], 'y')\nother = ax.twinx()\nother.plot([5, 3], 'b', label='acc')\nother.legend(loc='upper left')\nax.axvline(x=1, color='r')\nax.annotate('here', xy=(1, 2), xytext=(0, 1.5), arrowprops=dict(color='black'))\nplt.show()", "other := ax[0][0].Twinx()"},
	{"from google.colab import files\nfiles.upload()\nimport numpy as np\nr = np.unique([1, 1, 2], return_counts=True)\nprint(r)", "np.UniqueCounts([]int{1, 1, 2})"},
	{"from keras.datasets import mnist\n(a, b), (c, d) = mnist.load_data()\nprint(a[0], b[0], c[0], d[0])", `a, b, c, d := loadData("mnist")`},
	{"import matplotlib.pyplot as plt\nfor i in range(9):\n    plt.subplot(330 + 1 + i)\n    plt.semilogx([1, 2])\nplt.show()", "plt.Subplot((330 + 1) + i)"},
	{"import pandas as pd\nimport tensorflow as tf\ny = pd.get_dummies(pd.read_csv('a.csv'))\nepochs = range(1, 9)\nprint(epochs[2:], tf.argmax(y, axis=1))", `np.Argmax(y.Values(), 1)`},
	{"x = [1.5]\nif isinstance(x, int) or isinstance(x, str):\n    print('no')\nelif isinstance(x, list) and x[0] > 1:\n    print('yes')", "if x[0] > 1 {"},
	{"import numpy as np\nfrom keras.models import Sequential\nfrom keras.layers import Dense\nm = Sequential([Dense(1, input_shape=(2,))])\nm.compile('adam', 'mse', metrics=['accuracy'])\nh = m.fit(np.ones((4, 2)), np.ones(4))\nprint(h.history['acc'][-1])", `accuracies(h.History, "acc")`},
	{"for d in reversed(range(1, 3)):\n    print(d)", "reversed("},
	{"import pandas as pd\ndf = pd.read_csv('a.csv')\ndf['m'] = df['a'].rolling(5).mean()\nprint(df['a'].shift(1), df['a'].diff(2), df['a'].pct_change())", `df.Put("m", pd.Rolling(df.Col("a"), 5, 5, pd.Mean))`},
	{"import tensorflow as tf\nprint(tf.math.confusion_matrix([0, 1], [1, 1]))", "sk.ConfusionMatrix([]int{0, 1}, []int{1, 1})"},
	{"import numpy as np\nfrom keras.models import Sequential\nfrom keras.layers import Dense\nm = Sequential([Dense(1, input_shape=(2,))])\nm.compile('adam', 'mse')\nh = m.fit(np.ones((4, 2)), np.ones(4))\nprint(sorted(h.history))", "slices.Sorted(maps.Keys(h.History))"},
	{"import keras\nimport numpy as np\nfrom keras.models import Sequential\nfrom keras.layers import Dense\nm = Sequential([Dense(1, input_shape=(2,))])\nm.compile('adam', 'mse')\nclass Tell(keras.callbacks.Callback):\n    def on_train_begin(self, logs=None):\n        print(self.params['epochs'])\n    def on_test_end(self, logs=None):\n        print(self.params['steps'])\nm.fit(np.ones((4, 2)), np.ones(4), callbacks=[Tell()])", ".TestEnd = func("},
	{"import numpy as np\nimport keras\nimport tensorflow as tf\nclass Net(keras.Model):\n    def __init__(self):\n        super().__init__()\n        self.d = keras.layers.Dense(1)\n    def call(self, x):\n        return self.d(x)\nnet = Net()\nopt = keras.optimizers.SGD()\nfor x in [np.ones((2, 3)), np.zeros((2, 3))]:\n    with tf.GradientTape() as tape:\n        loss = tf.reduce_mean(net(x))\n    g = tape.gradient(loss, net.trainable_variables)\n    opt.apply_gradients(zip(g, net.trainable_variables))\nprint(net.count_params())",
		"if net == nil {"},
	{"import keras\nfor name, o in [('a', keras.optimizers.SGD(0.1)), ('b', keras.optimizers.Adam())]:\n    print(name, o.__class__.__name__)", "[]optimizers.Optimizer{optimizers.SGD(0.1), optimizers.Adam("},
	{"d = {'a': 1}\nprint(d.keys(), d.values())", `"dict_keys("+repr(keysOf(d))+")"`},
	{"import numpy as np\nimport keras\nimport tensorflow as tf\nclass Gan(keras.Model):\n    def __init__(self, generator):\n        super().__init__()\n        self.generator = generator\n    def train_step(self, x):\n        with tf.GradientTape() as tape:\n            loss = tf.reduce_mean(self.generator(x))\n        g = tape.gradient(loss, self.generator.trainable_weights)\n        self.optimizer.apply_gradients(zip(g, self.generator.trainable_weights))\n        return {'loss': loss}\nclass Monitor(keras.callbacks.Callback):\n    def on_epoch_end(self, epoch, logs=None):\n        print(self.model.generator(np.ones((1, 2))).numpy())\ngan = Gan(keras.Sequential([keras.Input((2,)), keras.layers.Dense(1)]))\ngan.compile(optimizer='sgd')\ngan.fit(np.ones((4, 2)), epochs=1, callbacks=[Monitor()])",
		"monitor.EpochEnd = func("},
	{"import keras\nm = keras.Sequential([keras.Input((2,)), keras.layers.Dense(3, activation='relu')])\nl = m.layers[0]\nprint(l.units, l.activation.__name__, l.bias.numpy(), l.get_config()['units'], m.get_config()['name'])\nfor l in m.layers:\n    print(l.use_bias)", `layerArgument[int](l, "units")`},
	{"import keras\nm = keras.Sequential([keras.Input((8, 8, 1)), keras.layers.Conv2D(3, 3)])\nprint(m.get_layer(index=0).kernel_size)", `layerSizes(m.Layers()[0], "kernel_size")`},
	{"from keras.callbacks import ModelCheckpoint\nc = ModelCheckpoint('a.keras', save_best_only='True')", `SaveBestOnly(true)`},
	{"import seaborn as sns\nimport pandas as pd\ndf = pd.read_csv('a.csv')\nsns.pairplot(df.sort_values('b'), hue='k')", `pairPlot(df.SortValues(true, "b"), "k")`},
	{"from sklearn.metrics import ConfusionMatrixDisplay, confusion_matrix, precision_recall_fscore_support\ncm = confusion_matrix([0, 1], [1, 1])\ndisp = ConfusionMatrixDisplay(cm, display_labels=['a', 'b'])\ndisp.plot(cmap='Blues')\np, r, f, _ = precision_recall_fscore_support([0, 1], [1, 1], average='weighted')\nprint(p, r, f)",
		`plt.Heatmap(cm, plt.Labels([]string{"a", "b"}), plt.Annot(true), plt.Fmt("d"), plt.Cmap("Blues"))`},
	{"from keras import backend as K\nfrom keras.layers import Conv2D, Dense\nfrom keras.models import Sequential\nK.set_image_dim_ordering('th')\nm = Sequential([Conv2D(4, 3, input_shape=(1, 8, 8)), Dense(2)])\nprint(K.image_data_format())", `layers.Conv2D(4, 3).DataFormat("channels_first")`},
	{"from keras.callbacks import ModelCheckpoint\nc = ModelCheckpoint('a.keras', save_freq='epoch', save_best_only=True)", `callbacks.ModelCheckpoint("a.keras").SaveBestOnly(true)`},
	{"import argparse\nfrom pathlib import Path\np = argparse.ArgumentParser()\np.add_argument('--data', type=Path, default=None)\nargs = vars(p.parse_args())\nprint(args['data'] / 'a.csv')", `flag.String("script-data", "", "")`},
	{"import tensorflow as tf\nm = tf.keras.Sequential([tf.keras.layers.Lambda(lambda x: tf.expand_dims(x, axis=-1), input_shape=[None]), tf.keras.layers.LSTM(3)])\nm.summary()", "functional.Input(functional.None)"},
	{"import keras\nkeras.mixed_precision.set_global_policy('mixed_float16')\nm = keras.Sequential([keras.layers.Dense(1, input_shape=(2,))])\nk = keras.models.clone_model(m)\nk.summary()", `must.M(functional.SetDTypePolicy("mixed_float16"))`},
	{"import tensorflow as tf\ndef load(path):\n    img = tf.io.read_file(path)\n    img = tf.image.decode_jpeg(img, channels=3)\n    return tf.image.resize(img, [8, 8]) / 255.\nprint(load('a.jpg').shape)", "callLayer(layers.Resizing(8, 8), "},
	{"import keras\nclass Linear(keras.layers.Layer):\n    def __init__(self, units=32, **kwargs):\n        super().__init__(**kwargs)\n        self.units = units\n    def build(self, input_shape):\n        self.w = self.add_weight(shape=(input_shape[-1], self.units), initializer='random_normal', trainable=True)\n        self.b = self.add_weight(shape=(self.units,), initializer='zeros', name='bias')\n    def call(self, x):\n        return keras.ops.matmul(x, self.w) + self.b\ni = keras.Input((4,))\nm = keras.Model(i, Linear(2, name='mine')(i))\nm.summary()",
		"b := l.AddWeight(bias)"},
	{"import keras\nclass A(keras.layers.Layer):\n    def build(self, s):\n        self.d = keras.layers.Dense(3)\n        self.w = self.add_weight(shape=(3,))\n    def call(self, x):\n        return self.d(x) * self.w\ni = keras.Input((4,))\ny = A()(i)",
		"aWeight := functional.LayerFunc("},
	{"import keras\nclass A(keras.layers.Layer):\n    def build(self, s):\n        self.v = self.add_weight(name='w', shape=(4,))\n        self.w = self.add_weight(name='w', shape=(4,))\n    def call(self, x):\n        return x * self.v * self.w\ni = keras.Input((4,))\ny = A()(i)", ""},
	{"import keras\nclass A(keras.layers.Layer):\n    def build(self, s):\n        for n in range(2):\n            self.w = self.add_weight(shape=(4,))\n    def call(self, x):\n        return x * self.w\ni = keras.Input((4,))\ny = A()(i)", ""},
	{"import keras\nclass A(keras.layers.Layer):\n    def build(self, s):\n        self.w = self.add_weight(shape=(4,), dtype='float64')\n    def call(self, x):\n        return x * self.w\ni = keras.Input((4,))\ny = A()(i)", ""},
	{"import keras\nclass A(keras.layers.Layer):\n    def build(self, s):\n        self.w = self.add_weight(shape=())\n    def call(self, x):\n        self.w.assign(keras.ops.sum(x))\n        return x\ni = keras.Input((4,))\ny = A()(i)", ""},
	{"from keras.layers import Input, Convolution2D, MaxPooling2D, merge\nfrom keras.models import Model\nx = Input((8, 8, 1))\na = Convolution2D(4, 3, 3, border_mode='same', dim_ordering='tf')(x)\nb = Convolution2D(nb_filter=4, nb_row=3, nb_col=5, border_mode='same')(x)\nm = Model(input=x, output=merge([a, b], mode='concat', concat_axis=-1))",
		"b := layers.Conv2D(4, [2]int{3, 5}).Padding(\"same\").Apply(x)"},
	{"from keras.layers import Input, AtrousConvolution2D, merge\nx = Input((8, 8, 1))\na = AtrousConvolution2D(4, 3, 3, atrous_rate=(2, 2))(x)\ny = merge([a, a], mode='sum')", "layers.Conv2D(4, 3).DilationRate(2).Apply(x)"},
	{"from keras.layers import Input, Dense\nfrom keras.models import Model\nfrom keras import backend as K\nx = Input((4,))\nz = Dense(2)(x)\ny = Dense(4)(z)\nm = Model(x, y)\nm.add_loss(K.mean(K.square(x - y)))\nm.compile(optimizer='adam')\nimport numpy as np\nm.fit(np.ones((4, 4)), epochs=2, validation_data=(np.ones((4, 4)), None))",
		"must.M(m.AddLoss(ops.Mean(ops.Square(ops.Subtract(x, y)))))"},
	{"import numpy as np\nfrom keras.models import Sequential\nfrom keras.layers import Dense\nfrom keras import backend as K\nm = Sequential([Dense(3, input_shape=(2,)), Dense(1)])\nf = K.function([m.layers[0].input, K.learning_phase()], [m.layers[0].output])\nprint(f([np.ones((1, 2)), 0])[0].shape)",
		"f := must.M1(functional.NewModel([]*functional.Tensor{m.Layers()[0].Base().Input()}, []*functional.Tensor{m.Layers()[0].Base().Output()}))"},
	{"from keras.preprocessing.image import ImageDataGenerator\nfrom keras.models import Sequential\nfrom keras.layers import Dense, Flatten\ng = ImageDataGenerator().flow_from_directory('a', batch_size=8)\nm = Sequential([Flatten(input_shape=(256, 256, 3)), Dense(2)])\nm.compile('sgd', 'mse')\nm.fit_generator(g, samples_per_epoch=100, nb_epoch=2, validation_data=g, nb_val_samples=20)\nprint(m.evaluate_generator(g, val_samples=9), g.batch_size)",
		"StepsPerEpoch: stepsOfSamples(g, 100), ValidationSteps: stepsOfSamples(g, 20)"},
	{"from keras.models import Sequential\nfrom keras.layers import Dense, Flatten\nparts = []\nparts.append(Flatten(input_shape=(2, 3)))\nfor n in [4, 5]:\n    parts.append(Dense(n))\nm = Sequential(parts)\nm.summary()", "functional.Input(2, 3),"},
	{"import keras\nclass Net(keras.Model):\n    def __init__(self):\n        super().__init__()\n        self.d = keras.layers.Dense(3)\n    def call(self, x):\n        return self.d(x)\nm = Net()\nm.build((None, 4))\nm.summary()", "inputs := functional.Input(4)"},
	{"import keras\nclass Net(keras.Model):\n    def call(self, x):\n        return x\n    def compute_loss(self, x, y, y_pred, sample_weight):\n        return 0\nm = Net()", ""},
	{"import keras\nclass A(keras.layers.Layer):\n    def call(self, x, mask=None):\n        return x if mask is None else x * mask\nx = keras.layers.Embedding(9, 4, mask_zero=True)(keras.Input((3,)))\ny = A()(x)", ""},
	{"import tensorflow as tf\nx = tf.constant([1.0])\nwith tf.GradientTape() as tape:\n    y = x * x\nprint(tape.gradient(y, x))", ""},
}

func TestLines(t *testing.T) {
	for _, l := range lines {
		p := translateText(t, l.python)
		main := string(p.Files["main.go"])
		if l.want == "" {
			if p.Report.Whole() {
				t.Errorf("%s\nnothing is left of it", l.python)
			}
			continue
		}
		if !strings.Contains(main, l.want) {
			t.Errorf("%s\nhasn't %q:\n%s", l.python, l.want, main)
		}
		if !p.Report.Whole() {
			t.Errorf("%s\n%s", l.python, p.Report.Markdown())
		}
	}
}

// TestLanguage runs the programs of scripts in testdata, which must print what CPython printed: language.txt, by
//
//	python port/testdata/language.py > port/testdata/language.txt
func TestLanguage(t *testing.T) {
	for i, name := range []string{"language", "pipelines", "steps", "tables", "gradients", "habits", "values", "parts", "containers", "flow", "jsons", "turns", "draws", "everyday", "columns", "loops", "modules", "variables", "tensors", "training"} {
		if testing.Short() && i%4 > 0 { // building and linking each takes seconds
			continue
		}
		t.Run(name, func(t *testing.T) { testLanguage(t, name) })
	}
}

func testLanguage(t *testing.T, name string) {
	raw, err := os.ReadFile("testdata/" + name + ".py")
	if err != nil {
		t.Fatal(err)
	}
	nb, err := ReadScript(raw)
	if err != nil {
		t.Fatal(err)
	}
	p, err := Translate(nb, Options{Name: name + ".py", Folder: "testdata", Replace: ".."})
	if err != nil {
		t.Fatal(err)
	}
	if !p.Report.Whole() {
		t.Fatal(p.Report.Markdown())
	}
	dir := t.TempDir()
	if err := p.Write(dir); err != nil {
		t.Fatal(err)
	}
	run := exec.Command("go", "run", ".")
	run.Dir = dir
	var errs bytes.Buffer
	run.Stderr = &errs
	got, err := run.Output()
	if err != nil {
		t.Fatalf("%v\n%s", err, &errs)
	}
	want, err := os.ReadFile("testdata/" + name + ".txt")
	if err != nil {
		t.Fatal(err)
	}
	if string(got) != string(want) {
		t.Errorf("it prints\n%s\nand CPython\n%s", got, want)
	}
}

// TestPackage makes a library of a script.
func TestPackage(t *testing.T) {
	source := "from keras.datasets import imdb, mnist\nfrom keras.models import Sequential\nfrom keras.layers import Dense\ndef build(n):\n    'Makes a model.'\n    m = Sequential([Dense(n, input_shape=(784,))])\n    m.compile('sgd', 'mse')\n    return m\n" +
		"(a, b), (c, d) = mnist.load_data()\n(e, f), (g, h) = imdb.load_data()\nm = build(1)\nm.fit(a.reshape(-1, 784), b, epochs=3)\nprint(len(e))"
	nb, err := ReadScript([]byte(source))
	if err != nil {
		t.Fatal(err)
	}
	p, err := Translate(nb, Options{Name: "a.py", Package: "digits"})
	if err != nil {
		t.Fatal(err)
	}
	checkGo(t, source, p)
	text, help := string(p.Files["digits.go"]), string(p.Files["helpers.go"])
	for _, want := range []string{"package digits", "func Run() (err error) {", "func Build(n int) *functional.Model {", "// Build is the notebook's build."} {
		if !strings.Contains(text, want) {
			t.Errorf("%q is missing:\n%s", want, text)
		}
	}
	if strings.Contains(text+help, "flag.") || !strings.Contains(help, "var Epochs int") || !strings.Contains(help, "DataFolder string") || strings.Contains(help, "*dataset") {
		t.Errorf("flags are left:\n%s", help)
	}
	for _, bad := range []string{"main", "a-b", "np", "func", "_", "fmt"} {
		if _, err := Translate(nb, Options{Package: bad}); err == nil {
			t.Errorf("%s is taken for a package's name", bad)
		}
	}
}

// TestLeft says why things are left, and that what depends on them is left too.
func TestLeft(t *testing.T) {
	p := translateText(t, "import foo\nx = foo.bar(3)\ny = x + 1\nclass A(int):\n    pass\nprint 'old'\nz = 2\nprint(z)")
	var states []string
	for _, i := range p.Report.Items {
		states = append(states, string(i.State))
	}
	if got := strings.Join(states, " "); got != "translated left left left left translated translated" {
		t.Errorf("states are %s", got)
	}
	if note := p.Report.Items[2].Notes[0]; !strings.Contains(note, "depends on line 2") {
		t.Errorf("the reason is %q", note)
	}
	raw, err := p.Report.JSON()
	var read struct{ Left int }
	if err != nil || json.Unmarshal(raw, &read) != nil || read.Left != 4 {
		t.Errorf("the JSON says %d left (%v)", read.Left, err)
	}
}

func TestNotebooks(t *testing.T) {
	old := `{"nbformat": 3, "worksheets": [{"cells": [{"cell_type": "heading", "level": 2, "source": ["Data"]}, {"cell_type": "code", "input": ["%matplotlib inline\n", "x = 1\n", "!ls\n", "print(x)"], "outputs": []}]}]}`
	nb, err := ReadNotebook([]byte(old))
	if err != nil {
		t.Fatal(err)
	}
	p, err := Translate(nb, Options{})
	if err != nil || !p.Report.Whole() || !strings.Contains(string(p.Files["main.go"]), "fmt.Println(x)") {
		t.Errorf("%v\n%s", err, p.Files["main.go"])
	}
	for _, bad := range []string{"", "{", "[]", "{}", `{"cells": 3}`, `{"cells": [{"cell_type": "code", "source": 3}]}`, "\xff\xfe{}", strings.Repeat("[", 1e5),
		`{"cells": [{"cell_type":"code","source":"x"}], "metadata": {"kernelspec": {"language": "R"}}}`} {
		if _, err := ReadNotebook([]byte(bad)); err == nil {
			t.Errorf("%.40q is taken for a notebook", bad)
		}
	}
}

func TestHostile(t *testing.T) {
	for _, source := range []string{
		"x = " + strings.Repeat("[", 90) + strings.Repeat("]", 90), "x = 1" + strings.Repeat(" + 1", 900), "x = " + strings.Repeat("9", 10000),
		"def f(a): return f(a)\nf(1)", "f = lambda g: g(g)\nf(f)", "x = x", "func = 1\nlen = 2\nnil = 3\nmain = 4\nprint(func, nil, main)", "a = b = c = d = 1\ndel a\nprint(a)",
		"print('\\x01' '\\x02' '1\\x020')", "x\u0301 = 1\nprint(x\u0301)", "ä = 1\nprint(ä)", "for i in range(3): pass\nprint(i)", "x = 'a' * 10\nprint(x[-1], x[1:3])",
		"# \x01\x02\nx = 1", "x = '''\n`'''\nprint(x)", "x: int\nx = 1; y = 2", "print(1, 2, sep='')", "def f():\n    pass\nx = f()", "import os.path as p\np.join('a', 'b')",
		"fmt = 1\nnp = 2\nos = 3\nprint(fmt, np, os)", "x = [1, 'a', 2.0]\nprint(x)", "x = 5\nx = 'a'\nx = [x]\nprint(x)", "if True:\n    x = 1\nelse:\n    x = 'a'\nprint(x)",
		"import foo\nfrom keras.layers import Dense, Conv2D\nx = Dense(3, activation=foo)\ny = Conv2D(3, 3, kernel_initializer=foo)\nfoo()",
		"class A:\n    def f(self):\n        return self.f()\na = A()\na.f()\nclass B(B): pass\nclass C:\n    def __init__(self):\n        self.c = C()\nC()", "d = {}\nd[d] = d\ne = {}\nfor k in e:\n    print(k)\nprint(e)",
		"try:\n    x = 1\n    raise ValueError\nexcept:\n    pass\nfinally:\n    y = 2\nprint(x, y)", "with open('a') as f, open('b') as g:\n    pass\nwith 1: pass", "import pandas as pd\ndf = pd.DataFrame()\ndf.x = 1\ndf['a']['b'] = 2\ndf.a.value_counts()",
		"x = [i for i in range(3) for j in range(i)]\ny = {i: {} for i in x}\nz = [print(i) for i in x]", "x = 3\nwhile x > 0:\n    x -= 1\n    if x == 1: break\nelse:\n    pass", "x = {1: 2}\nprint(x[1])", "t = (1, 'a')\na, b = t\nprint(a, b)",
		"from keras.layers import Dense\nx = Dense(10**9)\ny = Dense(-5)\nz = Dense('a')\nw = Dense()\nv = Dense(1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13)",
	} {
		start := time.Now()
		p := translateText(t, source)
		checkGo(t, source, p)
		if took := time.Since(start); took > 5*time.Second {
			t.Errorf("%.30q took %v", source, took)
		}
	}
}

// checkGo looks for what Go's compiler would refuse and a parser sees: bad syntax, names declared twice.
func checkGo(t *testing.T, source string, p *Program) {
	t.Helper()
	for name, text := range p.Files {
		if !strings.HasSuffix(name, ".go") {
			continue
		}
		f, err := parser.ParseFile(token.NewFileSet(), name, text, parser.AllErrors)
		if err != nil {
			t.Errorf("%.60q: %v\n%s", source, err, text)
			continue
		}
		if again, err := format.Source(text); err != nil || string(again) != string(text) {
			t.Errorf("%.60q: %s isn't formatted", source, name)
		}
		seen := map[string]bool{}
		for _, d := range f.Decls {
			if fn, ok := d.(*ast.FuncDecl); ok {
				if seen[fn.Name.Name] {
					t.Errorf("%.60q: two functions %s", source, fn.Name.Name)
				}
				seen[fn.Name.Name] = true
			}
		}
	}
}

func TestSummariesOfAllVersions(t *testing.T) {
	nb := &Notebook{Cells: []Cell{{Outputs: []string{"Model: \"sequential\"\n┃ Layer (type) ┃ Output Shape ┃ Param # ┃\n│ conv2d (Conv2D)  │ (None, 26, 26, 32) │ 320 │\n" +
		"│ dense (Dense) │ (None, 10) │ 5,130 │\n Total params: 5,450 (21.29 KB)\n"}}}}
	mine := "Model: \"sequential\"\n conv2d (Conv2D)             (None, 26, 26, 32)        320       \n dense (Dense)               (None, 10)                5130      \nTotal params: 5450 (21.29 KB)\n"
	if p := CompareOutputs(nb, mine); !p.Holds() || len(p.Rows) != 2 {
		t.Error(p)
	}
	if p := CompareOutputs(nb, strings.Replace(mine, "5130", "5131", 1)); p.Holds() {
		t.Error("a difference wasn't seen")
	}
}

func FuzzTranslate(f *testing.F) {
	for _, l := range lines {
		f.Add(l.python)
	}
	f.Fuzz(func(t *testing.T, source string) {
		nb, err := ReadScript([]byte(source))
		if err != nil {
			return
		}
		slow := time.AfterFunc(10*time.Second, func() { panic(fmt.Sprintf("%q takes too long", source)) })
		defer slow.Stop()
		if _, err := Translate(nb, Options{}); err != nil {
			t.Fatal(err)
		}
	})
}

// TestIndentedCells: IPython takes the indentation of a cell's first line from all lines, and a magic's line goes on after a backslash.
func TestIndentedCells(t *testing.T) {
	cells := `{"cells": [{"cell_type": "code", "source": ["\n", "  x = 1\n", "  if x:\n", "      x = 2\n", " # less\n", "y = 3\n"]},
		{"cell_type": "code", "source": ["!wget --quiet \\\n", "    https://example.org/a.csv \\\n", "    -O a.csv\n", "print(x, y)\n"]}]}`
	nb, err := ReadNotebook([]byte(cells))
	if err != nil {
		t.Fatal(err)
	}
	p, err := Translate(nb, Options{})
	if err != nil || !p.Report.Whole() || !strings.Contains(string(p.Files["main.go"]), "fmt.Println(x, y)") {
		t.Errorf("%v\n%s", err, p.Files["main.go"])
	}
}
