# Modules beside the script. By CPython with Keras 3, in port/testdata:
#
#	python modules.py > modules.txt
import sys

import numpy as np

import helpers_one
import helpers_one as again
import helpers_pkg.blocks as blocks
from helpers_one import BATCH, Scaler, area as size
from helpers_pkg import SHARED, twice
from helpers_pkg.deep import rules
from helpers_two import *

sys.path.append("helpers_folder")
import helpers_far


# The same name as in a module
def area(a, b):
    return a + b


RATE = 7
print(area(2, 3), size(2, 3), helpers_one.area(4, 5), again.area(1), RATE, helpers_one.RATE)
print(BATCH, helpers_one.BATCH, helpers_one.count(), helpers_one.count())
BATCH = BATCH * 2
print(BATCH, helpers_one.BATCH, helpers_one.double_batch())
s = Scaler(2.5)
print(s.scale(4), s.kind)
print(SHARED, twice(SHARED), blocks.name(), rules.rule(3), rules.rule(3, 5))
print(shout("hi"), volume(2, 3, 4), helpers_far.far())
print(helpers_one.table(), helpers_one.LIMITS)

model = blocks.build((4,), 3)
print(model.name, len(model.layers), model.count_params())
print(model.predict(np.ones((2, 4), "float32"), verbose=0).shape)


class Wide(Scaler):
    def scale(self, x):
        return x * self.by + RATE


print(Wide().scale(2), Wide(3).scale(2))


def inside():
    from helpers_two import volume as v
    import helpers_late
    return v(1, 1, 5) + helpers_late.late(2)


print(inside())
