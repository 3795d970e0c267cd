"""A picture filtered strip by strip: rows are read, filtered and written, and then forgotten."""

from __future__ import annotations

from math import prod
from typing import TYPE_CHECKING, NamedTuple

from dilcli.errors import ImageFileError

if TYPE_CHECKING:
    from typing import Any

    from dilcli.core.treatment import Frame
    from dilcli.core.window import Window
    from dilcli.files import FrameRows

__all__ = ["ROWS", "Strip", "carry_out", "cut", "no_room", "read_window"]

#: Rows of a strip: whole rows of the tiles that a TIFF is written in.
ROWS = 256
#: Bytes of samples that a strip aims at; more of them save no time.
_AIM = 48 << 20
#: Rows that a strip has at least: lower ones read their halo over and over.
_LEAST = 32
#: Bytes that a thread takes for scratch beside its arrays.
_SCRATCH = 8 << 20

#: Output rows ``[first, last)``.
Strip = tuple[int, int]


class _Sizes(NamedTuple):
    """Bytes of a row of the input, and of the output."""

    source: int
    output: int


def _sizes(plan: Frame) -> _Sizes:
    _, width, channels = plan.shape
    layout = plan.layout
    samples = prod(layout.shape) // plan.rows
    return _Sizes(width * channels * plan.source.itemsize, samples * layout.dtype.itemsize)


def _memory(plan: Frame, frame: FrameRows, strip: Strip, threads: int) -> int:
    """Estimate the bytes that a strip takes from reading to writing."""
    from dilcli.core.window import merged

    sizes, together = _sizes(plan), frame.together
    runs = plan.reads(strip)
    window = sum(last - first for first, last in runs)
    # What is decoded at once stays until the next strip has read what it shares with it.
    pieces = merged([tuple((a // together, -(-b // together)) for a, b in runs)])
    decoded = sum(last - first for first, last in pieces) * together
    # While the next strip is read, some that it does not share is still there.
    held = window + (decoded + together if together > 1 else 0)
    # The writer holds a row of tiles beside the strip, and a copy of it while it packs them.
    made = 2 * (strip[1] - strip[0] + ROWS) * sizes.output
    return held * sizes.source + made + plan.held(strip) + threads * (_SCRATCH + plan.scratch())


def cut(plan: Frame, frame: FrameRows, memory: int, threads: int, name: str) -> list[Strip]:
    """Cut the outputs of a frame into strips that fit into memory.

    Parameters
    ----------
    plan : Frame
        What is done to the frame.
    frame : FrameRows
        Where its rows come from.
    memory : int
        Bytes that there are beside what the process takes anyway.
    threads : int
        How many will work.
    name : str
        Said in messages.

    Returns
    -------
    list of (int, int)
        Output rows ``[first, last)``.

    Raises
    ------
    ImageFileError
        If strips of a few rows do not fit.
    """
    total, grid = plan.rows, plan.grid
    unit = -(-ROWS // grid) * grid
    most = min(_AIM // max(_sizes(plan).output, 1), total)
    rows = max(-(-most // unit), 1) * unit

    def needed(rows: int) -> int:
        # A strip in the middle reads most: at the edges taps turn back into the picture.
        first = min(max(total // 2 // rows * rows, 0), max(total - rows, 0))
        return _memory(plan, frame, (first, min(first + rows, total)), threads)

    least = min(_LEAST, total)
    while rows > least and needed(min(rows, total)) > memory:
        fewer = rows * 3 // 4
        rows = max(fewer // unit, 1) * unit if rows > unit else max(fewer, least)
    if needed(min(rows, total)) > memory:
        raise no_room(name, needed(rows), memory)
    return [(first, min(first + rows, total)) for first in range(0, total, rows)]


def no_room(name: str, needed: int, memory: int) -> ImageFileError:
    """Say that not even strips fit into memory, and what would be enough."""
    return ImageFileError(
        f"{name}: even strip by strip it takes {needed / 1e6:.0f} MB beside what the "
        f"program itself needs, and --memory-limit leaves {max(memory, 0) / 1e6:.0f} MB; "
        f"raise it by {(needed - memory) / 1e6 + 1:.0f} MB"
    )


def read_window(frame: FrameRows, plan: Frame, strip: Strip, order: Any = None) -> Window:
    """Read the rows of a frame that an order about a strip of outputs needs."""
    import numpy as np

    from dilcli.core.window import Window

    runs = plan.reads(strip, order)
    if len(runs) == 1:
        return Window(frame.read(*runs[0]), plan.shape[0], runs)
    count = sum(last - first for first, last in runs)
    pixels = np.empty((count, *plan.shape[1:]), plan.source)
    place = 0
    for first, last in runs:
        pixels[place : place + last - first] = frame.read(first, last)
        place += last - first
    return Window(pixels, plan.shape[0], runs)


def carry_out(frame: FrameRows, plan: Frame, order: Any, strip: Strip, threads: int | None) -> Any:
    """Carry out an order on a strip of outputs, from the rows that it reads.

    Parameters
    ----------
    frame : FrameRows
        Where rows come from.
    plan : Frame
        What is done to them.
    order : object
        One of the plan's.
    strip : (int, int)
    threads : int, optional
        As in `dilcli.correlate`.

    Returns
    -------
    object
        What `dilcli.core.treatment.Frame.carry_out` gives.
    """
    return plan.carry_out(order, read_window(frame, plan, strip, order), strip, threads)
