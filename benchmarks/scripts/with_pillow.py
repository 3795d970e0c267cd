"""Filter a picture by Pillow: IN OUT KERNEL.mat DILATION; 3x3 or 5x5 with the holes counted.

Pillow takes the rows of a kernel from the bottom up.
"""

import sys

from PIL import Image, ImageFilter

source, target, path, dilation, *_ = sys.argv[1:]
step = int(dilation)
with open(path) as file:  # noqa: PTH123
    divisor = float(file.readline().split()[2])
    rows = [[int(word) for word in line.split()] for line in file]
side = (len(rows) - 1) * step + 1
table = [0] * (side * side)
for y, row in enumerate(reversed(rows)):
    for x, weight in enumerate(row):
        table[y * step * side + x * step] = weight
with Image.open(source) as picture:
    result = picture.filter(ImageFilter.Kernel((side, side), table, divisor))
if target.endswith(".jpg"):
    result.save(target, quality=85)
else:
    result.save(target)
