"""Pillow's door: open by a named format, and samples in and out without a copy too many."""

from __future__ import annotations

import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import BinaryIO

    from numpy.typing import NDArray
    from PIL import Image

__all__ = ["as_array", "as_image", "open_image", "unlimited"]

_STRIP_BYTES = 4 << 20
_limit = threading.RLock()


@contextmanager
def unlimited() -> Iterator[None]:
    """Lift Pillow's own pixel limit while it opens a file; ours has been checked before.

    Pillow refuses 179 Mpx, which a 200 Mpx telephone makes, and its limit is a module variable.
    """
    from PIL import Image

    with _limit:
        before = Image.MAX_IMAGE_PIXELS
        Image.MAX_IMAGE_PIXELS = None
        try:
            yield
        finally:
            Image.MAX_IMAGE_PIXELS = before


def open_image(stream: BinaryIO, format: str) -> Any:  # noqa: A002 -- Pillow's own word
    """Open a stream as one format, and as no other."""
    from PIL import Image

    with unlimited():
        return Image.open(stream, formats=(format,))


def as_array(image: Image.Image) -> NDArray[Any]:
    """Return the samples of an image: native byte order, C-contiguous, perhaps read-only.

    ``np.asarray`` alone holds the samples twice more while it joins them; cut into strips the
    peak is the image and the array.
    """
    import numpy as np

    # An error while decoding must come from here: numpy hides it behind one of its own.
    image.load()
    width, height = image.size
    rows = max(1, _STRIP_BYTES // (width * 4))
    if rows >= height:
        whole = np.asarray(image)
        return np.ascontiguousarray(whole, whole.dtype.newbyteorder("="))
    out: NDArray[Any] | None = None
    for top in range(0, height, rows):
        strip = np.asarray(image.crop((0, top, width, min(top + rows, height))))
        if out is None:
            out = np.empty((height, *strip.shape[1:]), strip.dtype.newbyteorder("="))
        out[top : top + rows] = strip
    assert out is not None
    return out


def as_image(array: NDArray[Any]) -> Image.Image:
    """Return a Pillow image of uint8 samples with 1 to 4 channels, or of uint16 gray."""
    import numpy as np
    from PIL import Image

    if array.ndim == 3 and array.shape[2] == 1:
        array = array[:, :, 0]
    return Image.fromarray(np.ascontiguousarray(array))
