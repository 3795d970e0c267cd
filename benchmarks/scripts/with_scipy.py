"""Filter a picture by SciPy, as a short script does it: IN OUT KERNEL.mat DILATION [separable]."""

import sys

import numpy as np
from scipy import ndimage

source, target, path, dilation, *words = sys.argv[1:]
step = int(dilation)
with open(path) as file:  # noqa: PTH123
    divisor = float(file.readline().split()[2])
weights = np.loadtxt(path, skiprows=1, ndmin=2) / divisor
if target.endswith(".tif"):
    import tifffile

    picture = tifffile.imread(source)
else:
    from PIL import Image

    picture = np.asarray(Image.open(source))

if words:
    line = np.zeros((weights.size - 1) * step + 1)
    line[::step] = weights.ravel()
    result = ndimage.correlate1d(picture, line, axis=0, output=np.float32, mode="nearest")
    result = ndimage.correlate1d(result, line, axis=1, mode="nearest")
else:
    table = np.zeros([(n - 1) * step + 1 for n in weights.shape])
    table[::step, ::step] = weights
    result = ndimage.correlate(picture, table[..., None], output=np.float32, mode="nearest")
top = np.iinfo(picture.dtype).max
result = np.clip(np.rint(result), 0, top).astype(picture.dtype)
if target.endswith(".tif"):
    tifffile.imwrite(target, result, photometric="rgb")
elif target.endswith(".jpg"):
    Image.fromarray(result).save(target, quality=85)
else:
    Image.fromarray(result).save(target)
