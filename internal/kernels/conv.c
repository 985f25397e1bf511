//go:build cgo && linux && amd64

#include "conv.h"

#include <string.h>

#include "parallel.h"
#include "scratch.h"
#include "tiles.h"

// So many products are worth waking threads.
enum { WORTH_THREADS = 1 << 18 };

// even_tile is the next tile's share of what is left, when that is cut into tiles of about the same size.
static int64_t even_tile(int64_t left, int64_t most) { return div_up(left, div_up(left, most)); }

int gk_best_level(void) {
	__builtin_cpu_init();
	if (__builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512vl") && __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512bw"))
		return GK_AVX512;
	return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma") ? GK_AVX2 : GK_NONE;
}

const gk_tiles *gk_tiles_of(int level) { return level >= GK_AVX512 ? &gk_avx512_tiles : &gk_avx2_tiles; }

// Tiles whose products are computed together: enough to use the registers, few enough for the cache.
enum { WINOGRAD_TILES = 32, OWN_TILES = 256, MANY_FILTERS = 256 };

static int64_t winograd_tiles(const gk_conv *c) { return c->batch * div_up(c->out_height, 2) * div_up(c->out_width, 2); }

// Winograd's way takes 16 products for a tile of 2 by 2 output pixels, where the plain one takes 36; it pays where the transforms before and
// after, whose work grows with channels and filters but not with their product, are small beside the products, and where the kernel's, whose work does grow
// so, serves many tiles.
static int winograd_pays(const gk_conv *c, int64_t least) {
	return c->kernel_height == 3 && c->kernel_width == 3 && c->stride_rows == 1 && c->stride_columns == 1 && c->dilation_rows == 1 && c->dilation_columns == 1 && c->channels >= 32 && c->filters >= 32 &&
		c->out_height >= 4 && c->out_width >= 4 && winograd_tiles(c) >= least;
}

// ---- images as they are read ----

// Images (batch, height, width, channels), in memory or as the gradient of a max-pool.
typedef struct {
	const gk_tiles *tiles;
	gk_output_gradient from;
	const float *beside; // or NULL: the channels behind the own ones, as gk_input has them
	int64_t own;
	int64_t height, width, channels;
} images;

static inline void copy_floats(const float *from, int64_t n, float *out) {
	enum { LINE = 16 };
	int64_t i = 0;
	for (; i + LINE <= n; i += LINE) memcpy(out + i, from + i, LINE * sizeof *out);
	for (; i < n; i++) out[i] = from[i];
}

// join writes so many pixels of a row, each with all its channels.
static void join(const images *s, int64_t image, int64_t row, int64_t pixel, int64_t pixels, float *out) {
	const int64_t at = (image * s->height + row) * s->width + pixel, rest = s->channels - s->own;
	for (int64_t i = 0; i < pixels; i++, out += s->channels) {
		copy_floats(s->from.values + (at + i) * s->own, s->own, out);
		copy_floats(s->beside + (at + i) * rest, rest, out + s->own);
	}
}

// copy writes so many pixels of a row, and of each pixel n channels from first on, to out; those are step apart.
static void copy(const images *s, int64_t image, int64_t row, int64_t pixel, int64_t pixels, int64_t first, int64_t n, float *out, int64_t step) {
	if (!s->from.positions) {
		const float *values = s->from.values + ((image * s->height + row) * s->width + pixel) * s->channels + first;
		if (n == s->channels && n == step) {
			memcpy(out, values, pixels * n * sizeof *out);
			return;
		}
		for (int64_t i = 0; i < pixels; i++) memcpy(out + i * step, values + i * s->channels, n * sizeof *out);
		return;
	}
	const int64_t height = s->height / 2, width = s->width / 2;
	const int64_t line = (image * height + row / 2) * width;
	for (int64_t i = 0; i < pixels; i++, out += step) {
		const int64_t column = pixel + i;
		if (row / 2 >= height || column / 2 >= width) { // no window reaches it
			memset(out, 0, n * sizeof *out);
			continue;
		}
		const int64_t at = (line + column / 2) * s->channels + first;
		s->tiles->place(s->from.values + at, s->from.positions + at, row % 2 * 2 + column % 2, n, out);
	}
}

// ---- forward ----

enum {
	FEW = 8,     // filters that a narrow vector holds
	DEEP = 32,   // channels that fill wide ones
	TOTAL = 10,  // products in whose time the elements of a vector are added up
	NARROW = 64, // columns of a part at least
};

// pieces is how many stretches of an input's row a row of the kernel meets: one, unless there are gaps between its elements.
static int64_t pieces(const gk_conv *c) { return c->dilation_columns > 1 ? c->kernel_width : 1; }

// few_pays tells whether it is better to have the vectors run along the input, which takes a sum over each vector, than along the filters. Of a row with gaps
// it knows nothing: so few filters are rare there, and another loop would cost the others time.
static int few_pays(const gk_conv *c, const gk_tiles *t) {
	const int64_t length = c->kernel_width * c->channels;
	return c->filters <= FEW && pieces(c) == 1 && c->filters * (c->kernel_height * div_up(length, t->lanes) + TOTAL) < c->kernel_height * length;
}

// A part of an input's gradient along one axis: with the stride s, of every s-th place from one on. The kernel's elements that met these are the
// s-th ones, too, and the gradient there is a convolution by them, turned around.
typedef struct {
	int64_t stride, element; // of the kernel: the first, the others are a stride apart
	int64_t elements;        // 0: nothing met these places
	int64_t first, places;   // of the input
	int64_t before;          // zeros before the output's first element
} phase;

typedef struct {
	const gk_conv *c;
	images x;
	const float *kernel, *mask;
	gk_after after;
	float *packed, *y;
	uint8_t *positions;
	int pool, winograd, few, in_place, failed;
	const phase *back;           // of an input's gradient, which weights it takes; else NULL
	int64_t column_step, row_step, image_step; // between the output's pixels
	int64_t kernel_width; // of the whole kernel
	int64_t block; // filters computed together: one or two vectors
	int64_t depth; // products in a sum
	int64_t head;  // rows before a block's weights: what its sums begin with and, where there are factors, these and what is added then
	int64_t blocks;          // of filters
	int64_t bands, sections; // parts that an image is cut into, downwards and across
	int64_t band, section;   // output rows and columns in a part
	int64_t products;
	int64_t own;     // filters that are a thread's own
} forward_job;

// met is where an element of the kernel turned around stands, of an input's gradient: a matrix (filters, channels).
static const float *met(const forward_job *j, int64_t tap) {
	const gk_conv *c = j->c;
	const phase *rows = &j->back[0], *columns = &j->back[1];
	const int64_t row = rows->element + rows->stride * (rows->elements - 1 - tap / c->kernel_width);
	const int64_t column = columns->element + columns->stride * (columns->elements - 1 - tap % c->kernel_width);
	return j->kernel + (row * j->kernel_width + column) * c->filters * c->channels;
}

// weights writes the weights of one block of filters, for one tap and channel, with zeros behind the last filter.
static void weights(const forward_job *j, int64_t tap, int64_t channel, int64_t first, float *to) {
	const gk_conv *c = j->c;
	const int64_t n = min64(j->block, c->filters - first);
	if (n < j->block) memset(to, 0, j->block * sizeof *to);
	if (!j->back) {
		memcpy(to, j->kernel + (tap * c->channels + channel) * c->filters + first, n * sizeof *to);
		return;
	}
	// The kernel turned around, its channels and filters exchanged.
	const float *from = met(j, tap) + channel;
	for (int64_t i = 0; i < n; i++) to[i] = from[(first + i) * c->channels];
}

// pack lays the weights of one block of filters out in the order in which the tiles read them, the block's head before them.
static void pack(const forward_job *j, int64_t at) {
	const gk_conv *c = j->c;
	const int64_t first = at * j->block, taps = c->kernel_height * c->kernel_width;
	const int64_t n = min64(j->block, c->filters - first);
	const gk_after *a = &j->after;
	float *to = j->packed + at * (j->depth + j->head) * j->block;
	memset(to, 0, j->head * j->block * sizeof *to);
	if (a->factor) memcpy(to + j->block, a->factor + first, n * sizeof *to);
	if (a->bias) memcpy(a->factor ? to + 2 * j->block : to, a->bias + first, n * sizeof *to);
	if (j->in_place) return;
	to += j->head * j->block;
	if (j->winograd) {
		const int as_it_is = !j->back && n == j->block;
		float one[9 * 2 * GK_MAX_LANES];
		for (int64_t channel = 0; channel < c->channels; channel++) {
			const float *from = as_it_is ? j->kernel + channel * c->filters + first : one;
			for (int64_t tap = 0; tap < taps && !as_it_is; tap++) weights(j, tap, channel, first, one + tap * j->block);
			j->x.tiles->winograd_kernel(from, as_it_is ? c->channels * c->filters : j->block, c->channels * j->block, to + channel * j->block);
		}
		return;
	}
	if (j->few) {
		float one[2 * GK_MAX_LANES];
		for (int64_t i = 0; i < j->depth; i++) {
			weights(j, i / c->channels, i % c->channels, 0, one);
			for (int64_t f = 0; f < c->filters; f++) to[f * j->depth + i] = one[f];
		}
		return;
	}
	for (int64_t tap = 0; tap < taps; tap++) {
		if (j->back && c->filters - first >= j->block) {
			const float *from = met(j, tap) + first * c->channels;
			const int64_t lanes = j->x.tiles->lanes;
			for (int64_t i = 0; i < j->block; i += lanes) j->x.tiles->turn(from + i * c->channels, c->channels, c->channels, to + i, j->block);
			to += c->channels * j->block;
			continue;
		}
		for (int64_t channel = 0; channel < c->channels; channel++, to += j->block) weights(j, tap, channel, first, to);
	}
}

// around returns the input's rows and columns from the first ones, with zeros around them, so that the tiles meet no borders; rows are line_step
// apart. Where the input itself will do, no memory is taken. NULL: memory is lacking.
static const float *around(const images *s, const gk_conv *c, int64_t image, int64_t first, int64_t column, int64_t height, int64_t width, int64_t *line_step, gk_scratch **scratch) {
	if (!s->from.positions && !s->beside && column >= 0 && column + width <= c->width && first >= 0 && first + height <= c->height) {
		*line_step = c->width * c->channels;
		return s->from.values + ((image * c->height + first) * c->width + column) * c->channels;
	}
	const int64_t line = width * c->channels;
	if (!(*scratch = gk_scratch_take(height * line))) return NULL;
	float *to = (*scratch)->floats;
	const int64_t before = min64(max64(-column, 0), width), skip = max64(column, 0);
	const int64_t inside = max64(0, min64(c->width - skip, width - before));
	for (int64_t r = 0; r < height; r++, to += line) {
		const int64_t from = first + r;
		if (from < 0 || from >= c->height || inside == 0) {
			memset(to, 0, line * sizeof *to);
			continue;
		}
		memset(to, 0, before * c->channels * sizeof *to);
		if (s->beside)
			join(s, image, from, skip, inside, to + before * c->channels);
		else
			copy(s, image, from, skip, inside, 0, c->channels, to + before * c->channels, c->channels);
		memset(to + (before + inside) * c->channels, 0, (width - before - inside) * c->channels * sizeof *to);
	}
	*line_step = line;
	return (*scratch)->floats;
}

// offset is the way from the output to other values, which may be NULL, both being of one shape.
static int64_t offset(const forward_job *j, const float *other) { return other ? ((intptr_t)other - (intptr_t)j->y) / (intptr_t)sizeof(float) : 0; }

// head tells a tile where the factors of a block of filters are.
static void head(const forward_job *j, const float *packed, gk_tile *t) {
	if (j->after.factor) t->factor = packed + j->block, t->shift = packed + 2 * j->block;
}

typedef struct {
	int64_t first, end;
} filters;

// winograd_rows computes some rows of an image, from its input with zeros around it: of each tile of 4 by 4 pixels, 2 by 2 of the output.
static int winograd_rows(const forward_job *j, filters some, int64_t image, int64_t row0, int64_t rows, const float *x, int64_t line_step) {
	const gk_conv *c = j->c;
	const int64_t across = div_up(c->out_width, 2), down = div_up(rows, 2);
	const int64_t together = max64(1, min64(down, WINOGRAD_TILES / across)); // rows of tiles
	// A line more between the 16 matrices, whose elements would fall on the same places of the cache.
	const int64_t step = together * across * c->channels + GK_MAX_LANES, sums_step = together * across * j->block + GK_MAX_LANES;
	gk_scratch *scratch = gk_scratch_take(16 * (step + sums_step));
	if (!scratch) return -1;
	float *inputs = scratch->floats, *sums = inputs + 16 * step;
	static const float zeros[2 * GK_MAX_LANES];
	const gk_tile product = {.step = c->channels, .lines = 1, .pieces = 1, .length = c->channels, .b_step = j->block, .out_step = j->block, .columns = j->block};
	gk_tile t = {.out_step = c->filters, .line_step = c->out_width * c->filters, .relu = j->after.relu, .masked = j->mask != NULL, .mask = offset(j, j->mask), .adds = j->after.added != NULL, .added = offset(j, j->after.added)};
	for (int64_t row = 0; row < down; row += together) {
		const int64_t n = min64(together, down - row), tiles = n * across;
		for (int64_t r = 0; r < n; r++)
			j->x.tiles->winograd_input(x + 2 * (row + r) * line_step, line_step, c->channels, across, step, inputs + r * across * c->channels);
		for (int64_t first = some.first; first < some.end; first += j->block) {
			const float *packed = j->packed + first / j->block * (j->depth + j->head) * j->block;
			const int wide = gk_vectors(j->x.tiles, c->filters - first);
			for (int64_t k = 0; k < 16; k++) {
				const float *b = packed + j->head * j->block + k * c->channels * j->block;
				for (int64_t tile = 0, m; tile < tiles; tile += m) {
					m = even_tile(tiles - tile, j->x.tiles->rows);
					j->x.tiles->forward[m][wide](&product, inputs + k * step + tile * c->channels, b, zeros, sums + k * sums_step + tile * j->block);
				}
			}
			t.columns = min64(j->block, c->filters - first);
			head(j, packed, &t);
			for (int64_t r = 0; r < n; r++) {
				const int64_t at = row0 + 2 * (row + r);
				float *out = NULL, *pooled = NULL;
				uint8_t *positions = NULL;
				if (j->pool) {
					const int64_t to = (image * (c->out_height / 2) + at / 2) * (c->out_width / 2) * c->filters + first;
					pooled = j->y + to;
					if (j->positions) positions = j->positions + to;
				} else {
					out = j->y + (image * c->out_height + at) * t.line_step + first;
				}
				j->x.tiles->winograd_output(&t, sums + r * across * j->block, sums_step, across, c->out_height - at, c->out_width, packed, out, pooled, positions);
			}
		}
	}
	gk_scratch_give(scratch);
	return 0;
}

// band computes some rows of one image, or some columns of these.
static void band(forward_job *j, filters some, int64_t at) {
	const gk_conv *c = j->c;
	const int64_t column0 = at % j->sections * j->section, columns = min64(j->section, c->out_width - column0);
	at /= j->sections;
	const int64_t image = at / j->bands, row0 = at % j->bands * j->band, rows = min64(j->band, c->out_height - row0);
	if (rows <= 0 || columns <= 0) return;
	int64_t width = (columns - 1) * c->stride_columns + (c->kernel_width - 1) * c->dilation_columns + 1;
	int64_t height = (rows - 1) * c->stride_rows + (c->kernel_height - 1) * c->dilation_rows + 1;
	if (j->winograd) width += c->out_width % 2, height += rows % 2; // whole tiles
	gk_scratch *scratch = NULL, *full = NULL;
	int64_t line_step = 0;
	const float *x = around(&j->x, c, image, row0 * c->stride_rows - c->top, column0 * c->stride_columns - c->left, height, width, &line_step, &scratch);
	if (j->pool && !j->winograd) full = gk_scratch_take(rows * j->row_step);
	int failed = !x || (j->pool && !j->winograd && !full);
	if (!failed && j->winograd) failed = winograd_rows(j, some, image, row0, rows, x, line_step);
	if (failed) __atomic_store_n(&j->failed, 1, __ATOMIC_RELAXED);
	if (failed || j->winograd) goto end;
	gk_tile t = {
		.step = c->stride_columns * c->channels, .lines = c->kernel_height, .pieces = pieces(c), .length = c->kernel_width / pieces(c) * c->channels,
		.line_step = c->dilation_rows * line_step, .piece_step = c->dilation_columns * c->channels, .b_step = j->in_place ? c->filters : j->block, .out_step = j->column_step, .relu = j->after.relu, .masked = j->mask != NULL, .mask = offset(j, j->mask), .adds = j->after.added != NULL, .added = offset(j, j->after.added),
	};
	float *y = full ? full->floats : j->y + image * j->image_step + row0 * j->row_step + column0 * j->column_step;
	for (int64_t first = some.first; first < some.end; first += j->block) {
		const float *packed = j->packed + first / j->block * (j->depth + j->head) * j->block, *b = j->in_place ? j->kernel + first : packed + j->head * j->block;
		t.columns = min64(j->block, c->filters - first);
		head(j, packed, &t);
		const int wide = gk_vectors(j->x.tiles, t.columns);
		for (int64_t r = 0; r < rows; r++) {
			const float *a = x + r * c->stride_rows * line_step;
			float *out = y + r * j->row_step + first;
			if (j->few) {
				j->x.tiles->few(&t, a, columns, b, c->filters, packed, out);
				continue;
			}
			for (int64_t column = 0, n; column < columns; column += n) {
				n = even_tile(columns - column, j->x.tiles->rows);
				j->x.tiles->forward[n][wide](&t, a + column * t.step, b, packed, out + column * j->column_step);
			}
		}
	}
	if (full) {
		const int64_t windows = c->out_width / 2;
		for (int64_t r = 0; r + 1 < rows; r += 2) {
			const int64_t to = (image * (c->out_height / 2) + (row0 + r) / 2) * windows * c->filters;
			j->x.tiles->pool(y + r * j->row_step, y + (r + 1) * j->row_step, windows, c->filters, j->after.relu, j->y + to, j->positions ? j->positions + to : NULL);
		}
	}
end:
	if (scratch) gk_scratch_give(scratch);
	if (full) gk_scratch_give(full);
}

// plan decides how a job is done, as one of so many at a time.
static void plan(int level, const gk_parallel *p, forward_job *j, int64_t jobs) {
	const gk_conv *c = j->c;
	j->x.tiles = gk_tiles_of(c->filters <= FEW && (j->pool || c->channels < DEEP) ? GK_AVX2 : level);
	j->x.height = c->height, j->x.width = c->width, j->x.channels = c->channels;
	j->block = gk_vectors(j->x.tiles, c->filters) * j->x.tiles->lanes;
	if (!j->column_step) j->column_step = c->filters, j->row_step = c->out_width * c->filters, j->image_step = c->out_height * j->row_step;
	// Where there is one block of filters, all threads take its weights from the one that made them, which takes long beside few products.
	j->winograd = winograd_pays(c, (c->filters > j->block ? 2 : 8) * WINOGRAD_TILES) && j->column_step == c->filters && j->row_step == c->out_width * c->filters && c->channels % j->x.tiles->lanes == 0;
	j->few = !j->pool && few_pays(c, j->x.tiles);
	// For few pixels the weights are read where they are: to lay them out anew would take as long as the rest.
	j->in_place = !j->winograd && !j->few && !j->back && c->filters % j->block == 0 && c->batch * c->out_height * c->out_width <= 256;
	j->depth = j->in_place ? 0 : (j->winograd ? 16 : c->kernel_height * c->kernel_width) * c->channels;
	j->head = j->after.factor ? 3 : 1;
	j->blocks = div_up(c->filters, j->block);
	j->products = c->batch * c->out_height * c->out_width * c->kernel_height * c->kernel_width * c->channels * c->filters;
	// Some parts for each thread, so that all end together; pairs of rows, for the sake of pools. What has few rows, as sequences have, is cut across, too.
	const int64_t wanted = max64(1, div_up(4 * p->threads, c->batch * jobs));
	j->band = max64(1, div_up(div_up(c->out_height, wanted), 2)) * 2;
	j->bands = div_up(c->out_height, j->band);
	j->section = c->out_width;
	// With gaps in the kernel a part is no narrower than what it reads beside its own columns.
	const int64_t least = max64(NARROW, (c->kernel_width - 1) * (c->dilation_columns - 1));
	if (!j->winograd && !j->pool) j->section = max64(least, div_up(c->out_width, max64(1, wanted / j->bands)));
	j->sections = div_up(c->out_width, j->section);
}

// Jobs that are done together: what begins a few at a time would leave threads idle each time.
typedef struct {
	forward_job *list;
	int64_t count;
} forward_jobs;

static void pack_one(void *data, int64_t at) {
	const forward_jobs *all = data;
	const forward_job *j = &all->list[at % all->count];
	if (at / all->count < j->blocks) pack(j, at / all->count);
}

// band_one takes the jobs in turn, whose bands lie beside each other.
static void band_one(void *data, int64_t at) {
	const forward_jobs *all = data;
	forward_job *j = &all->list[at % all->count];
	if (at / all->count < j->c->batch * j->bands * j->sections) band(j, (filters){0, j->c->filters}, at / all->count);
}

// own_filters lays out the weights of some blocks of filters, and computes these.
static void own_filters(void *data, int64_t at) {
	forward_job *j = data;
	const filters own = {at * j->own, min64((at + 1) * j->own, j->c->filters)};
	for (int64_t first = own.first; first < own.end; first += j->block) pack(j, first / j->block);
	for (int64_t i = 0; i < j->c->batch * j->bands * j->sections; i++) band(j, own, i);
}

static int forward(int level, gk_parallel *p, forward_job *list, int64_t count) {
	forward_jobs all = {list, count};
	int64_t blocks = 0, bands = 0, weights = 0, products = 0;
	for (forward_job *j = list; j < list + count; j++) {
		plan(level, p, j, count);
		blocks = max64(blocks, j->blocks);
		bands = max64(bands, j->c->batch * j->bands * j->sections);
		weights += j->blocks * (j->depth + j->head) * j->block;
		products += j->products;
	}
	gk_scratch *packed = gk_scratch_take(weights);
	if (!packed) return -1;
	float *to = packed->floats;
	for (forward_job *j = list; j < list + count; j++) {
		j->packed = to;
		to += j->blocks * (j->depth + j->head) * j->block;
	}
	// What a thread laid out takes long to come to another, beside few products, and the weights of many filters don't stay near; so each may have filters of its own, though each transforms all of the input then.
	if (count == 1 && list->winograd && p->threads > 1 && list->blocks >= p->threads && winograd_tiles(list->c) < (list->c->filters < MANY_FILTERS ? 1 : 4) * OWN_TILES) {
		list->own = div_up(list->blocks, p->threads) * list->block;
		gk_spread(p, div_up(list->c->filters, list->own), own_filters, list, 1);
	} else {
		gk_spread(p, count * blocks, pack_one, &all, 16 * weights >= WORTH_THREADS);
		gk_spread(p, count * bands, band_one, &all, products >= WORTH_THREADS);
	}
	gk_scratch_give(packed);
	for (forward_job *j = list; j < list + count; j++)
		if (j->failed) return -1;
	return 0;
}

int gk_conv_forward(int level, gk_parallel *p, const gk_conv *c, gk_input x, const float *kernel, const gk_after *after, float *y) {
	forward_job j = {.c = c, .x = {.from = {x.values, NULL}, .beside = x.beside, .own = x.own}, .kernel = kernel, .after = *after, .y = y};
	return forward(level, p, &j, 1);
}

int gk_conv_forward_pool(int level, gk_parallel *p, const gk_conv *c, gk_input x, const float *kernel, const gk_after *after, float *pooled, uint8_t *positions) {
	forward_job j = {.c = c, .x = {.from = {x.values, NULL}, .beside = x.beside, .own = x.own}, .kernel = kernel, .after = *after, .pool = 1, .y = pooled, .positions = positions};
	return forward(level, p, &j, 1);
}

static phase phase_of(int64_t at, int64_t stride, int64_t dilation, int64_t kernel, int64_t before, int64_t size) {
	phase p = {.stride = stride, .element = at, .elements = at < kernel ? div_up(kernel - at, stride) : 0};
	// The place m·stride + at - before met the output's element m by the kernel's first one.
	const int64_t m = at < before ? div_up(before - at, stride) : 0;
	p.first = m * stride + at - before;
	p.places = p.first < size ? (size - 1 - p.first) / stride + 1 : 0;
	p.before = (p.elements - 1) * dilation - m;
	return p;
}

enum { TOGETHER = 9 }; // parts of an input's gradient

int gk_conv_input_gradient(int level, gk_parallel *p, const gk_conv *c, gk_output_gradient dy, const float *kernel, const gk_after *after, const float *mask, float *dx) {
	const int64_t row = c->width * c->channels, image = c->height * row;
	if (c->kernel_height < c->stride_rows || c->kernel_width < c->stride_columns) memset(dx, 0, c->batch * image * sizeof *dx);
	const int whole = c->stride_rows == 1 && c->stride_columns == 1;
	forward_job jobs[TOGETHER];
	gk_conv parts[TOGETHER];
	phase backs[TOGETHER][2];
	int64_t count = 0;
	for (int64_t i = 0; i < c->stride_rows; i++) {
		for (int64_t k = 0; k < c->stride_columns; k++) {
			phase *back = backs[count];
			back[0] = phase_of(i, c->stride_rows, c->dilation_rows, c->kernel_height, c->top, c->height);
			back[1] = phase_of(k, c->stride_columns, c->dilation_columns, c->kernel_width, c->left, c->width);
			if (!back[0].elements || !back[1].elements || !back[0].places || !back[1].places) continue;
			// A convolution of dy by the kernel, or these elements of it, turned around.
			gk_conv *part = &parts[count];
			*part = (gk_conv){
				.batch = c->batch, .height = c->out_height, .width = c->out_width, .channels = c->filters,
				.kernel_height = back[0].elements, .kernel_width = back[1].elements,
				.out_height = back[0].places, .out_width = back[1].places, .filters = c->channels,
				.stride_rows = 1, .stride_columns = 1, .dilation_rows = c->dilation_rows, .dilation_columns = c->dilation_columns, .top = back[0].before, .left = back[1].before,
			};
			const int64_t first = back[0].first * row + back[1].first * c->channels;
			forward_job *j = &jobs[count++];
			*j = (forward_job){.c = part, .x = {.from = dy}, .kernel = kernel, .kernel_width = c->kernel_width, .after = *after, .mask = mask ? mask + first : NULL, .back = back, .y = dx + first};
			if (!whole) j->column_step = c->stride_columns * c->channels, j->row_step = c->stride_rows * row, j->image_step = image;
			if (count < TOGETHER) continue;
			if (forward(level, p, jobs, count)) return -1;
			count = 0;
		}
	}
	return count ? forward(level, p, jobs, count) : 0;
}

// ---- the kernel's gradient ----

typedef struct {
	const gk_conv *c;
	images x, dy;
	float *sums, *bias_sums, *dkernel, *dbias;
	int winograd, few, failed;
	int64_t depth;         // rows of sums
	int64_t block, padded; // filters computed together; filters rounded up to blocks
	int64_t groups, rows;  // groups of images with sums of their own; output rows taken together
	int64_t parts, part;   // parts of the filters' blocks, and blocks in a part
} gradient_job;

enum { GROUPS = 8, ADDED = 16 };

// range is the stretch of output pixels, along one axis, whose pixel under the kernel's element, at from its first one, lies inside the input.
static void range(int64_t stride, int64_t before, int64_t at, int64_t size, int64_t *first, int64_t *end) {
	while (*first < *end && *first * stride - before + at < 0) ++*first;
	while (*end > *first && (*end - 1) * stride - before + at >= size) --*end;
}

// A part of the filters' blocks, and its sums in one group of images.
typedef struct {
	int64_t block0, blocks;
	int64_t filter0, wide, taken; // the first filter, and how many; of these are filters, not zeros behind the last
	int64_t image0, image1;
	float *sums, *bias_sums;
} group_part;

// gradient_rows writes rows of dy, as wide as columns, the part's filters side by side and zeros around them; beyond the last row and column are zeros.
static void gradient_rows(const gradient_job *j, const group_part *g, int64_t image, int64_t row0, int64_t rows, int64_t columns, float *out) {
	const gk_conv *c = j->c;
	for (int64_t r = 0; r < rows; r++, out += columns * g->wide) {
		if (row0 + r >= c->out_height) {
			memset(out, 0, columns * g->wide * sizeof *out);
			continue;
		}
		copy(&j->dy, image, row0 + r, 0, c->out_width, g->filter0, g->taken, out, g->wide);
		for (int64_t i = 0; i < c->out_width && g->taken < g->wide; i++) memset(out + i * g->wide + g->taken, 0, (g->wide - g->taken) * sizeof *out);
		memset(out + c->out_width * g->wide, 0, (columns - c->out_width) * g->wide * sizeof *out);
	}
}

// What an element of the kernel meets: output rows and columns from first and left up to last and right, whose pixels under it lie inside the input, the first of them at x.
typedef struct {
	int64_t first, last, left, right, x;
} stretch;

// meets finds what the kernel's element (i, k) meets of the output's rows from row0 up to row1; 0: nothing.
static int meets(const gk_conv *c, int64_t i, int64_t k, int64_t row0, int64_t row1, stretch *s) {
	*s = (stretch){.first = row0, .last = row1, .right = c->out_width};
	const int64_t down = i * c->dilation_rows, across = k * c->dilation_columns;
	range(c->stride_rows, c->top, down, c->height, &s->first, &s->last);
	range(c->stride_columns, c->left, across, c->width, &s->left, &s->right);
	s->x = ((s->first * c->stride_rows - c->top + down) * c->width + s->left * c->stride_columns - c->left + across) * c->channels;
	return s->first < s->last && s->left < s->right;
}

// few_group does the same as plain_group for few filters: it takes the vectors from x. Its sums are (taps, filters, channels).
static void few_group(const gradient_job *j, const group_part *g) {
	const gk_conv *c = j->c;
	const gk_tiles *tiles = j->dy.tiles;
	for (int64_t image = g->image0; image < g->image1; image++) {
		const float *x = j->x.from.values + image * c->height * c->width * c->channels;
		for (int64_t row0 = 0; row0 < c->out_height; row0 += j->rows) {
			const int64_t row1 = min64(row0 + j->rows, c->out_height);
			const float *dy = j->dy.from.values + (image * c->out_height + row0) * c->out_width * c->filters;
			for (int64_t i = 0; i < (row1 - row0) * c->out_width && j->dbias; i++)
				for (int64_t f = 0; f < c->filters; f++) g->bias_sums[f] += dy[i * c->filters + f];
			for (int64_t tap = 0; tap < c->kernel_height * c->kernel_width; tap++) {
				stretch s;
				if (!meets(c, tap / c->kernel_width, tap % c->kernel_width, row0, row1, &s)) continue;
				const gk_tile t = {
					.step = c->filters, .lines = s.last - s.first, .length = s.right - s.left, .line_step = c->out_width * c->filters,
					.b_step = c->stride_columns * c->channels, .b_line_step = c->stride_rows * c->width * c->channels, .out_step = c->channels,
				};
				const float *a = dy + ((s.first - row0) * c->out_width + s.left) * c->filters, *b = x + s.x;
				float *out = g->sums + tap * c->filters * c->channels;
				for (int64_t f = 0, n; f < c->filters; f += n) {
					n = even_tile(c->filters - f, tiles->rows);
					for (int64_t channel = 0; channel < c->channels; channel += j->block) tiles->gradient[n][2](&t, a + f, b + channel, out + f * c->channels + channel);
				}
			}
		}
	}
}

// plain_group adds products of the pixels of x and dy, tap by tap.
static int plain_group(gradient_job *j, const group_part *g) {
	const gk_conv *c = j->c;
	const gk_tiles *tiles = j->dy.tiles;
	const int64_t line = c->out_width * g->wide;
	// The rows of dy that are at work, in one piece. Where dy is so already it is used itself.
	const int in_place = !j->dy.from.positions && g->wide == c->filters;
	gk_scratch *scratch = in_place ? NULL : gk_scratch_take(j->rows * line);
	if (!in_place && !scratch) return -1;
	for (int64_t image = g->image0; image < g->image1; image++) {
		const float *x = j->x.from.values + image * c->height * c->width * c->channels;
		for (int64_t row0 = 0; row0 < c->out_height; row0 += j->rows) {
			const int64_t row1 = min64(row0 + j->rows, c->out_height);
			const float *dy = in_place ? j->dy.from.values + (image * c->out_height + row0) * line : scratch->floats;
			if (!in_place) gradient_rows(j, g, image, row0, row1 - row0, c->out_width, scratch->floats);
			if (j->dbias) tiles->add_rows(dy, (row1 - row0) * c->out_width, g->wide, g->wide, g->bias_sums);
			for (int64_t b = 0; b < g->blocks; b++) {
				for (int64_t tap = 0; tap < c->kernel_height * c->kernel_width; tap++) {
					stretch s;
					if (!meets(c, tap / c->kernel_width, tap % c->kernel_width, row0, row1, &s)) continue;
					const gk_tile t = {
						.step = c->stride_columns * c->channels, .lines = s.last - s.first, .length = s.right - s.left,
						.line_step = c->stride_rows * c->width * c->channels,
						.b_step = g->wide, .b_line_step = line, .out_step = j->padded,
					};
					const float *d = dy + ((s.first - row0) * c->out_width + s.left) * g->wide + b * j->block;
					float *out = g->sums + tap * c->channels * j->padded + b * j->block;
					for (int64_t channel = 0, n; channel < c->channels; channel += n) {
						n = even_tile(c->channels - channel, tiles->rows);
						tiles->gradient[n][gk_vectors(tiles, g->taken - b * j->block)](&t, x + s.x + channel, d, out + channel * j->padded);
					}
				}
			}
		}
	}
	if (scratch) gk_scratch_give(scratch);
	return 0;
}

// winograd_group adds products of transformed tiles of x and dy.
static int winograd_group(gradient_job *j, const group_part *g) {
	const gk_conv *c = j->c;
	const gk_tiles *tiles = j->dy.tiles;
	const int64_t across = div_up(c->out_width, 2), down = div_up(c->out_height, 2);
	const int64_t together = max64(1, min64(down, WINOGRAD_TILES / across)); // rows of tiles
	const int64_t line = 2 * across * g->wide;
	const int64_t step = together * across * c->channels + GK_MAX_LANES, dy_step = together * across * g->wide + GK_MAX_LANES;
	gk_scratch *scratch = gk_scratch_take(16 * (step + dy_step) + 2 * together * line);
	if (!scratch) return -1;
	float *inputs = scratch->floats, *outputs = inputs + 16 * step, *dy = outputs + 16 * dy_step;
	for (int64_t image = g->image0; image < g->image1; image++) {
		for (int64_t row = 0; row < down; row += together) {
			const int64_t n = min64(together, down - row), count = n * across;
			gk_scratch *padded = NULL;
			int64_t line_step = 0;
			const float *x = around(&j->x, c, image, 2 * row - c->top, -c->left, 2 * n + 2, 2 * across + 2, &line_step, &padded);
			if (!x) {
				gk_scratch_give(scratch);
				return -1;
			}
			gradient_rows(j, g, image, 2 * row, 2 * n, 2 * across, dy);
			if (j->dbias) tiles->add_rows(dy, 4 * count, g->wide, g->wide, g->bias_sums);
			for (int64_t r = 0; r < n; r++) {
				tiles->winograd_input(x + 2 * r * line_step, line_step, c->channels, across, step, inputs + r * across * c->channels);
				tiles->winograd_gradient(dy + 2 * r * line, line, g->wide, across, dy_step, outputs + r * across * g->wide);
			}
			if (padded) gk_scratch_give(padded);
			const gk_tile t = {.step = c->channels, .lines = 1, .length = count, .b_step = g->wide, .out_step = j->padded};
			for (int64_t k = 0; k < 16; k++)
				for (int64_t b = 0; b < g->blocks; b++)
					for (int64_t channel = 0, m; channel < c->channels; channel += m) {
						m = even_tile(c->channels - channel, tiles->rows);
						tiles->gradient[m][gk_vectors(tiles, g->taken - b * j->block)](&t, inputs + k * step + channel, outputs + k * dy_step + b * j->block, g->sums + (k * c->channels + channel) * j->padded + b * j->block);
					}
		}
	}
	gk_scratch_give(scratch);
	return 0;
}

static void group(void *data, int64_t at) {
	gradient_job *j = data;
	const gk_conv *c = j->c;
	const int64_t n = at / j->parts;
	group_part g = {.block0 = at % j->parts * j->part};
	g.blocks = min64(j->part, j->padded / j->block - g.block0);
	if (g.blocks <= 0) return;
	g.filter0 = g.block0 * j->block;
	g.wide = g.blocks * j->block;
	g.taken = min64(g.wide, c->filters - g.filter0);
	g.image0 = c->batch * n / j->groups;
	g.image1 = c->batch * (n + 1) / j->groups;
	g.sums = j->sums + n * j->depth * j->padded + g.filter0;
	g.bias_sums = j->bias_sums + n * j->padded + g.filter0;
	for (int64_t i = 0; i < j->depth; i++) memset(g.sums + i * j->padded, 0, g.wide * sizeof(float));
	memset(g.bias_sums, 0, g.wide * sizeof(float));
	if (j->few)
		few_group(j, &g);
	else if (j->winograd ? winograd_group(j, &g) : plain_group(j, &g))
		__atomic_store_n(&j->failed, 1, __ATOMIC_RELAXED);
}

// total adds the groups' sums, which are step apart.
static void total(const float *sums, int64_t groups, int64_t step, int64_t n, float *out) {
	if (out != sums) memcpy(out, sums, n * sizeof *out);
	for (int64_t g = 1; g < groups; g++)
		for (int64_t i = 0; i < n; i++) out[i] += sums[g * step + i];
}

// add_up adds the groups' sums for some channels of the kernel, or, behind the last, for the bias.
static void add_up(void *data, int64_t at) {
	gradient_job *j = data;
	const gk_conv *c = j->c;
	if (at == ADDED) {
		total(j->bias_sums, j->groups, j->padded, c->filters, j->dbias);
		return;
	}
	const int64_t taps = j->depth / c->channels;
	for (int64_t channel = c->channels * at / ADDED; channel < c->channels * (at + 1) / ADDED; channel++) {
		for (int64_t i = 0; i < taps * c->filters && j->few; i++) {
			float sum = 0;
			for (int64_t g = 0; g < j->groups; g++) sum += j->sums[g * j->depth * j->padded + i * c->channels + channel];
			j->dkernel[(i / c->filters * c->channels + channel) * c->filters + i % c->filters] = sum;
		}
		for (int64_t k = 0; k < taps && !j->few; k++) {
			float *sums = j->sums + (k * c->channels + channel) * j->padded;
			total(sums, j->groups, j->depth * j->padded, j->winograd ? j->padded : c->filters, j->winograd ? sums : j->dkernel + (k * c->channels + channel) * c->filters);
		}
		if (j->winograd)
			j->dy.tiles->winograd_kernel_gradient(j->sums + channel * j->padded, c->channels * j->padded, c->filters, c->channels * c->filters, j->dkernel + channel * c->filters);
	}
}

int gk_conv_kernel_gradient(int level, gk_parallel *p, const gk_conv *c, const float *x, gk_output_gradient dy, float *dkernel, float *dbias) {
	gradient_job j = {.c = c, .dkernel = dkernel, .dbias = dbias};
	const gk_tiles *tiles = gk_tiles_of(c->filters <= FEW && c->channels % DEEP ? GK_AVX2 : level);
	j.x = (images){.tiles = tiles, .from = {x, NULL}, .height = c->height, .width = c->width, .channels = c->channels};
	j.dy = (images){.tiles = tiles, .from = dy, .height = c->out_height, .width = c->out_width, .channels = c->filters};
	j.few = c->filters <= FEW && c->channels % (2 * tiles->lanes) == 0 && !dy.positions;
	j.block = (j.few ? 2 : gk_vectors(tiles, c->filters)) * tiles->lanes;
	j.padded = div_up(c->filters, j.block) * j.block;
	j.winograd = winograd_pays(c, 2 * WINOGRAD_TILES) && c->channels % tiles->lanes == 0 && c->filters % tiles->lanes == 0;
	j.depth = (j.winograd ? 16 : c->kernel_height * c->kernel_width) * c->channels;
	const int64_t size = (j.depth + 1) * j.padded, most = (int64_t)8 << 20; // floats, of one group and in all
	j.groups = max64(1, min64(min64(GROUPS, c->batch), most / size));
	j.parts = min64(j.padded / j.block, div_up(GROUPS, j.groups));
	j.part = div_up(j.padded / j.block, j.parts);
	const int64_t near = 6 << 10, far = 32 * near; // floats that stay in the nearest cache, and in the next one
	const int64_t x_row = c->out_width * c->channels * c->stride_rows * c->stride_columns;
	// Where not even a block's sums stay near, they are to be read for as many rows as can be: only the block's part of dy has to stay.
	const int64_t rows = c->kernel_height * c->kernel_width * c->channels * j.block > near ? min64(near / (c->out_width * j.block), far / x_row) : near / (x_row + c->out_width * j.padded);
	j.rows = max64(1, min64(c->out_height, rows));
	gk_scratch *sums = gk_scratch_take(j.groups * size);
	if (!sums) return -1;
	j.sums = sums->floats;
	j.bias_sums = sums->floats + j.groups * j.depth * j.padded;
	p->run(p, j.groups * j.parts, group, &j);
	if (!j.failed) p->run(p, ADDED + (dbias ? 1 : 0), add_up, &j);
	gk_scratch_give(sums);
	return j.failed ? -1 : 0;
}

// ---- max-pool alone ----

typedef struct {
	images full;
	int64_t height, width;
	float *out;
	uint8_t *positions;
} pool_job;

static void pool_image(void *data, int64_t image) {
	const pool_job *j = data;
	const int64_t line = j->full.width * j->full.channels, windows = j->full.width / 2;
	const float *y = j->full.from.values + image * j->full.height * line;
	for (int64_t r = 0; r + 1 < j->full.height; r += 2) {
		const int64_t to = (image * (j->full.height / 2) + r / 2) * windows * j->full.channels;
		j->full.tiles->pool(y + r * line, y + (r + 1) * line, windows, j->full.channels, 0, j->out + to, j->positions ? j->positions + to : NULL);
	}
}

static void unpool_image(void *data, int64_t image) {
	const pool_job *j = data;
	const int64_t n = j->full.channels;
	for (int64_t r = 0; r < j->full.height; r++)
		copy(&j->full, image, r, 0, j->full.width, 0, n, j->out + (image * j->full.height + r) * j->full.width * n, n);
}

static pool_job pool_of(int level, const gk_conv *c, gk_output_gradient from) {
	return (pool_job){.full = {.tiles = gk_tiles_of(level), .from = from, .height = c->out_height, .width = c->out_width, .channels = c->filters}};
}

void gk_pool_forward(int level, gk_parallel *p, const gk_conv *c, const float *y, float *pooled, uint8_t *positions) {
	pool_job j = pool_of(level, c, (gk_output_gradient){y, NULL});
	j.out = pooled;
	j.positions = positions;
	p->run(p, c->batch, pool_image, &j);
}

void gk_pool_gradient(int level, gk_parallel *p, const gk_conv *c, gk_output_gradient dy, float *full) {
	pool_job j = pool_of(level, c, dy);
	j.out = full;
	p->run(p, c->batch, unpool_image, &j);
}
