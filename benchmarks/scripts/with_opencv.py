"""Filter a picture by OpenCV, as a short script does it: IN OUT KERNEL.mat DILATION [separable]."""

import sys

import cv2
import numpy as np
from numpy.typing import NDArray

source, target, path, dilation, *words = sys.argv[1:]
step = int(dilation)
with open(path) as file:  # noqa: PTH123
    divisor = float(file.readline().split()[2])
weights = np.loadtxt(path, skiprows=1, ndmin=2) / divisor
picture = cv2.imread(source, cv2.IMREAD_UNCHANGED)


def spread(table: NDArray[np.float64]) -> NDArray[np.float32]:
    """Put zeros between the weights."""
    stuffed = np.zeros([(n - 1) * step + 1 if n > 1 else 1 for n in table.shape], np.float32)
    stuffed[::step, ::step] = table
    return stuffed


if words:
    line = spread(weights)
    result = cv2.sepFilter2D(picture, -1, line, line, borderType=cv2.BORDER_REPLICATE)
else:
    result = cv2.filter2D(picture, -1, spread(weights), borderType=cv2.BORDER_REPLICATE)
options = [cv2.IMWRITE_JPEG_QUALITY, 85] if target.endswith(".jpg") else []
cv2.imwrite(target, result, options)
