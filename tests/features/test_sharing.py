"""A job gets its share, and there are no more processes than there is memory for."""

from __future__ import annotations

import pytest

from dilcli.features.job import Settings
from dilcli.features.machine import BASE, Means
from dilcli.features.outputs import Writing
from dilcli.features.sharing import processes_for, sized_job
from dilcli.features.survey import Cost, Group


@pytest.mark.parametrize(
    ("need", "memory", "threads"),
    [(10, 500, 2), (500, 500, 2), (501, 1000, 4), (5000, 1000, 4)],
)
def test_a_job_gets_its_share_or_where_that_is_too_little_everything(
    need: int, memory: int, threads: int
) -> None:
    group = Group((), Cost(1, 1, need, ()))
    job, taken = sized_job(group, Settings(Writing()), cores=4, count=2, budget=1000)
    assert (job.memory, job.threads) == (memory, threads)
    assert taken == min(need, 1000)


@pytest.mark.parametrize(
    ("needs", "memory", "count"),
    [
        ([1, 1, 1], 100 * BASE, 3),
        ([1, 1, 1], 7 * BASE, 2),
        ([1, 4 * BASE, 1], 7 * BASE, 2),
        ([1, 5 * BASE, 1], 7 * BASE, 1),
        ([1, 6 * BASE, 1], 7 * BASE, 0),
        # What does not fit in any way passes strip by strip, or not at all.
        ([1, 99 * BASE, 1], 7 * BASE, 2),
    ],
)
def test_there_are_no_more_processes_than_leave_room_for_the_largest_picture(
    needs: list[int], memory: int, count: int
) -> None:
    groups = [Group((), Cost(1, 1, need, ())) for need in needs]
    assert processes_for(groups, Means(8, memory)) == count
