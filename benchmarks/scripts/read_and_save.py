"""What no Python program can do without: click, NumPy, Pillow, a picture read and saved: IN OUT."""

import sys

import click  # noqa: F401
import numpy as np
from PIL import Image

with Image.open(sys.argv[1]) as picture:
    Image.fromarray(np.asarray(picture)).save(sys.argv[2])
