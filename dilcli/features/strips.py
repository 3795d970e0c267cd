"""A picture filtered strip by strip: rows are read, filtered and written, and then forgotten."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from dilcli.errors import ImageFileError

if TYPE_CHECKING:
    from typing import Any

    from numpy.typing import NDArray

    from dilcli.core.filtering import Extremes
    from dilcli.core.plan import Plan
    from dilcli.core.samples import Fit
    from dilcli.core.window import Window
    from dilcli.files import FrameRows

__all__ = ["ROWS", "Strip", "cut", "extremes_of", "filter_strip", "read_window"]

#: Rows of a strip: whole rows of the tiles that a TIFF is written in.
ROWS = 256
#: Bytes of samples that a strip aims at; more of them save no time.
_AIM = 48 << 20
#: Rows that a strip has at least: lower ones read their halo over and over.
_LEAST = 32
#: Bytes that a thread takes for transforms, and for any other scratch beside its arrays.
_TRANSFORMS, _SCRATCH = 96 << 20, 8 << 20
#: How many times a thread's arrays are there where colours are mixed or turned into linear light,
#: and where alpha weighs them. Measured.
_PREPARED, _WEIGHED = 2, 4

#: Output rows ``[first, last)``.
Strip = tuple[int, int]


class _Sizes(NamedTuple):
    """Bytes of a row of the input, of the output, and of real numbers."""

    source: int
    output: int
    real: int


def _sizes(plan: Plan) -> _Sizes:
    _, width, channels = plan.shape
    columns = -(-width // plan.recipe.stride[1])
    made = columns * (plan.colours + plan.layout.alpha) * plan.layout.dtype.itemsize
    real = width * plan.field.channels * plan.field.fill.dtype.itemsize
    return _Sizes(width * channels * plan.source.itemsize, made, real)


def _memory(plan: Plan, frame: FrameRows, strip: Strip, threads: int) -> int:
    """Estimate the bytes that a strip takes from reading to writing."""
    from dilcli.core.plan import planes_held, rows_wanted
    from dilcli.core.window import merged

    sizes, together = _sizes(plan), frame.together
    runs = rows_wanted(plan, strip)
    window = sum(last - first for first, last in runs)
    # What is decoded at once stays until the next strip has read what it shares with it.
    pieces = merged([tuple((a // together, -(-b // together)) for a, b in runs)])
    decoded = sum(last - first for first, last in pieces) * together
    # While the next strip is read, some that it does not share is still there.
    held = window + (decoded + together if together > 1 else 0)
    # The writer holds a row of tiles beside the strip, and a copy of it while it packs them.
    made = 2 * (strip[1] - strip[0] + ROWS) * sizes.output
    planes = planes_held(plan, strip) * sizes.real
    return held * sizes.source + made + planes + threads * (_SCRATCH + _arrays(plan))


def _arrays(plan: Plan) -> int:
    """Estimate the bytes of the arrays that a thread sums in."""
    from dilcli.core.strips import BLOCK_SAMPLES, strip_rows

    most, channels = 0, plan.field.channels
    for stencil in plan.stencils:
        samples = min(plan.shape[1] * channels, BLOCK_SAMPLES * 3 // 2)
        rows = strip_rows(stencil, samples)
        products = 0 if stencil.products is None else len(stencil.products)
        planes = rows + stencil.rows + rows * (products + 3)
        size = planes * samples * stencil.dtype.itemsize * 5 // 4
        most = max(most, _TRANSFORMS if stencil.method == "fourier" else size)
    if plan.alpha == "premultiply":
        return most * _WEIGHED
    return most * (_PREPARED if plan.recipe.linear or plan.recipe.luma else 1)


def cut(plan: Plan, frame: FrameRows, memory: int, threads: int, name: str) -> list[Strip]:
    """Cut the outputs of a frame into strips that fit into memory.

    Parameters
    ----------
    plan : Plan
        Of the frame.
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
    from dilcli.core.plan import grid_rows

    total, grid = plan.rows, grid_rows(plan)
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
    lacking = needed(min(rows, total)) - memory
    if lacking > 0:
        raise ImageFileError(
            f"{name}: even strip by strip it takes {needed(rows) / 1e6:.0f} MB beside what the "
            f"program itself needs, and --memory-limit leaves {max(memory, 0) / 1e6:.0f} MB; "
            f"raise it by {lacking / 1e6 + 1:.0f} MB"
        )
    return [(first, min(first + rows, total)) for first in range(0, total, rows)]


def read_window(frame: FrameRows, plan: Plan, strip: Strip) -> Window:
    """Read the rows of a frame that a strip of outputs needs."""
    import numpy as np

    from dilcli.core.plan import rows_wanted
    from dilcli.core.window import Window

    runs = rows_wanted(plan, strip)
    if len(runs) == 1:
        return Window(frame.read(*runs[0]), plan.shape[0], runs)
    count = sum(last - first for first, last in runs)
    pixels = np.empty((count, *plan.shape[1:]), plan.source)
    place = 0
    for first, last in runs:
        pixels[place : place + last - first] = frame.read(first, last)
        place += last - first
    return Window(pixels, plan.shape[0], runs)


def filter_strip(
    frame: FrameRows, plan: Plan, settled: Fit, strip: Strip, threads: int | None
) -> tuple[NDArray[Any], int]:
    """Make a strip of outputs from the rows that it reads.

    Returns
    -------
    ndarray of shape (rows, columns, channels)
    int
        How many samples were clipped.
    """
    from dilcli.core.filtering import filter_rows
    from dilcli.core.ready import lay_out_rows

    ready = lay_out_rows(plan, read_window(frame, plan, strip), strip, threads)
    return filter_rows(plan, settled, ready, threads)


def extremes_of(frame: FrameRows, plan: Plan, strip: Strip, threads: int | None) -> Extremes | None:
    """Find the extremes of the responses in a strip of outputs."""
    from dilcli.core.filtering import extremes
    from dilcli.core.ready import lay_out_rows

    ready = lay_out_rows(plan, read_window(frame, plan, strip), strip, threads)
    return extremes(plan, ready, threads)
