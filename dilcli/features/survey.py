"""A look at all inputs before work: what they cost in memory and on the disk."""

from __future__ import annotations

import shutil
from itertools import groupby
from math import prod
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from dilcli import files
from dilcli.errors import DilcliError, ImageFileError
from dilcli.features.pictures import frame_layout

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from dilcli.core.treatment import Layout
    from dilcli.features.outputs import Selector, Task, Writing
    from dilcli.files import Header

__all__ = [
    "Cost",
    "Group",
    "check_space",
    "cost_of",
    "grouped",
    "header_layout",
    "is_raw",
    "survey",
]

#: Bytes of a file for each byte of its samples, about. Taken low, for a guess that is too high
#: would refuse a run that has room.
_SHARES = {
    "png": 0.4,
    "tiff": 0.4,
    "zarr": 0.4,
    "jpeg": 0.05,
    "webp": 0.05,
    "avif": 0.02,
    "heif": 0.02,
    "gif": 0.2,
    "jpeg2000": 0.3,
}


class Cost(NamedTuple):
    """What the outputs of one input cost.

    Attributes
    ----------
    pixels : int
        Of the input, in the frames that are read.
    decoded : int
        Bytes of its samples.
    memory : int
        Bytes at the peak, with everything in memory.
    disk : tuple of int
        Bytes of each output's file, about.
    """

    pixels: int
    decoded: int
    memory: int
    disk: tuple[int, ...]


class Group(NamedTuple):
    """All tasks of one input, and what they cost; None where its header cannot be read."""

    tasks: tuple[Task, ...]
    cost: Cost | None

    @property
    def pixels(self) -> int:
        """Pixels that are filtered for all of the outputs; 0 where that is not known."""
        return 0 if self.cost is None else self.cost.pixels * len(self.tasks)


def grouped(tasks: Iterable[Task]) -> Iterator[tuple[Task, ...]]:
    """Put together the tasks of each input, which follow one another."""
    for _, group in groupby(tasks, key=lambda task: id(task.source)):
        yield tuple(group)


def survey(tasks: Sequence[Task], writing: Writing, frames: Selector | None) -> list[Group]:
    """Read the header of every input.

    Parameters
    ----------
    tasks : sequence of Task
        As `dilcli.features.outputs.plan_tasks` gives them.
    writing, frames
        As in `dilcli.features.job.Settings`.

    Returns
    -------
    list of Group
        In order. What is wrong with an input shows when its turn comes.
    """
    found = []
    for group in grouped(tasks):
        try:
            cost = cost_of(group, writing, frames)
        except DilcliError:
            cost = None
        found.append(Group(group, cost))
    return found


def header_layout(header: Header, task: Task, writing: Writing) -> Layout:
    """Say what a task makes of a frame, by the header of its input."""
    return frame_layout(
        header.shape,
        header.dtype,
        task.recipe,
        writing.background,
        alpha=header.alpha,
        associated=header.associated_alpha,
    )


def cost_of(tasks: Sequence[Task], writing: Writing, frames: Selector | None) -> Cost | None:
    """Estimate what the outputs of one input cost; None where there is nothing to do.

    Raises
    ------
    DilcliError
        If the header cannot be read, or a recipe has no meaning for it.
    """
    import numpy as np

    tasks = [task for task in tasks if task.error is None]
    if not tasks:
        return None
    source = tasks[0].source
    header = files.inspect(source.content, name=source.name)
    chosen = range(header.frames) if frames is None else frames(header.frames)
    pixels = [header.pixels[i] for i in chosen]
    sample = np.dtype(header.dtype).itemsize
    channels = header.shape[2] if len(header.shape) == 3 else 1
    decoded = sum(pixels) * channels * sample
    disk, most = [], 0
    for task in tasks:
        layout = header_layout(header, task, writing)
        size = prod(layout.shape) * layout.dtype.itemsize
        # Pages may differ in size from the first, which the layout is of.
        made = size * sum(pixels) // max(prod(header.shape[:2]), 1)
        made = size if task.place is not None else made
        raw = is_raw(task, writing, uncompressed=header.uncompressed)
        share = 1.0 if raw else _SHARES.get(task.format or "", 1.0)
        disk.append(int(made * share * task.pictures))
        real = task.recipe.held(header.dtype) * sum(pixels) * channels
        # A decoder and an encoder each hold a copy of their own.
        most = max(most, 2 * made + real)
    return Cost(sum(pixels), decoded, 2 * decoded + most + _file_size(source.content), tuple(disk))


def is_raw(task: Task, writing: Writing, *, uncompressed: bool) -> bool:
    """Tell whether an output is not compressed: by wish, or a TIFF whose source is not either."""
    stays = uncompressed and task.format == "tiff" and writing.compression is None
    return stays or writing.compression in ("none", "0", 0)


def _file_size(content: Path | bytes) -> int:
    if isinstance(content, bytes):
        return len(content)
    return content.stat().st_size if content.is_file() else 0


def check_space(groups: Iterable[Group], writing: Writing) -> int:
    """Refuse, before work, outputs that have no room on their disks.

    Parameters
    ----------
    groups : iterable of Group
        As `survey` gives them.
    writing : Writing
        How outputs are written.

    Returns
    -------
    int
        Bytes of all outputs, about.

    Raises
    ------
    ImageFileError
        Names the folder, what is needed, and what is free.
    """
    needed: dict[int, int] = {}
    folders: dict[int, Path] = {}
    devices: dict[Path, int | None] = {}
    for task, size in _sizes(groups):
        assert task.output is not None
        parent = task.output.parent
        if parent not in devices:
            devices[parent] = _device(parent)
        device = devices[parent]
        if device is None or (task.output.exists() and not writing.overwrite):
            continue
        needed[device] = needed.get(device, 0) + size
        folders.setdefault(device, parent)
    for device, size in needed.items():
        folder = _existing(folders[device])
        free = shutil.disk_usage(folder).free
        if size > free:
            raise ImageFileError(
                f"{folders[device]}: the outputs take about {size / 1e6:.0f} MB and "
                f"{free / 1e6:.0f} MB are free; make room, or write elsewhere"
            )
    return sum(needed.values())


def _sizes(groups: Iterable[Group]) -> Iterator[tuple[Task, int]]:
    for tasks, cost in groups:
        named = [task for task in tasks if task.error is None]
        if cost is not None:
            for task, size in zip(named, cost.disk, strict=True):
                if task.output is not None and str(task.output) != files.STDIN:
                    yield task, size


def _existing(folder: Path) -> Path:
    """Give the nearest folder that is there: outputs may make the rest."""
    return next((each for each in (folder, *folder.parents) if each.is_dir()), Path())


def _device(folder: Path) -> int | None:
    try:
        return _existing(folder).stat().st_dev
    except OSError:
        return None
