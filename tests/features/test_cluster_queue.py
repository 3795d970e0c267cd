"""A worker that dies costs no picture, and a picture that kills workers costs three of them."""

from __future__ import annotations

import os
import signal
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any
from unittest import mock

import pytest

from dilcli.errors import ImageFileError
from dilcli.features import cluster_queue
from dilcli.features.cluster import run_on_cluster
from dilcli.features.cluster_queue import fault
from dilcli.features.job import Job, Settings, make_outputs
from dilcli.features.machine import Means
from dilcli.features.outputs import Writing
from tests.dask_cluster import dask_cluster
from tests.pictures import groups_of, save_mixed, trees

if TYPE_CHECKING:
    from dilcli.features.outcome import Outcome

MEANS = Means(2, 8 << 30)


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Stand in another folder than the workers."""
    monkeypatch.chdir(tmp_path)


def test_a_worker_that_is_killed_costs_no_picture_and_leaves_nothing(tmp_path: Path) -> None:
    paths = save_mixed(Path("in"), 30, side=500)
    one, two = Writing(folder=Path("one")), Writing(folder=Path("two"))
    with dask_cluster(tmp_path / "cluster") as mortal:
        settings = Settings(two, tag="abc")
        outcomes = run_on_cluster(groups_of(paths, two), settings, MEANS, mortal.address)
        first = next(outcomes)
        mortal.workers[0].send_signal(signal.SIGKILL)
        found = [first, *outcomes]
    jobs = [Job(group.tasks, Settings(one), 1 << 30) for group in groups_of(paths, one)]
    alone = [outcome for job in jobs for outcome in make_outputs(job)]
    assert [(o.input, o.error, o.clipped) for o in found] == [
        (o.input, o.error, o.clipped) for o in alone
    ]
    assert trees(Path("one")) == trees(Path("two"))


def test_a_picture_that_kills_three_workers_is_given_up(tmp_path: Path) -> None:
    paths = save_mixed(Path("in"), 6)
    writing = Writing(folder=Path("out"))
    bad = str(paths[2])

    # Defined here, so that it is sent to the workers whole.
    def deadly(job: Job) -> list[Outcome]:
        if job.tasks[0].source.name == bad:
            os.kill(os.getpid(), signal.SIGKILL)
        return list(make_outputs(job))

    with dask_cluster(tmp_path / "cluster", workers=6) as mortal:
        with mock.patch.object(cluster_queue, "_make", deadly):
            groups = groups_of(paths, writing)
            found = list(run_on_cluster(groups, Settings(writing), MEANS, mortal.address))
        deaths = sum(worker.poll() is not None for worker in mortal.workers)
    assert [o.error for o in found if o.error] == [
        f"{bad}: 3 workers died while they worked on it; it is given up"
    ]
    assert deaths == 3
    assert len(trees(Path("out"))) == 5


def test_pictures_beside_one_that_kills_workers_are_not_blamed(tmp_path: Path) -> None:
    paths = save_mixed(Path("in"), 8)
    writing = Writing(folder=Path("out"))
    bad = str(paths[0])

    # Slow enough that each death takes a neighbour with it.
    def deadly(job: Job) -> list[Outcome]:
        time.sleep(0.3)
        if job.tasks[0].source.name == bad:
            os.kill(os.getpid(), signal.SIGKILL)
        return list(make_outputs(job))

    with (
        dask_cluster(tmp_path / "cluster", workers=5) as mortal,
        mock.patch.object(cluster_queue, "_make", deadly),
    ):
        groups = groups_of(paths, writing)
        found = list(run_on_cluster(groups, Settings(writing), MEANS, mortal.address))
    assert [o.input for o in found if o.error] == [bad]
    assert len(trees(Path("out"))) == 7


def test_faults_of_tasks_are_told_apart() -> None:
    def ended(status: str, error: BaseException | None = None) -> Any:
        return mock.Mock(status=status, exception=lambda: error)

    ours = ImageFileError("x")
    assert fault(ended("finished")) is None
    assert fault(ended("error", ours)) is ours
    assert fault(ended("error", KeyError("a\nb"))) == "the worker failed: KeyError: 'a\\nb'"
    assert fault(ended("cancelled")) == "the workers died that worked on it; it is given up"
