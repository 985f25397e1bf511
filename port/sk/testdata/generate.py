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
table = np.arange(36, dtype=float).reshape(4, 9) ** 1.5 + 1
def california():
    # of a table in place of StatLib's
    import pathlib, tarfile, tempfile
    import sklearn.datasets._california_housing as module
    folder = pathlib.Path(tempfile.mkdtemp())
    np.savetxt(folder / "cal_housing.data", table, delimiter=",", fmt="%.17g")
    def fetch(*args, **kwargs):
        with tarfile.open(folder / "cal_housing.tgz", "w:gz") as f:
            f.add(folder / "cal_housing.data", "CaliforniaHousing/cal_housing.data")
        return folder / "cal_housing.tgz"
    module._fetch_remote = fetch
    return module.fetch_california_housing(data_home=folder / "home")
def flat(splits):
    return [a for pair in splits for a in pair]
"""

if __name__ == "__main__":
    write_expressions(HERE, SETUP)
