"""Writes the fixtures of package sk with real scikit-learn.

    pip install numpy scikit-learn
    python port/sk/testdata/generate.py
"""

import pathlib
import sys

HERE = pathlib.Path(__file__).parent
sys.path.insert(0, str(HERE.parent.parent / "porttest"))

from expressions import write_expressions

SETUP = """
from sklearn.datasets import *
from sklearn.decomposition import PCA
from sklearn.compose import ColumnTransformer
from sklearn.impute import SimpleImputer
from sklearn.metrics import *
from sklearn.model_selection import KFold, StratifiedKFold, train_test_split
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import LabelBinarizer, LabelEncoder, MaxAbsScaler, MinMaxScaler, OneHotEncoder, QuantileTransformer, RobustScaler, StandardScaler, normalize
from sklearn.utils import shuffle
from sklearn.utils.class_weight import compute_class_weight
x = np.arange(40).reshape(20, 2)
y = np.array([0, 1, 2, 1, 0, 0, 1, 2, 1, 1, 0, 2, 1, 0, 1, 1, 0, 2, 1, 0])
p = np.array([0, 1, 1, 1, 0, 2, 1, 2, 0, 1, 0, 2, 1, 1, 1, 1, 0, 0, 1, 2])
words = np.array(["dog", "cat", "cat", "bird"] * 5)
f = np.array([[1.5, -2.0, 3.25], [4.0, 0.5, -6.0], [0.25, 7.0, 1.0], [-3.0, 2.0, 2.5]])
holes = np.array([[1.0, np.nan, 3.0], [np.nan, 2.0, 3.0], [4.0, 2.0, np.nan], [5.5, 7.0, 1.0]])
score = np.linspace(0, 1, 20)[::-1] ** 2 + y % 2 * 0.3
iris = load_iris().data
def flat(splits):
    return [a for pair in splits for a in pair]
"""

if __name__ == "__main__":
    write_expressions(HERE, SETUP)
