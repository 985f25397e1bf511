package layers

import (
	"fmt"
	"math"
	"strings"

	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/compute/shapes"
	"github.com/gomlx/gomlx/core/graph"

	"github.com/gokeras/gokeras/symbolic"
)

// ContrastLimitedAdaptiveHistogramEqualizationLayer is Keras's ContrastLimitedAdaptiveHistogramEqualization: it spreads the values of parts of images over their whole range.
type ContrastLimitedAdaptiveHistogramEqualizationLayer struct {
	images[*ContrastLimitedAdaptiveHistogramEqualizationLayer]
	cfg contrastLimitedAdaptiveHistogramEqualizationConfig
}

type contrastLimitedAdaptiveHistogramEqualizationConfig struct {
	symbolic.LayerConfig
	valueRange
	ClipLimit    float64 `keras:"clip_limit" default:"4.0"`
	TileGridSize [2]int  `keras:"tile_grid_size" default:"[8,8]"`
	imageConfig
}

func init() {
	symbolic.RegisterLayer(func() symbolic.Layer { return ContrastLimitedAdaptiveHistogramEqualization() })
}

// ContrastLimitedAdaptiveHistogramEqualization returns a layer that flattens the histogram of each tile of images (batch, height, width, channels)
// and channel, between whose tiles it goes over smoothly, in training and outside of it (Keras: ContrastLimitedAdaptiveHistogramEqualization()). A
// value counts ClipLimit times as much as in a flat histogram at most, 4 by default; 0 is no limit. Images have TileGridSize tiles, 8×8 by default.
func ContrastLimitedAdaptiveHistogramEqualization() *ContrastLimitedAdaptiveHistogramEqualizationLayer {
	l := &ContrastLimitedAdaptiveHistogramEqualizationLayer{}
	l.init(l, &l.cfg.LayerConfig)
	return l
}

// Validate reports arguments that Keras rejects.
func (c *contrastLimitedAdaptiveHistogramEqualizationConfig) Validate() error {
	for _, n := range c.TileGridSize {
		if n < 1 || n > 1<<12 {
			return fmt.Errorf("tile_grid_size: got %v, want positive numbers of at most %d", c.TileGridSize, 1<<12)
		}
	}
	if math.IsNaN(c.ClipLimit) {
		return fmt.Errorf("clip_limit is not a number")
	}
	return c.imageConfig.check()
}

func (l *ContrastLimitedAdaptiveHistogramEqualizationLayer) always() {}

func (l *ContrastLimitedAdaptiveHistogramEqualizationLayer) keepsIntegers() {}

func (l *ContrastLimitedAdaptiveHistogramEqualizationLayer) transform(c *symbolic.Call, x *graph.Node, _ transformation) *graph.Node {
	bytes := span{0, 255}
	y := l.cfg.DataFormat.channelsLast(x, func(x *graph.Node) *graph.Node {
		y := l.cfg.ValueRange.to(bytes, graph.ConvertDType(x, dtypes.Float32))
		return bytes.to(l.cfg.ValueRange, l.equalized(c, y))
	})
	return c.Op("Cast", map[string]any{"dtype": strings.ToLower(x.DType().String())}, y)
}

func (l *ContrastLimitedAdaptiveHistogramEqualizationLayer) refuses(part string, training bool) bool {
	return part != "segmentation_masks" || training
}

// equalized takes bytes as float32, (batch, height, width, channels).
func (l *ContrastLimitedAdaptiveHistogramEqualizationLayer) equalized(c *symbolic.Call, x *graph.Node) *graph.Node {
	const levels = 256
	dims := x.Shape().Dimensions
	b, channels := dims[0], dims[3]
	rows, columns := l.cfg.TileGridSize[0], l.cfg.TileGridSize[1]
	high, wide := (dims[1]+rows-1)/rows, (dims[2]+columns-1)/columns
	x = c.Op("Pad", map[string]any{"pad_width": []any{[]any{0, 0}, []any{0, high*rows - dims[1]}, []any{0, wide*columns - dims[2]}, []any{0, 0}}, "mode": "symmetric"}, x)
	level := c.Op("Cast", map[string]any{"dtype": "int32"}, span{0, 255}.clipped(x))

	// Tile (i, j) of channel k has its levels from ((i·columns + j)·channels + k)·256 on.
	counts := counted(c, graph.Add(level, offsets(c, level.Shape().Dimensions, []int{rows * columns * channels, columns * channels, channels, 1}, []int{1, high, wide, 1}, levels)), b*rows*columns*channels*levels)
	h := graph.ConvertDType(graph.Reshape(counts, b, rows, columns, channels, levels), dtypes.Float32)
	pixels := float64(high * wide)
	if l.cfg.ClipLimit > 0 {
		clipped := graph.ClipScalar(h, 0, l.cfg.ClipLimit*pixels/levels)
		excess := graph.ReduceAndKeep(graph.Sub(h, clipped), graph.ReduceSum, 4)
		h = graph.Add(clipped, graph.BroadcastToDims(graph.DivScalar(excess, levels), h.Shape().Dimensions...))
	}
	sums := c.Op("Cumsum", map[string]any{"axis": 4}, h)
	least := graph.BroadcastToDims(graph.ReduceAndKeep(sums, graph.ReduceMin, 4), sums.Shape().Dimensions...)
	below := graph.AddScalar(graph.Neg(least), pixels)
	below = graph.Where(graph.Equal(below, graph.ZerosLike(below)), graph.OnesLike(below), below)
	table := span{0, 255}.clipped(graph.Div(graph.MulScalar(graph.Sub(sums, least), 255), below))

	// A pixel reads the tables of the four tiles around it; those at the border stand beyond it, too.
	for axis := 1; axis <= 2; axis++ {
		n := table.Shape().Dimensions[axis]
		table = graph.Concatenate([]*graph.Node{part(table, axis, 0, 1), table, part(table, axis, n-1, 1)}, axis)
	}
	flat := graph.Reshape(table, table.Shape().Size())
	y := tilesAround(c, high*rows, high, rows)
	z := tilesAround(c, wide*columns, wide, columns)
	full := level.Shape().Dimensions
	stride := []int{(rows + 2) * (columns + 2) * channels * levels, (columns + 2) * channels * levels, channels * levels, levels}
	base := graph.Add(level, graph.Add(
		graph.MulScalar(graph.Iota(c.Graph(), shapes.Make(dtypes.Int32, full...), 0), stride[0]), graph.MulScalar(graph.Iota(c.Graph(), shapes.Make(dtypes.Int32, full...), 3), stride[3])))
	along := func(v *graph.Node, axis int) *graph.Node {
		shape := []int{1, 1, 1, 1}
		shape[axis] = full[axis]
		return graph.BroadcastToDims(graph.Reshape(v, shape...), full...)
	}
	read := func(row, column *graph.Node) *graph.Node {
		at := graph.Add(base, graph.Add(graph.MulScalar(along(row, 1), stride[1]), graph.MulScalar(along(column, 2), stride[2])))
		return c.Op("Take", map[string]any{"axis": nil}, flat, at)
	}
	between := func(a, b, weight *graph.Node) *graph.Node {
		return graph.Add(graph.Mul(a, graph.OneMinus(weight)), graph.Mul(b, weight))
	}
	right, down := along(z.weight, 2), along(y.weight, 1)
	out := between(between(read(y.first, z.first), read(y.first, z.second), right), between(read(y.second, z.first), read(y.second, z.second), right), down)
	return part(part(out, 1, 0, dims[1]), 2, 0, dims[2])
}

// offsets says for each element of dims where the counts of its tile begin: its place along each axis, in steps, times strides, times each.
func offsets(c *symbolic.Call, dims, strides, steps []int, each int) *graph.Node {
	var sum *graph.Node
	for axis := range dims {
		at := graph.Iota(c.Graph(), shapes.Make(dtypes.Int32, dims...), axis)
		if steps[axis] > 1 {
			at = graph.Div(at, graph.MulScalar(graph.OnesLike(at), steps[axis]))
		}
		if at = graph.MulScalar(at, strides[axis]*each); sum == nil {
			sum = at
		} else {
			sum = graph.Add(sum, at)
		}
	}
	return sum
}

// beside are the tiles before and behind each of n pixels along an axis, counted from the one beyond the border, and how much the second counts.
type beside struct{ first, second, weight *graph.Node }

func tilesAround(c *symbolic.Call, n, size, tiles int) beside {
	first, second, weight := make([]int32, n), make([]int32, n), make([]float32, n)
	for i := range n {
		at := (float32(i)-float32(size)/2)/float32(size) + 1
		whole := float32(math.Floor(float64(at)))
		weight[i] = at - whole
		first[i], second[i] = min(max(int32(whole), 0), int32(tiles+1)), min(max(int32(whole)+1, 0), int32(tiles+1))
	}
	return beside{graph.Const(c.Graph(), first), graph.Const(c.Graph(), second), graph.Const(c.Graph(), weight)}
}
