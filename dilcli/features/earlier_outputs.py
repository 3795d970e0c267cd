"""What an earlier run made of the same inputs, and is no input itself."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from dilcli import files

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from dilcli.features.outputs import Source, Task

__all__ = ["without_outputs"]


def without_outputs(sources: Sequence[Source], named: Iterable[Sequence[Task]]) -> list[Source]:
    """Leave out what an earlier run of the same kind made: outputs are not taken as inputs.

    Only what was found in a folder is left out, and only if it would be an output of another
    source, or of an output of that, and so on. A template with ``{index}`` names outputs by all
    sources.

    Parameters
    ----------
    sources : sequence of Source
        Inputs in order.
    named : iterable of sequence of Task
        What would be made of each of them, as `dilcli.features.outputs.name_outputs` gives it.

    Returns
    -------
    list of Source
        The others, in order.
    """
    identity = files.identities()
    places = {identity(Path(s.name)): i for i, s in enumerate(sources) if s.found and not s.error}
    if not places:
        return list(sources)
    made: list[list[int]] = []
    for tasks in named:
        every = (path for task in tasks for path in task.paths if str(path) != files.STDIN)
        made.append([places[path] for path in map(identity, every) if path in places])
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
