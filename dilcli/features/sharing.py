"""Memory and processors of a machine, shared by the processes of a run."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dilcli.features.job import Job
from dilcli.features.machine import BASE

if TYPE_CHECKING:
    from collections.abc import Sequence

    from dilcli.features.job import Settings
    from dilcli.features.machine import Means
    from dilcli.features.survey import Group

__all__ = ["processes_for", "sized_job"]


def processes_for(groups: Sequence[Group], means: Means) -> int:
    """Choose how many worker processes leave room for the largest picture that there is room for.

    Parameters
    ----------
    groups : sequence of Group
        As `dilcli.features.survey.survey` gives them.
    means : Means
        Processes at most, and bytes that they take together.

    Returns
    -------
    int
        0 if this process alone leaves room for it.
    """
    needs = [group.cost.memory for group in groups if group.cost is not None]
    largest = max((need for need in needs if need <= means.memory - BASE), default=0)
    room = (means.memory - largest) // BASE - 1
    # Half of the memory at most goes into processes themselves.
    return max(0, min(means.cores, len(groups), room, means.memory // (2 * BASE) - 1))


def sized_job(
    group: Group, settings: Settings, cores: int, count: int, budget: int
) -> tuple[Job, int]:
    """Make a job that may take a share of the machine, or all of it where that is too little.

    Parameters
    ----------
    group : Group
        What is to be made.
    settings : Settings
        Of the run.
    cores, count : int
        Processors, and processes that share them.
    budget : int
        Bytes that all jobs together may take.

    Returns
    -------
    Job
    int
        Bytes that it takes, at most the budget.
    """
    need = group.cost.memory if group.cost is not None else 0
    alone = need > budget // count
    memory = budget if alone else budget // count
    threads = cores if alone else max(cores // count, 1)
    return Job(group.tasks, settings, memory, threads), min(need, budget)
