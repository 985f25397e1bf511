"""Digits: convolutions, a checkpoint, an LSTM over the rows."""
import numpy as np
from keras.callbacks import ModelCheckpoint
from keras.datasets import mnist
from keras.layers import LSTM, Conv2D, Dense, Dropout, Flatten, MaxPooling2D
from keras.models import Sequential, load_model
from keras.utils import to_categorical

# %% Data
(x_train, y_train), (x_test, y_test) = mnist.load_data()
x_train = x_train.reshape(-1, 28, 28, 1).astype('float32') / 255
x_test = x_test.reshape(-1, 28, 28, 1).astype('float32') / 255
t_train = to_categorical(y_train, 10)
t_test = to_categorical(y_test, 10)
counts = np.bincount(y_train, minlength=10)

# %% Convolutions
cnn = Sequential([
    Conv2D(8, (3, 3), activation='relu', input_shape=(28, 28, 1)),
    MaxPooling2D((2, 2)),
    Flatten(),
    Dropout(0.5),
    Dense(10, activation='softmax'),
])
cnn.compile(loss='categorical_crossentropy', optimizer='rmsprop', metrics=['accuracy'])
best = ModelCheckpoint('best.keras', monitor='val_accuracy', save_best_only=True)
cnn.fit(x_train, t_train, batch_size=64, epochs=12, validation_data=(x_test, t_test), callbacks=[best], verbose=2)
score = cnn.evaluate(x_test, t_test, verbose=0)
again = load_model('best.keras')
digits = np.argmax(again.predict(x_test), axis=1)

# %% Rows as a sequence
rnn = Sequential([LSTM(16, input_shape=(28, 28)), Dense(10, activation='softmax')])
rnn.compile(loss='sparse_categorical_crossentropy', optimizer='adam', metrics=['accuracy'])
for part in range(2):
    rnn.fit(x_train[part * 256:(part + 1) * 256].reshape(-1, 28, 28), y_train[part * 256:(part + 1) * 256], epochs=1, verbose=0)
scores = rnn.predict(x_test.reshape(-1, 28, 28))
