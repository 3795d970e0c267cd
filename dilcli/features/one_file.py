"""One picture file filtered into another by one call, for a Python caller."""

from __future__ import annotations

import time
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from dilcli.errors import ImageFileError
from dilcli.features.job import Job, Settings
from dilcli.features.machine import BASE, default_memory
from dilcli.features.making import make_output, picture_reader
from dilcli.features.outputs import Source, Writing, plan_tasks

if TYPE_CHECKING:
    from pathlib import Path

    from dilcli.core.kernels import Kernel
    from dilcli.features.outcome import Outcome

__all__ = ["apply_file"]

Step = int | tuple[int, int]


def apply_file(
    source: str | Path,
    output: str | Path,
    kernel: Kernel | str,
    *,
    dilation: Step | list[Step] = 1,
    stride: Step = 1,
    boundary: str = "reflect",
    overwrite: bool = False,
    threads: int | None = None,
    **settings: Any,
) -> Outcome:
    """Filter one picture file into another, as ``dilcli apply`` does.

    Parameters
    ----------
    source, output : path
        The output's extension says its format.
    kernel : Kernel or str
        A kernel, or the text of one as ``-k`` takes it.
    dilation : int, (int, int), or a list of them, default 1
        Distance between taps in pixels, (rows, columns); several rates with ``combine``.
    stride : int or (int, int), default 1
        Distance between outputs in pixels.
    boundary : str, default "reflect"
        A boundary or an alias of one.
    overwrite : bool, default False
        Whether an output that exists is replaced.
    threads : int, optional
        As in `dilcli.correlate`.
    **settings
        Further fields of `dilcli.core.recipe.Recipe`: ``response``, ``depth``, ``alpha``, ...

    Returns
    -------
    Outcome

    Raises
    ------
    DilcliError
        If the output was not written: an `ImageFileError` where a file is the cause, a
        `KernelError` where the kernel is, else an `ArgumentError`.
    """
    from dilcli.core.boundary import boundary_name
    from dilcli.core.recipe import Recipe, check_recipe
    from dilcli.features.kernel_spec import load_kernel

    recipe = Recipe(
        load_kernel(kernel) if isinstance(kernel, str) else kernel,
        tuple(map(_pair, dilation if isinstance(dilation, list) else [dilation])),
        boundary=boundary_name(boundary),
        stride=_pair(stride),
        **settings,
    )
    check_recipe(recipe)
    literal = str(output).replace("{", "{{").replace("}", "}}")
    writing = Writing(template=literal, overwrite=overwrite)
    started = time.perf_counter()
    (task,) = plan_tasks([Source(str(source))], [recipe], writing)
    job = Job((task,), Settings(writing), default_memory() - BASE, threads)
    outcome = make_output(task, job, picture_reader(job))
    if outcome.error is not None:
        raise ImageFileError(outcome.error)
    return replace(outcome, seconds=time.perf_counter() - started)


def _pair(step: Step) -> tuple[int, int]:
    return (step, step) if isinstance(step, int) else step
