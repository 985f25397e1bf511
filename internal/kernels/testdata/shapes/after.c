#include "shapes.h"

gk_after random_after(int64_t columns, int64_t n, int may_add) {
	gk_after a = {.relu = between(GK_LINEAR, GK_RELU6)};
	if (one_in(3)) a.factor = numbers(columns);
	if (one_in(2)) a.bias = numbers(columns);
	if (may_add && one_in(3)) a.added = numbers(n);
	return a;
}

double followed(double sum, const gk_after *after, int64_t column, int64_t at) {
	if (after->factor) sum *= after->factor[column];
	if (after->bias) sum += after->bias[column];
	if (after->added) sum += after->added[at];
	if (after->relu != GK_LINEAR && sum <= 0) return 0;
	return after->relu == GK_RELU6 && sum >= 6 ? 6 : sum;
}
