"""What became of one output: the record that is shown and returned."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from collections.abc import Sequence

    from dilcli.core.noise_found import NoiseFound
    from dilcli.core.treatment import Layout, Treatment
    from dilcli.features.outputs import Task
    from dilcli.features.starlet_decompose import Decomposition

__all__ = ["Outcome", "failed", "planned", "skipped"]


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one output.

    Attributes
    ----------
    input, output : str or None
        Paths, ``-`` for standard input and output; None where there is no output.
    status : {"ok", "skipped", "failed"}
        And in `error`, why it failed.
    recipe : Treatment
        How it was made.
    response : str or None
        How responses became samples, never ``"auto"``.
    shape, dtype, frames
        Of the output: of one frame, of its samples, and how many.
    clipped : int or None
        Samples that were outside the range.
    samples, size : int
        Samples of all frames; bytes that they and the decoded input take.
    pixels : int
        Of the input, in all of its frames that were read; 0 where that is not known.
    seconds : float or None
        Spent on this output, its share of reading included.
    notes : tuple of str
        What is worth saying beside that.
    noise : tuple of NoiseFound
        What was found of noise, one a frame; none where it was not looked for.
    planes : Decomposition or None
        What was written, where a picture was taken apart.
    """

    input: str
    output: str | None
    status: Literal["ok", "skipped", "failed"]
    recipe: Treatment
    error: str | None = None
    response: str | None = None
    shape: tuple[int, ...] | None = None
    dtype: str | None = None
    frames: int | None = None
    clipped: int | None = None
    samples: int = 0
    size: int = 0
    pixels: int = 0
    seconds: float | None = None
    notes: tuple[str, ...] = ()
    noise: tuple[NoiseFound, ...] = ()
    planes: Decomposition | None = None


def planned(task: Task, layout: Layout, frames: int, notes: Sequence[str]) -> Outcome:
    """Say what is made of a task whose output has this layout.

    Parameters
    ----------
    task : Task
        What is asked for.
    layout : Layout
        Of one frame of the output.
    frames : int
        How many there are.
    notes : sequence of str
        What is worth saying beside that.

    Returns
    -------
    Outcome
        Of status ``"ok"``, without what only filtering can tell.
    """
    return Outcome(
        input=task.source.name,
        output=str(task.output),
        status="ok",
        recipe=task.recipe,
        response=layout.response,
        shape=layout.shape,
        dtype=layout.dtype.name,
        frames=frames,
        notes=tuple(notes),
    )


def skipped(task: Task) -> Outcome:
    """Say that a task was left alone, since its output exists."""
    return Outcome(task.source.name, str(task.output), "skipped", task.recipe)


def failed(task: Task, error: str) -> Outcome:
    """Say why a task has no output."""
    output = None if task.output is None else str(task.output)
    return Outcome(task.source.name, output, "failed", task.recipe, error)
