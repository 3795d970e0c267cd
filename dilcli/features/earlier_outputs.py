"""What an earlier run of ``apply`` made, and is not filtered again."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from dilcli import files
from dilcli.features.outputs import name_outputs

if TYPE_CHECKING:
    from collections.abc import Sequence

    from dilcli.core.treatment import Treatment
    from dilcli.features.outputs import Selector, Source, Writing

__all__ = ["without_outputs"]


def without_outputs(
    sources: Sequence[Source],
    recipes: Sequence[Treatment],
    writing: Writing,
    frames: Selector | None = None,
    templates: Sequence[str | None] = (),
) -> list[Source]:
    """Leave out what an earlier run of the same kind made: outputs are not filtered again.

    Only what was found in a folder is left out, and only if it would be an output of another
    source, or of an output of that, and so on. A template with ``{index}`` names outputs by all
    sources.

    Parameters
    ----------
    sources, recipes, writing, frames, templates
        As in `dilcli.features.outputs.plan_tasks`, which is to be given what is returned here.

    Returns
    -------
    list of Source
        The others, in order.

    Raises
    ------
    ArgumentError
        If the template is wrong.
    """
    named = name_outputs(sources, recipes, writing, frames, templates)
    identity = files.identities()
    places = {identity(Path(s.name)): i for i, s in enumerate(sources) if s.found and not s.error}
    if not places or writing.template == files.STDIN:
        return list(sources)
    made: list[list[int]] = []
    for tasks in named:
        paths = [identity(task.output) for task in tasks if task.output is not None]
        made.append([places[path] for path in paths if path in places])
    left_out = _descendants(made)
    return [source for index, source in enumerate(sources) if index not in left_out]


def _descendants(made: Sequence[Sequence[int]]) -> set[int]:
    """Choose what is made of others, but never all of a circle."""
    found: set[int] = set()
    for start, children in enumerate(made):
        waiting = [] if start in found else list(children)
        while waiting:
            child = waiting.pop()
            if child != start and child not in found:
                found.add(child)
                waiting += made[child]
    return found
