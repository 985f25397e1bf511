import os
import numpy as np
import pandas as pd

# dicts, sets, comprehensions
counts = {}
for word in 'the cat saw the dog and the cat ran'.split():
    if word not in counts:
        counts[word] = 0
    counts[word] += 1
for word in sorted(counts):
    print(word, counts[word])
print(sorted(counts, key=lambda w: counts[w], reverse=True)[0], max(counts.values()), sum(counts.values()))
text = 'hello world'
chars = sorted(list(set(text)))
char_to_int = dict((c, i) for i, c in enumerate(chars))
int_to_char = {i: c for c, i in char_to_int.items()}
encoded = [char_to_int[c] for c in text]
print(chars, encoded, ''.join([int_to_char[i] for i in encoded]))
print(text[::-1], [1, 2, 3, 4, 5][::2], [[i * j for j in range(3)] for i in range(3)])
print([x for row in [[1, 2], [3]] for x in row if x != 2], list(map(lambda v: v * 2, [1, 2])), list(filter(lambda v: v > 1, [1, 2, 3])))
print(len(set([3, 1, 3])), any([False, True]), all([True, False]), sorted([3, 1, 2], reverse=True), list(reversed([1, 2])))
config = {'rate': 0.5, 'name': 'net', 'units': 8}
print(config['rate'] * 2, config['name'].upper(), config['units'] + 1)
stack = [1, 2, 3]
stack.insert(1, 9)
last = stack.pop()
stack.extend([7, 7])
print(stack, last, stack.index(9), stack.count(7), int('42') + int(3.9), float('1.5'), 'a-b'.title(), '7'.zfill(3))
a, b = [], []
for i in range(3):
    a.append(i)
    b.append(i * 0.5)
print(a, b)
for i, (p, q) in enumerate(zip(a, b)):
    print(i, p, q)

# files and exceptions
with open('notes.txt', 'w') as f:
    f.write('one, 1\n')
    f.write('two, 2\n')
with open('notes.txt') as f:
    for line in f:
        name, number = line.strip().split(', ')
        print(name, int(number))
with open('notes.txt') as f:
    first = f.readline()
    for line in f:
        for rest in f:
            print(repr(line), repr(rest))
    print(first.strip(), len(f.readlines()))
print(len(open('notes.txt').read()), os.path.exists('notes.txt'), os.path.basename('a/b.txt'), os.path.dirname('a/b.txt'))
os.remove('notes.txt')
try:
    n = int('x')
except ValueError as e:
    print('bad number')
else:
    print('unreached')
finally:
    print('after')


def check(n):
    if n < 0:
        raise ValueError('negative')
    return n * 2


try:
    print(check(2), check(-1))
except ValueError:
    print('caught')


# classes
class Account:
    rate = 0.5

    def __init__(self, owner, balance=0):
        self.owner = owner
        self.balance = balance

    def deposit(self, amount):
        self.balance += amount
        return self.balance

    @property
    def interest(self):
        return self.balance * self.rate


class Savings(Account):
    def deposit(self, amount):
        self.balance += amount + 1
        return self.balance


account = Account('ann', 10)
savings = Savings('bob')
print(account.deposit(5), savings.deposit(5), account.owner, account.interest, savings.balance)

# tables
with open('table.csv', 'w') as f:
    f.write('name,age,score,kind\nann,31,1.5,x\nbob,,2.5,y\ncid,29,0.5,x\ndan,40,,z\n')
df = pd.read_csv('table.csv')
print(df)
print(df.shape, list(df.columns), len(df))
print(df.describe())
print(df['age'].mean(), df['score'].std(), df['age'].max(), df['kind'].nunique())
df['age'] = df['age'].fillna(df['age'].mean())
df['double'] = df['age'] * 2
print(df[df['age'] > 30][['name', 'double']].values.shape, df.iloc[1:3, 1].values, df.iloc[:, :-2].shape)
x = df.drop(['name', 'kind'], axis=1).fillna(0).values
print(x.astype('float32').mean(axis=0))
print(pd.get_dummies(df, columns=['kind']).shape, df['kind'].map({'x': 0, 'y': 1, 'z': 2}).values)
df.dropna(inplace=True)
print(df.head(2))
os.remove('table.csv')

# arrays
m = np.array([[1.0, 2.0], [3.0, 4.0]])
u, s, vt = np.linalg.svd(m)
print(np.round(s, 6), np.linalg.det(m).round(6), np.linalg.norm(m).round(6), m[:, np.newaxis].shape)
labels = ['{} of {}'.format(i, len(a)) for i in a]
print(labels, '%d%%' % 5, f'{m.mean():.3f}|{3:>4}|{"x":<3}|')

# sets, patterns, tables
import re
seen = set()
for word in re.sub('[^a-z ]', '', 'the cat, the dog; the end.').split():
    seen.add(word)
print(sorted(list(seen)), len(seen), 'cat' in seen, re.findall('[a-z]+g', 'a dog and a log'))
counted = pd.DataFrame({'kind': ['x', 'y', 'x', 'x'], 'n': [1, 2, 3, 4]})
print(counted['kind'].value_counts())
print(counted.groupby('kind')['n'].mean())
print(counted['kind'].value_counts()['x'], len(counted['kind'].value_counts()))
for i, row in counted.iterrows():
    print(i, row['kind'], row['n'])
part = counted.sample(frac=0.5, random_state=1)
print(part)
print(counted.drop(part.index))
rows = []
for n in range(3):
    rows.append({'n': n, 'square': n * n})
print(pd.DataFrame(rows))
print(counted['kind'].str.upper().tolist()[0], isinstance(labels, list), type(labels) is list, not isinstance(rows, str))
