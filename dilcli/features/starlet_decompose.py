"""A picture taken apart into the files of its planes, and whether they give it back."""

from __future__ import annotations

from math import isfinite
from typing import TYPE_CHECKING, NamedTuple

from dilcli import files
from dilcli.errors import ArgumentError, ImageFileError
from dilcli.features.machine import Means, default_memory
from dilcli.features.starlet_measures import Measure
from dilcli.features.starlet_montage import shown_planes
from dilcli.features.starlet_notes import exactness_notes, picture_notes
from dilcli.features.starlet_part import Part
from dilcli.features.starlet_sheet import write_sheet
from dilcli.features.starlet_source import colour_shape, open_frames
from dilcli.features.starlet_targets import plan_parts
from dilcli.features.starlet_transform import Transform

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from dilcli.features.outputs import Selector
    from dilcli.features.starlet_sidecar import Sidecar
    from dilcli.features.starlet_targets import Naming, Targets
    from dilcli.files import Header

__all__ = [
    "Decomposition",
    "PlanesPlan",
    "Transform",
    "Written",
    "chosen_frames",
    "decompose",
    "write_planes",
]


class PlanesPlan(NamedTuple):
    """Which frames of a picture are taken apart, by their numbers, and where their planes go."""

    header: Header
    frames: tuple[int, ...]
    targets: tuple[Targets, ...]


class Written(NamedTuple):
    """Files that were written together, and their record."""

    targets: Targets
    sidecar: Sidecar


class Decomposition(NamedTuple):
    """What was written.

    Attributes
    ----------
    input : str
    frames : tuple of int
        Which ones were taken apart, by their numbers in the file.
    parts : tuple of Written
        One for each frame where the template has ``{frame}``, else a single one for all.
    difference : float or None
        Between the input and what its stored planes give back, the largest; None where that is
        no finite number.
    measures : tuple of Measure
        Of w1 to the residual, over all frames, before they are stored.
    notes : tuple of str
    montage : Path or None
        A sheet that shows all planes.
    """

    input: str
    frames: tuple[int, ...]
    parts: tuple[Written, ...]
    difference: float | None
    measures: tuple[Measure, ...]
    notes: tuple[str, ...]
    montage: Path | None = None

    @property
    def targets(self) -> Targets:
        """Of the first part, which is the only one without ``{frame}``."""
        return self.parts[0].targets

    @property
    def sidecar(self) -> Sidecar:
        """Of the first part, which is the only one without ``{frame}``."""
        return self.parts[0].sidecar


def decompose(
    content: Path | bytes,
    name: str,
    transform: Transform,
    naming: Naming,
    *,
    subfolder: str = "",
    frames: Selector | None = None,
    memory: int | None = None,
    threads: int | None = None,
) -> Decomposition:
    """Write the planes of a picture, strip by strip.

    Parameters
    ----------
    content : Path or bytes
        The picture.
    name : str
        Its path, or ``-``; for messages and names of outputs.
    transform : Transform
    naming : Naming
    subfolder : str
        Where in the output folder planes go, and of no effect without one.
    frames : callable, optional
        Chooses frames by their number; default all of them.
    memory : int, optional
        Bytes that the process takes at most; default `dilcli.features.machine.default_memory`.
    threads : int, optional
        That compute and decode; default one a processor. Each plane is written by one more.

    Returns
    -------
    Decomposition

    Raises
    ------
    ArgumentError, KernelError
        If settings have no meaning, before any work.
    ImageFileError
        If a file cannot be read or written, or an output exists. The record of planes is written
        after them.
    """
    from dilcli.core.scaling import scaling_taps
    from dilcli.core.threads import available_threads

    scaling_taps(transform.kernel)
    if not isfinite(transform.fill):
        raise ArgumentError(f"fill must be finite (got {transform.fill:g})")
    header = files.inspect(content, name=name)
    chosen = chosen_frames(header, frames, name)
    targets = plan_parts(name, header, transform.levels, naming, chosen, subfolder=subfolder)
    means = Means(
        available_threads() if threads is None else threads,
        default_memory() if memory is None else memory,
    )
    plan = PlanesPlan(header, chosen, targets)
    return write_planes(content, name, transform, naming, plan=plan, means=means)


def write_planes(
    content: Path | bytes,
    name: str,
    transform: Transform,
    naming: Naming,
    *,
    plan: PlanesPlan,
    means: Means,
) -> Decomposition:
    """Write planes whose files are named.

    Parameters
    ----------
    content, name, transform, naming
        As in `decompose`.
    plan : PlanesPlan
        Which frames, and where their planes go.
    means : Means
        Threads, and bytes that the process takes at most.

    Returns
    -------
    Decomposition

    Raises
    ------
    DilcliError
        As `decompose`.
    """
    header, chosen, targets = plan
    memory, cores = means.memory, means.cores
    opened = open_frames(content, header, chosen, name, memory=memory, threads=cores)
    with opened as (picture, held):
        means = means._replace(memory=memory - held)
        places = (
            [tuple(range(len(chosen)))] if len(targets) == 1 else [(i,) for i in range(len(chosen))]
        )
        parts = [
            Part(name, transform, naming, each, picture, some, means)
            for each, some in zip(targets, places, strict=True)
        ]
        return _written(name, chosen, parts, naming)


def chosen_frames(header: Header, frames: Selector | None, name: str) -> tuple[int, ...]:
    """Choose frames of a picture; an `ImageFileError` if there are too few."""
    try:
        return tuple(range(header.frames) if frames is None else frames(header.frames))
    except ImageFileError as error:
        raise ImageFileError(f"{name}: {error}") from None


def _written(
    name: str, chosen: tuple[int, ...], parts: Sequence[Part], naming: Naming
) -> Decomposition:
    first = parts[0]
    rows = first.picture.frames[0]
    levels, colours = first.transform.levels, colour_shape(rows.shape, alpha=first.alpha)
    notes = [*first.picture.notes, *picture_notes(name, colours, levels)]
    for part in parts:
        notes += part.check()
    measures = tuple(Measure() for _ in range(levels + 1))
    shown = None if naming.montage is None else shown_planes(colours, levels)
    if shown is not None and len(chosen) > 1:
        notes.append(f"the montage shows frame {chosen[0]} of {len(chosen)}")
    written: list[Written] = []
    difference: float | None = 0.0
    for part in parts:
        found, storage = part.write_planes(measures, None if written else shown)
        difference = None if found is None or difference is None else max(difference, found)
        if shown is not None and not written:
            write_sheet(first, shown)
        written.append(Written(part.targets, part.write_sidecar(storage)))
    notes += exactness_notes(difference, storage, rows.dtype)
    said = tuple(dict.fromkeys(notes))
    return Decomposition(name, chosen, tuple(written), difference, measures, said, naming.montage)
