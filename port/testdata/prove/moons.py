"""Two half moons, told apart by a dense network; arrays, splits and scores around it."""
import numpy as np
from sklearn.datasets import make_moons
from sklearn.model_selection import train_test_split
from sklearn.preprocessing import StandardScaler
from keras import Input
from keras.layers import BatchNormalization, Dense, Dropout
from keras.models import Model, Sequential
from keras.optimizers import SGD

# %% Data
X, y = make_moons(n_samples=200, noise=0.1, random_state=4)
X_train, X_test, y_train, y_test = train_test_split(X, y, test_size=0.25, random_state=4)
scaler = StandardScaler()
X_train = scaler.fit_transform(X_train)
X_test = scaler.transform(X_test)
share = y_train.mean()
print(X_train.shape, share)

# %% A model
model = Sequential()
model.add(Dense(16, input_dim=2, activation='relu'))
model.add(BatchNormalization())
model.add(Dropout(0.2))
model.add(Dense(1, activation='sigmoid'))
model.summary()
before = model.predict(X_test)

# %% Training
model.compile(loss='binary_crossentropy', optimizer='adam', metrics=['accuracy'])
history = model.fit(X_train, y_train, epochs=5, batch_size=16, validation_split=0.2, verbose=0)
loss, accuracy = model.evaluate(X_test, y_test, verbose=0)
classes = (model.predict(X_test) > 0.5).astype('int32')
right = int((classes[:, 0] == y_test).sum())
print(loss, accuracy, right, len(history.history['loss']))


# %% A model of a function, with two outputs
def build(units):
    x = Input(shape=(2,))
    h = Dense(units, activation='tanh', name='hidden')(x)
    return Model(inputs=x, outputs=[Dense(1, activation='sigmoid', name='moon')(h), Dense(2, name='copy')(h)])


twin = build(8)
twin.compile(optimizer=SGD(0.05, momentum=0.9), loss=['binary_crossentropy', 'mse'])
twin.fit(X_train, [y_train, X_train], epochs=2, batch_size=8, verbose=0)
moons, copies = twin.predict(X_test)
error = np.mean((copies - X_test) ** 2)
noise = np.random.normal(size=(2, 3))
