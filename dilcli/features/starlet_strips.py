"""How high the strips are that a frame is taken apart in, or put together from."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from dilcli.features.strips import Strip, no_room

if TYPE_CHECKING:
    from collections.abc import Callable

    from dilcli.core.starlet_needs import Needs
    from dilcli.core.starlet_plan import StarletPlan
    from dilcli.core.window import Runs
    from dilcli.features.machine import Means
    from dilcli.files import FrameRows

__all__ = ["Room", "Strip", "cut_apart", "cut_together", "room_of"]

#: Bytes of real numbers that a plane's strip aims at: more of them save no time.
_AIM = 32 << 20
#: A strip is so many times as high as what it reads beyond itself, if there is room.
_WORTH = 6
#: Bytes that a thread takes beside its arrays.
_SCRATCH = 8 << 20
#: Strips of a plane that are there while it is written: one in its line, one at its writer.
_WAITING = 2
#: Rows of tiles, which a writer that compresses gathers, and some tiles more.
_TILES = 256 + 64
#: The share that the C library takes beside what it was asked for.
_SLACK = 1.2

_REAL = 8


class Room(NamedTuple):
    """What there is for strips.

    Attributes
    ----------
    memory : int
        Bytes beside what the process takes anyway, and what it holds of the picture.
    threads : int
    name : str
        Of the picture; said in messages.
    """

    memory: int
    threads: int
    name: str


def room_of(means: Means, name: str, held: int = 0) -> Room:
    """Say what there is for strips, of a limit for the whole process."""
    from dilcli.features.machine import BASE

    memory = means.memory - BASE - means.cores * _SCRATCH - held
    return Room(memory, means.cores, name)


def cut_apart(
    plan: StarletPlan, rows: FrameRows, room: Room, *, stored: int, packed: bool
) -> list[Strip]:
    """Cut a frame into strips whose planes fit into memory.

    Parameters
    ----------
    plan : StarletPlan
    rows : FrameRows
        Of the frame.
    room : Room
    stored : int
        Bytes of a sample of all planes together, as they are stored.
    packed : bool
        Whether the writers compress.

    Returns
    -------
    list of (int, int)

    Raises
    ------
    ImageFileError
        If strips of a single row do not fit.
    """
    from dilcli.core.starlet_needs import rebuilding_needs

    pixels = plan.shape[1] * plan.shape[2]

    def needed(strip: Strip) -> int:
        needs, height = rebuilding_needs(plan, (strip,)), strip[1] - strip[0]
        waiting = height * _WAITING + (_TILES if packed else 0)
        return (
            _decoded(rows, needs.smooths[0])
            + _reals(plan, needs, height) * pixels * _REAL
            + waiting * pixels * stored
        )

    return _cut(plan, needed, room)


def cut_together(
    plan: StarletPlan, planes: tuple[FrameRows, ...], room: Room, *, written: int
) -> list[Strip]:
    """Cut a frame into strips that fit into memory while they are put together from planes.

    Parameters
    ----------
    plan : StarletPlan
    planes : tuple of FrameRows
    room : Room
    written : int
        Bytes of a pixel of the output.

    Returns
    -------
    list of (int, int)

    Raises
    ------
    ImageFileError
        If strips of a single row do not fit.
    """
    from dilcli.core.starlet_needs import rebuilding_needs

    pixels = plan.shape[1] * plan.shape[2]

    def needed(strip: Strip) -> int:
        needs, height = rebuilding_needs(plan, (strip,)), strip[1] - strip[0]
        counts = [_count(runs) for runs in needs.planes]
        # In generation 2 all of them are there at last, for the residual comes first. What is left
        # of freed memory between them counts as well; measured.
        real = sum(counts) + 4 * max(counts) if plan.generation == 2 else 4 * height
        decoded = sum(
            _decoded(rows, runs, kept_only=number + 1 < len(planes))
            for number, (rows, runs) in enumerate(zip(planes, needs.planes, strict=True))
        )
        return decoded + real * pixels * _REAL + (height * _WAITING + _TILES) * written

    return _cut(plan, needed, room)


def _count(runs: Runs) -> int:
    return sum(last - first for first, last in runs)


def _decoded(rows: FrameRows, runs: Runs, *, kept_only: bool = False) -> int:
    """Estimate the bytes of samples that are decoded for some rows, and those that are kept."""
    from dilcli.core.window import merged

    samples = rows.dtype.itemsize
    for side in rows.shape[1:]:
        samples *= side
    if len(rows.shape) == 1:
        samples *= rows.shape[0]
    together = rows.together
    pieces = merged([tuple((a // together, -(-b // together)) for a, b in runs)])
    kept = (_count(pieces) + 1) * together if together > 1 else 0
    return samples * (kept + (0 if kept_only else 2 * _count(runs)))


def _reals(plan: StarletPlan, needs: Needs, height: int) -> int:
    """Count the rows of real numbers that are there at the peak."""
    smooths, planes = map(_count, needs.smooths), map(_count, needs.planes)
    first, *others = smooths
    details = list(planes)
    # What is stored of a plane is made beside it, and what is drawn; the sum beside the input.
    scratch = 2 * max(details) + 3 * height
    if plan.generation == 1:
        pairs = zip([details[0], *others], others, strict=False)
        return max(a + b for a, b in pairs) + height + scratch
    # A detail is made in the place of the smooth that it is a difference of.
    held = [max(a, b) for a, b in zip([details[0], *others], details, strict=True)]
    return sum(held) + max(first, *others) + scratch


def _cut(plan: StarletPlan, needed: Callable[[Strip], int], room: Room) -> list[Strip]:
    from dilcli.core.starlet_rows import rebuilt_reads

    total = plan.shape[0]

    def middle(rows: int) -> Strip:
        """Give a strip that reads most: at the edges taps turn back into the picture."""
        first = max(total // 2 - rows // 2, 0)
        return first, min(first + rows, total)

    beyond = _count(rebuilt_reads(plan, middle(1))) - 1

    def taken(rows: int) -> int:
        return int(needed(middle(rows)) * _SLACK)

    wanted = max(_AIM // (plan.shape[1] * plan.shape[2] * _REAL), beyond * _WORTH, 1)
    rows = min(wanted, total)
    while rows > 1 and taken(rows) > room.memory:
        rows = max(rows * 3 // 4, 1)
    if taken(rows) > room.memory:
        raise no_room(room.name, taken(rows), room.memory)
    return [(first, min(first + rows, total)) for first in range(0, total, rows)]
