"""Writes what package plt takes from real matplotlib.

    pip install matplotlib
    python port/plt/testdata/generate.py

limits.json has the limits and ticks of axes for plots of limits_test.go, imread.json the values of the pictures of datasets; ../colormaps.txt samples of colour maps.
"""

import json
import pathlib

import matplotlib

matplotlib.use("Agg")
import matplotlib.pyplot as plt
import numpy as np

HERE = pathlib.Path(__file__).parent
MAPS = ["viridis", "plasma", "inferno", "magma", "cividis", "gray", "Greys", "binary", "Blues", "Greens", "Reds", "Oranges", "Purples", "YlGnBu", "RdBu", "coolwarm",
        "RdYlGn", "Spectral", "bwr", "seismic", "jet", "hot", "cool", "spring", "summer", "autumn", "winter", "bone", "copper", "hsv", "rainbow", "tab10", "Paired", "Set1"]

CASES = {
    "line": lambda ax: ax.plot([0, 1, 2, 5]),
    "two lines": lambda ax: ax.plot([1, 2], [3, 4], [0, 5], [-1, 2.5], "r--"),
    "constant": lambda ax: ax.plot([3, 3, 3]),
    "scatter": lambda ax: ax.scatter([1, 2, 4], [0.1, 0.2, -0.7]),
    "bar": lambda ax: ax.bar([0, 1, 2], [3, 5, 2]),
    "barh": lambda ax: ax.barh([0, 1, 2], [3, 5, 2]),
    "hist": lambda ax: ax.hist([1, 2, 2, 3, 3, 3, 9], bins=4),
    "imshow": lambda ax: ax.imshow(np.arange(12).reshape(3, 4)),
    "xlim": lambda ax: (ax.plot([1, 2, 3]), ax.set_xlim(0, 10), ax.set_ylim(1.5)),
    "negative": lambda ax: ax.plot([-0.001, 0.002, 0.0005]),
    "large": lambda ax: ax.plot([0, 25000, 310000]),
    "epochs": lambda ax: (ax.plot([0.9, 0.5, 0.31, 0.28, 0.3]), ax.plot([0.8, 0.6, 0.42, 0.45, 0.47])),
    "axhline": lambda ax: (ax.plot([0, 1]), ax.axhline(5)),
    "fill": lambda ax: ax.fill_between([0, 1, 2], [1, 2, 1], [0, 0.5, 0]),
    "twinx": lambda ax: (ax.plot([0, 1, 2, 9], [0.5, 0.7, 0.8, 0.9]), ax.twinx().plot([-4, 2], [30, 250])),
    "twinx host": lambda ax: (ax.plot([0.5, 0.7, 0.8, 0.9]), [(t.bar([2, 6], [30, 250]), t.set_xlim(-3)) for t in [ax.twinx()]], plt.sca(ax)),
    "empty": lambda ax: None,
    "nan": lambda ax: ax.plot([1, float("nan"), 3]),
}


IMAGES = HERE.parents[2] / "datasets" / "testdata" / "images"


def pictures():
    out = {}
    for path in sorted(p for pattern in ("*.png", "*.PNG", "*.jp*g") for p in IMAGES.rglob(pattern)):
        x = plt.imread(path)
        out[str(path.relative_to(IMAGES))] = {"shape": x.shape, "type": x.dtype.name, "values": [float(str(v)) for v in x.reshape(-1)]}
    return out


def limits():
    out = {}
    for name, draw in CASES.items():
        fig, ax = plt.subplots(figsize=(6.4, 4.8))
        draw(ax)
        ax = plt.gca()
        fig.canvas.draw()
        x, y = ax.get_xlim(), ax.get_ylim()
        out[name] = {
            "xlim": list(map(float, x)), "ylim": list(map(float, y)),
            "xticks": [float(t) for t in ax.get_xticks() if min(x) <= t <= max(x)], "yticks": [float(t) for t in ax.get_yticks() if min(y) <= t <= max(y)],
            "xlabels": [t.get_text().replace("\u2212", "-") for t, v in zip(ax.get_xticklabels(), ax.get_xticks()) if min(x) <= v <= max(x)],
            "ylabels": [t.get_text().replace("\u2212", "-") for t, v in zip(ax.get_yticklabels(), ax.get_yticks()) if min(y) <= v <= max(y)],
        }
        plt.close(fig)
    return out


if __name__ == "__main__":
    (HERE / "limits.json").write_text(json.dumps(limits(), separators=(",", ":")) + "\n")
    (HERE / "imread.json").write_text(json.dumps(pictures(), separators=(",", ":")) + "\n")
    lines = []
    for name in MAPS:
        colours = (np.array([matplotlib.colormaps[name](i / 63) for i in range(64)])[:, :3] * 255).round().astype(int)
        lines.append(name + " " + "".join(f"{r:02x}{g:02x}{b:02x}" for r, g, b in colours))
    (HERE.parent / "colormaps.txt").write_text("\n".join(lines) + "\n")
