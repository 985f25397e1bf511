"""Arrays as the fixtures hold them."""

import numpy as np


def array(x):
    """{"shape", "dtype", "data"}: float32 in the fewest digits that read back exactly; inf and nan as strings."""
    x = np.asarray(x)
    flat = x.reshape(-1)
    if x.dtype == np.bool_:
        data = [bool(v) for v in flat]
    elif np.issubdtype(x.dtype, np.floating) or x.dtype.name == "bfloat16":
        data = [float(str(np.float32(v))) if np.isfinite(v) else str(float(v)) for v in flat]
    else:
        data = [int(v) for v in flat]
    return {"shape": list(x.shape), "dtype": x.dtype.name, "data": data}


def uniform(seed, *shape, low=-1.0, high=1.0):
    """Deterministic float32 values with few digits, so that fixtures stay small."""
    values = np.random.default_rng(seed).uniform(low, high, shape)
    return np.round(values, 3).astype("float32")
