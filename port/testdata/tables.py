# Tables, groups, random numbers and idioms of notebooks. By a Python with NumPy, pandas and scikit-learn:
#
#	python port/testdata/tables.py > port/testdata/tables.txt
import os

import numpy as np
import pandas as pd
from sklearn.model_selection import KFold

# Groups
df = pd.DataFrame({'city': ['Rome', 'Oslo', 'Rome', 'Oslo', 'Bern', 'Rome'], 'sex': ['f', 'm', 'f', 'f', 'm', 'm'], 'age': [31, 40, 25, 62, 38, 51], 'pay': [2.5, 3.0, 1.5, 4.25, 3.5, 2.0]})
print(df.groupby(['city', 'sex'])['age'].mean())
print(df.groupby(['city', 'sex']).size())
print(df.groupby(['city'])['pay'].max().sort_values(ascending=False))
print(df[['city', 'age', 'pay']].groupby('city', as_index=False).mean())
print(df.groupby(['city', 'sex'], as_index=False)[['age', 'pay']].sum())
print(df.groupby('city')['age'].median().reset_index())
print(df['sex'].value_counts(normalize=True).loc['f'])
print(df['sex'].value_counts().iloc[0])
print(list(df.select_dtypes(['int64', 'float64']).columns))
print(len(df.drop_duplicates(keep='first')))

# Arrays
values, counts = np.unique([3, 1, 3, 2, 3], return_counts=True)
print(values, counts)
rows = np.arange(12).reshape(6, 2)
for i in [2, 4]:
    print(rows[range(i - 2, i, 1)].sum())


def part(x, start=0, end=None):
    return x[start:end]


print(part(np.arange(5), 2), part(np.arange(5), end=3))
print(sum([(v - 1.5) ** 2 for v in np.arange(4)]))
table = {'a': np.ones(2), 'b': np.zeros(2)}
for key in ['a', 'c']:
    vector = table.get(key)
    if vector is not None:
        print(key, vector)
    else:
        print(key, 'is missing')


def smooth_curve(points, factor=0.9):
    smoothed_points = []
    for point in points:
        if smoothed_points:
            previous = smoothed_points[-1]
            smoothed_points.append(previous * factor + point * (1 - factor))
        else:
            smoothed_points.append(point)
    return smoothed_points


print(smooth_curve([1.0, 2.0, 4.0]))
for train, test in KFold(n_splits=3).split(rows):
    print(train, test)

for number, (train, test) in enumerate(KFold(n_splits=2, shuffle=True, random_state=1).split(rows, rows[:, 0])):
    print(number, rows[train].sum(), test)

# Random numbers
rng = np.random.default_rng(7)
print(rng.integers(0, 10, size=5), rng.normal(size=2), rng.random(2), rng.permutation(4), rng.poisson(3, 4))
np.random.seed(3)
print(np.random.poisson(lam=14, size=6), np.random.poisson(2.5, 4), np.random.exponential(scale=2.0, size=2))

# Files
print(os.path.basename(__file__))
