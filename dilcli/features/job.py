"""All outputs of one input, made by one process: read once, filtered, written whole or not."""

from __future__ import annotations

import time
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Protocol

from dilcli.errors import DilcliError
from dilcli.features.making import make_output, picture_reader
from dilcli.features.outcome import failed

if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import BinaryIO

    from dilcli.features.outcome import Outcome
    from dilcli.features.outputs import Selector, Task, Writing
    from dilcli.features.streaming import StripWork

__all__ = ["Job", "Settings", "Spread", "make_outputs"]


@dataclass(frozen=True, slots=True)
class Settings:
    """What all jobs of a run have in common.

    Attributes
    ----------
    writing : Writing
        How outputs are written.
    frames : callable, optional
        Chooses frames by their number.
    max_pixels : int, optional
        Refuse pictures with more. Without it, only those that are decoded whole are bound, by
        `dilcli.files.MAX_PIXELS`.
    tag : str
        Of the run, for temporary files; see `dilcli.files.write`.
    """

    writing: Writing
    frames: Selector | None = None
    max_pixels: int | None = None
    tag: str = ""


@dataclass(frozen=True, slots=True)
class Job:
    """What a process is asked for; it can be sent to another one.

    Attributes
    ----------
    tasks : tuple of Task
        All of one input.
    settings : Settings
        Those of the run.
    memory : int
        Bytes it may take beside what a process takes anyway.
    threads : int, optional
        As in `dilcli.correlate`.
    again : bool
        Whether another process may have tried before and been lost. It has been seen that no
        output was there then; one that is there now and is what would be written counts as made.
    """

    tasks: tuple[Task, ...]
    settings: Settings
    memory: int
    threads: int | None = None
    again: bool = False


class Spread(Protocol):
    """Has strips filtered elsewhere."""

    def __call__(self, job: Job, task: Task) -> StripWork:
        """Give what filters the strips of a task's input."""
        ...


def make_outputs(
    job: Job,
    standard_output: BinaryIO | None = None,
    spread: Spread | None = None,
) -> Iterator[Outcome]:
    """Make the outputs of a job, one after another.

    Parameters
    ----------
    job : Job
        What is asked for.
    standard_output : binary file, optional
        Where ``-`` goes.
    spread : callable, optional
        Has the strips of a picture too large for memory filtered elsewhere.

    Yields
    ------
    Outcome
        One a task, in order. What goes wrong fails one output and no other.
    """
    picture_of = picture_reader(job)
    for task in job.tasks:
        started = time.perf_counter()
        try:
            outcome = make_output(task, job, picture_of, standard_output, spread)
        except DilcliError as error:
            outcome = failed(task, str(error))
        except MemoryError:
            outcome = failed(task, f"{task.source.name}: not enough memory to filter it")
        yield replace(outcome, seconds=time.perf_counter() - started)
