"""Pillow's door: open by a named format, and samples in and out without a copy too many."""

from __future__ import annotations

import importlib
import io
import struct
import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import BinaryIO

    from numpy.typing import NDArray
    from PIL import Image

__all__ = [
    "as_array",
    "as_image",
    "keep_blocks",
    "load_module",
    "open_image",
    "target",
    "unlimited",
]

#: Bytes of a strip of an image: what the processor's caches hold.
_STRIP_BYTES = 1 << 19
#: Bytes of a large piece for a decoder.
_LARGE_PIECE = 1 << 26
#: Blocks of memory, of a mebibyte each, that Pillow keeps.
_KEPT_BLOCKS = 20
#: The modules that Pillow loads for the formats of most pictures.
_MODULES = {"JPEG": "PIL.JpegImagePlugin", "PNG": "PIL.PngImagePlugin"}
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


def open_image(
    stream: BinaryIO,
    format: str,  # noqa: A002 -- Pillow's own word
    *,
    at_once: bool = False,
) -> Any:
    """Open a stream as one format, and as no other.

    With ``at_once`` its decoder gets large pieces: beside a busy thread it would wait for Python's
    lock at each of many small ones.
    """
    from PIL import Image

    with unlimited():
        image = _opened(stream, format) or Image.open(stream, formats=(format,))
    if at_once:
        image.decodermaxblock = _LARGE_PIECE
    return image


def keep_blocks() -> None:
    """Have Pillow keep the memory of an image for the next one, which a JPEG is encoded from.

    The system would clear it anew, page by page: a sixth of the time of a JPEG.
    """
    from PIL import Image

    keep = getattr(getattr(Image, "core", None), "set_blocks_max", None)
    if keep is not None:
        keep(_KEPT_BLOCKS)


def load_module(format_: str) -> None:
    """Load the module that knows a format, JPEG or PNG.

    Where a thread is to decode, that is for the main one to do before: an interrupt that comes
    while it loads a module may keep all other threads from ever loading one.
    """
    importlib.import_module(_MODULES[format_])


def _opened(stream: BinaryIO, format_: str) -> Any:
    """Open a stream by the one module that knows its format; None if that fails.

    ``Image.open`` loads the modules of five formats before it looks at the first byte.
    """
    from PIL import Image

    if format_ not in _MODULES:
        return None
    load_module(format_)
    factory, _ = Image.OPEN[format_]
    try:
        return factory(stream, "")
    except (SyntaxError, IndexError, TypeError, struct.error):
        stream.seek(0)
        return None


def target(extension: str) -> io.BytesIO:
    """Return a file in memory whose name tells Pillow, when it saves, which module it needs."""
    buffer = _Named()
    buffer.name = f"picture.{extension}"
    return buffer


class _Named(io.BytesIO):
    name: str


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
