// Package plt is matplotlib's pyplot, and seaborn's heatmap, for Go programs that were ported from Python: curves, points, bars,
// histograms and images with matplotlib's layout, limits, ticks and colours, written as PNG or SVG.
//
//	plt.NewFigure(plt.FigSize{12, 4})
//	plt.Subplot(1, 2, 1)
//	plt.Plot(epochs, loss, "r--", plt.Label("loss"))
//	plt.Legend()
//	plt.Show()
//
// Data are what np.Of takes: arrays and slices. As in pyplot, functions draw on the current axes of the current figure, which
// they make where there are none; the state is the process's, and not for concurrent use. [Show] has no window: it writes the
// open figures to files. Keyword arguments are values of the types that [Label], [Color] and the others are.
//
// As package np, it panics with an *np.Error where matplotlib raises, and only so.
package plt
