"""Worker processes: the same results, in order, and one that dies costs what it was at."""

from __future__ import annotations

import multiprocessing
import os
import pickle
import signal
import time
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from dilcli.core.kernels import parse_kernel
from dilcli.core.recipe import Recipe
from dilcli.features import workers
from dilcli.features.job import Job, Settings, make_outputs
from dilcli.features.machine import BASE, Means
from dilcli.features.outputs import Source, Writing, plan_tasks
from dilcli.features.survey import Cost, Group
from dilcli.features.workers import run_in_processes, sweep
from tests.pictures import damage, groups_of, save_mixed, trees

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from dilcli.features.outcome import Outcome

TWO = Means(2, 8 << 30)


def _processes() -> list[int]:
    return [child.pid for child in multiprocessing.active_children() if child.pid is not None]


def _stuck(path: Path, writing: Writing) -> Group:
    """Make an input that a process is at until it is killed: a pipe that nobody writes to."""
    os.mkfifo(path)
    tasks = plan_tasks([Source(str(path))], [Recipe(parse_kernel("box"))], writing)
    return Group(tuple(tasks), None)


def _first_outcome(
    outcomes: Iterator[Outcome], place: int, monkeypatch: pytest.MonkeyPatch
) -> Outcome:
    """Give the first outcome, as soon as a process has taken up the job at some place."""
    seen: list[Any] = []
    listen = workers._listen

    def watched(*state: Any) -> None:
        seen[:] = state
        listen(*state)

    monkeypatch.setattr(workers, "_listen", watched)
    first = next(outcomes)
    while not any(w.place == place and w.begun for w in seen[0].workers):
        listen(*seen)
    return first


def test_outcomes_come_in_order_and_are_those_of_one_process(tmp_path: Path) -> None:
    paths = save_mixed(tmp_path / "in", 20)
    damage(paths[7])
    one, two = Writing(folder=tmp_path / "one"), Writing(folder=tmp_path / "two")
    alone = [
        outcome
        for group in groups_of(paths, one)
        for outcome in make_outputs(Job(group.tasks, Settings(one), 1 << 30))
    ]
    spread = list(run_in_processes(groups_of(paths, two), Settings(two), TWO))
    assert [o.input for o in spread] == [str(path) for path in paths]
    assert [(o.status, o.error, o.clipped) for o in spread] == [
        (o.status, o.error, o.clipped) for o in alone
    ]
    assert [o.status for o in spread].count("failed") == 1
    assert trees(tmp_path / "one") == trees(tmp_path / "two")
    assert _processes() == []


def test_a_killed_process_costs_the_picture_it_was_at_and_no_other(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    paths = save_mixed(tmp_path / "in", 8)
    slow = tmp_path / "in" / "slow.png"
    writing = Writing(folder=tmp_path / "out")
    groups = groups_of(paths, writing)
    groups.insert(1, _stuck(slow, writing))
    outcomes = run_in_processes(groups, Settings(writing, tag="abc"), TWO)
    first = _first_outcome(outcomes, 1, monkeypatch)
    for pid in _processes():
        os.kill(pid, signal.SIGKILL)
    rest = list(outcomes)
    assert first.status == "ok"
    assert [o.input for o in rest] == [str(path) for path in (slow, *paths[1:])]
    assert [o.error for o in rest if o.error] == [
        f"{slow}: the process that worked on it was killed (SIGKILL, perhaps for want of memory)"
    ]
    assert sorted(trees(tmp_path / "out")) == sorted(
        Path(o.output or "").name for o in (first, *rest) if o.status == "ok"
    )


def test_a_process_that_dies_idle_costs_nothing(tmp_path: Path) -> None:
    paths = save_mixed(tmp_path / "in", 6)
    writing = Writing(folder=tmp_path / "out")
    with closing(run_in_processes(groups_of(paths, writing), Settings(writing), TWO)) as outcomes:
        next(outcomes)
        time.sleep(0.5)  # what was handed out is done
        for pid in _processes():
            os.kill(pid, signal.SIGKILL)
        time.sleep(0.1)
        assert [outcome.error for outcome in outcomes] == [None] * 5


def test_after_an_interrupt_what_is_finished_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    writing = Writing(folder=tmp_path / "out")
    groups = groups_of(save_mixed(tmp_path / "in", 6), writing)
    groups.insert(0, _stuck(tmp_path / "slow.png", writing))
    listen = workers._listen

    def interrupted(run: Any, context: Any) -> None:
        listen(run, context)
        if sum(map(len, run.outcomes.values())) == 6:
            raise KeyboardInterrupt

    monkeypatch.setattr(workers, "_listen", interrupted)
    told = []
    with pytest.raises(KeyboardInterrupt):  # noqa: PT012 -- what comes before it counts
        for outcome in run_in_processes(groups, Settings(writing, tag="abc"), TWO):
            told.append(outcome.input)
    assert told == [group.tasks[0].source.name for group in groups[1:]]
    assert _processes() == []


def test_closing_ends_the_processes_and_leaves_whole_outputs_only(tmp_path: Path) -> None:
    paths = save_mixed(tmp_path / "in", 4)
    writing = Writing(folder=tmp_path / "out")
    groups = groups_of(paths, writing)
    groups[1:1] = [_stuck(tmp_path / f"slow{number}.png", writing) for number in (1, 2)]
    with closing(run_in_processes(groups, Settings(writing, tag="abc"), TWO)) as outcomes:
        next(outcomes)
    assert _processes() == []
    assert not [name for name in trees(tmp_path / "out") if name.startswith(".")]


def test_an_interrupt_is_left_to_the_process_that_was_started(tmp_path: Path) -> None:
    paths = save_mixed(tmp_path / "in", 6)
    writing = Writing(folder=tmp_path / "out")
    outcomes = run_in_processes(groups_of(paths, writing), Settings(writing), TWO)
    next(outcomes)
    for pid in _processes():
        os.kill(pid, signal.SIGINT)
    assert [outcome.error for outcome in outcomes] == [None] * 5


def test_jobs_wait_until_there_is_memory_for_them(tmp_path: Path) -> None:
    paths = save_mixed(tmp_path / "in", 9)
    writing = Writing(folder=tmp_path / "out")
    groups = [Group(g.tasks, Cost(1, 1, 6 << 20, (1,))) for g in groups_of(paths, writing)]
    taken: list[int] = []
    hand_out: Callable[..., None] = workers._hand_out

    def watched(run: workers._Run, *rest: object) -> None:
        hand_out(run, *rest)
        taken.append(sum(worker.need for worker in run.workers if worker.place is not None))

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(workers, "_hand_out", watched)
        # Two processes, and room for one picture beside them.
        outcomes = list(run_in_processes(groups, Settings(writing), Means(2, 6 * BASE)))
        assert max(taken) > 6 << 20
        taken.clear()
        tight = [Group(g.tasks, Cost(1, 1, 2 * BASE, (1,))) for g in groups_of(paths, writing)]
        again = Settings(Writing(folder=tmp_path / "out", overwrite=True))
        outcomes += run_in_processes(tight, again, Means(2, 6 * BASE))
    assert max(taken) == 2 * BASE
    assert {outcome.status for outcome in outcomes} == {"ok"}


def test_jobs_can_be_sent_to_a_process(tmp_path: Path) -> None:
    (group,) = groups_of(save_mixed(tmp_path, 1), Writing())
    job = Job(group.tasks, Settings(Writing()), 1)
    assert pickle.loads(pickle.dumps(job)) == job


def test_only_what_a_run_left_is_swept(tmp_path: Path) -> None:
    writing = Writing(folder=tmp_path / "out")
    groups = groups_of(save_mixed(tmp_path / "in", 2), writing)
    (tmp_path / "out").mkdir()
    for name in (
        ".dilcli-abc-0123456789abcdef.tmp",
        ".dilcli-other-0123456789abcdef.tmp",
        "picture.png",
    ):
        (tmp_path / "out" / name).touch()
    sweep(groups, "abc")
    assert sorted(trees(tmp_path / "out")) == [".dilcli-other-0123456789abcdef.tmp", "picture.png"]


class _Gone:
    """A pipe whose other end is closed after so many messages."""

    def __init__(self, job: Job, heard: int) -> None:
        self._jobs, self._heard = [job], heard

    def recv(self) -> Job:
        if not self._jobs:
            raise ConnectionResetError
        return self._jobs.pop()

    def send(self, _: object) -> None:
        self._heard -= 1
        if self._heard < 0:
            raise BrokenPipeError


@pytest.mark.parametrize("heard", [0, 1, 2, 3])
def test_a_worker_whose_listener_is_gone_ends_without_a_word(
    heard: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(workers, "keep_memory", lambda: None)
    monkeypatch.setattr(signal, "signal", lambda *_: None)
    writing = Writing(folder=tmp_path / "out")
    (group,) = groups_of(save_mixed(tmp_path, 1), writing)
    pipe: Any = _Gone(Job(group.tasks, Settings(writing), 1 << 30), heard)
    workers._work(pipe)
