# Numbers of SciPy's and NumPy's distributions and of matplotlib's colour maps.
import matplotlib
import matplotlib.gridspec as gridspec
import matplotlib.pyplot as plt
import numpy as np

from matplotlib.patches import Rectangle
from scipy.stats import norm
from sklearn.preprocessing import StandardScaler

print(norm.ppf(np.linspace(0.05, 0.95, 9)).tolist())
print(norm.ppf([0.0001, 1e-10, 1e-20, 0.9999, 0.5, 0.2, 1.0, 0.0]).tolist(), norm.ppf(0.975))
print(norm.pdf([0.0, 1.0, -2.5]).tolist())

np.random.seed(0)
draws = np.random.multivariate_normal(mean=[0, 3], cov=[[1, 0.5], [0.5, 1]], size=4)
print(np.round(draws, 10).tolist(), draws.shape)
print(np.round(np.random.multivariate_normal([1, 2, 3], [[2, 0.3, 0.1], [0.3, 1, 0.2], [0.1, 0.2, 3]], 3), 10).tolist())
print(np.round(np.random.RandomState(3).multivariate_normal([0.0, 0.0], [[1.0, 0.0], [0.0, 1.0]]), 10).tolist())
print(np.size(draws), np.ndim(draws), np.shape(draws), np.size([1, 2, 3]))

colors = matplotlib.colormaps["jet"](np.arange(256))[:, :3]
print(colors.shape, colors[[0, 1, 31, 100, 128, 200, 255]].tolist())
print(plt.cm.hot(np.array([[0.0, 0.25], [0.5, 1.0]])).tolist(), plt.cm.gray(np.array([0.1, 2.0, -1.0])).tolist())

scaler = StandardScaler().fit(np.array([[1.0], [2.0], [4.0]]))
print(scaler.transform(np.array([[2.0]])).round(6).tolist())

fig = plt.figure(figsize=(4, 4))
grid = gridspec.GridSpec(2, 2)
grid.update(wspace=0.05, hspace=0.05)
for i in range(4):
    ax = plt.subplot(grid[i])
    ax.imshow(np.arange(16).reshape(4, 4))
    ax.add_patch(Rectangle((1, 1), 2, 2, fill=False, edgecolor="r", linewidth=2))
    ax.spines["top"].set_visible(False)
plt.figure()
plt.boxplot([[1, 2, 3, 4, 20], [2, 3, 4]])
plt.figure()
plt.pie([1, 2, 3], labels=["a", "b", "c"], autopct="%1.1f%%", startangle=90)
plt.figure()
plt.errorbar([1, 2, 3], [1, 4, 9], yerr=0.5, fmt="o")
plt.step([1, 2, 3], [1, 4, 9])
plt.close("all")
