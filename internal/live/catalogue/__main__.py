import sys

from . import entries, write

write(sys.argv[1])
print(f"{len(entries)} models in {sys.argv[1]}")
