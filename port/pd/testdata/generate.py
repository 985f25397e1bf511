"""Writes the fixtures of package pd with real pandas.

    pip install numpy pandas
    python port/pd/testdata/generate.py
"""

import pathlib
import sys

HERE = pathlib.Path(__file__).parent
sys.path.insert(0, str(HERE.parent.parent / "porttest"))

from expressions import write_expressions

SETUP = f"""
import pandas as pd
pd.set_option("display.width", 1000)
here = {str(HERE)!r}
df = pd.read_csv({str(HERE / "small.csv")!r})
"""

if __name__ == "__main__":
    write_expressions(HERE, SETUP)
