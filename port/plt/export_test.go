package plt

// XTicksAt gives the ticks of axes that fill a figure of the usual size.
func (a *Axes) XTicksAt() ([]float64, []string) {
	t := a.xTicks(6.4 * 72 * 0.775)
	return t.at, t.labels
}

// YTicksAt is XTicksAt of the y axis.
func (a *Axes) YTicksAt() ([]float64, []string) {
	t := a.yTicks(4.8 * 72 * 0.77)
	return t.at, t.labels
}
