# Lists of columns.
import numpy as np
import pandas as pd
df = pd.DataFrame({"a": [1.5, 2.0], "n": [1, 2], "t": ["x", "y"]})
print(df["a"].tolist(), df["n"].tolist(), df["t"].tolist())
x = df["n"].tolist()
print(x, len(x), [v for v in df["t"].tolist()])
print(np.pad([1, 2], (1, 2), "constant"), np.pad(np.ones((2, 2)), ((0, 1), (1, 0)), mode="constant", constant_values=7))
