"""A frame that is taken apart: its transform laid out, and its rows read as strips need them."""

from __future__ import annotations

from contextlib import ExitStack, contextmanager
from math import prod
from sys import maxsize
from typing import TYPE_CHECKING, NamedTuple

from dilcli import files
from dilcli.errors import ImageFileError
from dilcli.features.streaming import in_memory

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from contextlib import AbstractContextManager
    from pathlib import Path
    from typing import Any

    import numpy as np
    from numpy.typing import NDArray

    from dilcli.core.starlet_plan import StarletPlan
    from dilcli.core.window import Runs, Window
    from dilcli.files import FrameRows, Header, RowPicture

__all__ = [
    "StarletSource",
    "collected",
    "colour_shape",
    "decoded_bytes",
    "open_frames",
    "read_runs",
    "span_of",
]

#: A picture that takes no more than this share of what there is, is decoded at once ...
_SMALL = 8
#: ... and one that cannot be read by rows may take this share: decoders hold it twice.
_LARGEST = 3
#: Bytes that are looked through at a time.
_BLOCK = 32 << 20


class StarletSource(NamedTuple):
    """A frame and its transform.

    Attributes
    ----------
    rows : FrameRows
        With alpha of either kind, if there is any.
    plan : StarletPlan
        Of the colours.
    alpha : bool
        Whether the last channel is alpha.
    """

    rows: FrameRows
    plan: StarletPlan
    alpha: bool

    @property
    def shape(self) -> tuple[int, ...]:
        """Of each plane: (N,), (H, W) or (H, W, C)."""
        return colour_shape(self.rows.shape, alpha=self.alpha)

    def read(self, runs: Runs) -> tuple[Window, Window | None]:
        """Read rows of the colours, and of alpha, each of shape (rows, W, C)."""
        import numpy as np

        from dilcli.core.window import Window

        pixels, height = read_runs(self.rows, runs), self.plan.shape[0]
        if not self.alpha:
            return Window(pixels, height, runs), None
        colours = np.ascontiguousarray(pixels[..., :-1])
        return Window(colours, height, runs), Window(pixels[..., -1:].copy(), height, runs)


def colour_shape(shape: tuple[int, ...], *, alpha: bool) -> tuple[int, ...]:
    """Give the shape of a frame's colours: one channel without alpha is no axis of its own."""
    if not alpha:
        return shape
    return shape[:2] if shape[2] == 2 else (*shape[:2], shape[2] - 1)


def read_runs(rows: FrameRows, runs: Runs) -> NDArray[Any]:
    """Read rows of a frame, one run after another, as (rows, W, C)."""
    import numpy as np

    if len(runs) == 1:
        return rows.read(*runs[0])
    return np.concatenate([rows.read(*run) for run in runs])


def span_of(rows: FrameRows, *, alpha: bool) -> tuple[float, float] | None:
    """Find the smallest and the largest sample of wide integers, which a plan wants to know.

    Raises
    ------
    ArgumentError
        If there are some that float64 cannot tell apart.
    """
    from dilcli.core.arguments import response_dtype

    if rows.dtype.kind not in "ui" or rows.dtype.itemsize <= 2:
        return None
    height, *row = rows.shape if len(rows.shape) > 1 else (1, *rows.shape)
    step = max(_BLOCK // (prod(row) * rows.dtype.itemsize), 1)
    lows, highs = [], []
    for first in range(0, height, step):
        pixels = rows.read(first, min(first + step, height))
        pixels = pixels[..., :-1] if alpha else pixels
        response_dtype(pixels)
        lows.append(float(pixels.min()))
        highs.append(float(pixels.max()))
    return min(lows), max(highs)


def decoded_bytes(header: Header, frames: Sequence[int]) -> int:
    """Count the bytes of the samples of some frames."""
    import numpy as np

    channels = header.shape[2] if len(header.shape) == 3 else 1
    size: np.dtype[Any] = np.dtype(header.dtype)
    return sum(header.pixels[index] for index in frames) * channels * size.itemsize


@contextmanager
def open_frames(
    content: Path | bytes,
    header: Header,
    frames: Sequence[int],
    name: str,
    *,
    memory: int,
    threads: int,
) -> Iterator[tuple[RowPicture, int]]:
    """Open frames of a picture for reading by rows, from the file where they are large.

    Parameters
    ----------
    content, name
        As in `dilcli.files.read`.
    header : Header
        Of the picture.
    frames : sequence of int
        Which ones are read.
    memory : int
        Bytes there are for everything.
    threads : int
        That may decode.

    Yields
    ------
    RowPicture
    int
        Bytes of it that are held in memory.

    Raises
    ------
    ImageFileError
        If it cannot be read, or is too large and cannot be read by rows.
    """
    size = decoded_bytes(header, frames)
    with ExitStack() as stack:
        rows = None
        if size > memory // _SMALL:
            opened = files.open_rows(content, frames=frames, name=name, threads=threads)
            rows = _by_rows(stack, opened, header, name, (size, memory))
        if rows is not None:
            yield rows, 0
            return
        # What is decoded is held to the memory there is, which says more than a number of pixels.
        yield in_memory(files.read(content, frames=frames, max_pixels=maxsize, name=name)), size


def _by_rows(
    stack: ExitStack,
    opened: AbstractContextManager[RowPicture],
    header: Header,
    name: str,
    room: tuple[int, int],
) -> RowPicture | None:
    """Open a picture by rows; None where it cannot be, and may be decoded whole."""
    size, memory = room
    fits = size <= memory // _LARGEST
    if not files.FORMATS[header.format].strips:
        if fits:
            return None
        lacking = size * _LARGEST - memory
        raise ImageFileError(
            f"{name}: {files.FORMATS[header.format].title} is decoded whole, {size / 1e6:.0f} MB, "
            f"which the memory limit has no room for; raise --memory-limit by "
            f"{lacking / 1e6 + 1:.0f} MB. TIFF, .npy and Zarr pass through strip by strip"
        )
    try:
        return stack.enter_context(opened)
    except ImageFileError:
        if fits:
            return None
        raise


def collected(frame: files.StripFrame) -> NDArray[Any]:
    """Put the strips of a frame together in memory."""
    import numpy as np

    pixels, rows = np.empty(frame.shape, frame.dtype), 0
    for strip in frame.strips:
        pixels[rows : rows + len(strip)] = strip
        rows += len(strip)
    return pixels
