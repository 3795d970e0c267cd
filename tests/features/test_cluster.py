"""On a cluster: the same pictures, in order, and a worker that dies costs no picture."""

from __future__ import annotations

import sys
import time
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any
from unittest import mock

import numpy as np
import pytest

from dilcli import files
from dilcli.core.denoising import denoising
from dilcli.core.kernels import parse_kernel
from dilcli.core.recipe import Recipe
from dilcli.core.starlet_recipe import StarletRecipe
from dilcli.errors import ArgumentError
from dilcli.features import cluster, cluster_link, cluster_queue, making
from dilcli.features.cluster import run_on_cluster
from dilcli.features.job import Job, Settings, make_outputs
from dilcli.features.machine import BASE, Means
from dilcli.features.outputs import Source, Writing, plan_tasks
from dilcli.features.runs import run_tasks
from tests.dask_cluster import Running, dask_cluster, start_worker
from tests.pictures import damage, groups_of, save_mixed, trees

if TYPE_CHECKING:
    from collections.abc import Iterator

    from dilcli.core.treatment import Treatment
    from dilcli.features.outcome import Outcome
    from dilcli.features.survey import Group

MEANS = Means(2, 8 << 30)


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    with dask_cluster(tmp_path_factory.mktemp("cluster")) as found:
        yield found


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Stand in another folder than the workers, so that relative paths mean another thing."""
    monkeypatch.chdir(tmp_path)


def _alone(groups: list[Group], writing: Writing) -> list[Outcome]:
    jobs = [Job(group.tasks, Settings(writing), 1 << 30) for group in groups]
    return [outcome for job in jobs for outcome in make_outputs(job)]


def _said(outcomes: list[Outcome]) -> list[tuple[Any, ...]]:
    return [(o.input, o.status, o.error, o.shape, o.clipped, o.samples) for o in outcomes]


def test_workers_make_the_same_files_in_order_from_relative_paths(running: Running) -> None:
    paths = save_mixed(Path("in"), 20)
    damage(paths[3])
    one, two = Writing(folder=Path("one")), Writing(folder=Path("two"))
    groups = groups_of(paths, two)
    found = list(run_on_cluster(groups, Settings(two), MEANS, running.address))
    assert _said(found) == _said(_alone(groups_of(paths, one), one))
    assert [o.output for o in found] == [str(group.tasks[0].output) for group in groups]
    assert trees(Path("one")) == trees(Path("two"))
    assert [o.status for o in found].count("failed") == 1


@pytest.mark.parametrize("kind", ["tif", "zarr"])
@pytest.mark.parametrize(
    "recipe",
    [
        Recipe(parse_kernel("gaussian:sigma=2"), ((8, 8),)),
        Recipe(parse_kernel("gaussian:sigma=2"), ((8, 8),), response="minmax"),
        StarletRecipe(denoising(2), parse_kernel("b3"), levels=2),
    ],
    ids=["clip", "minmax", "denoise"],
)
def test_a_picture_too_large_for_a_worker_is_treated_by_strips_on_all(
    running: Running, kind: str, recipe: Treatment
) -> None:
    samples = np.random.default_rng(0).integers(0, 65536, (4000, 2500), np.uint16)
    source = f"a.{kind}"
    strip = files.StripFrame(samples.shape, samples.dtype, [samples])
    files.write_strips(Path(source), "tiff" if kind == "tif" else kind, [strip])
    made = []
    for name, settings in (
        ("whole", {}),
        ("strips", {"scheduler": running.address, "memory_limit": 120_000_000}),
    ):
        writing = Writing(template=f"{name}.{kind}")
        tasks = plan_tasks([Source(source)], [recipe], writing)
        with (
            mock.patch.object(cluster_queue, "_make", side_effect=AssertionError),
            mock.patch.object(making, "_ZARR", 0),
        ):
            (outcome,) = run_tasks(tasks, Settings(writing), **settings)  # type: ignore[arg-type]
        assert outcome.error is None
        told = (outcome.clipped, outcome.noise)
        made.append((files.read(Path(f"{name}.{kind}")).frames[0], told))
    np.testing.assert_array_equal(made[0][0], made[1][0])
    assert made[0][1] == made[1][1]


def test_what_is_wrong_with_a_large_picture_is_said(running: Running) -> None:
    samples = np.random.default_rng(0).integers(0, 65536, (4000, 2500), np.uint16)
    frame = files.StripFrame(samples.shape, samples.dtype, [samples])
    files.write_strips(Path("a.tif"), "tiff", [frame])
    data = bytearray(Path("a.tif").read_bytes())
    data[len(data) // 2 : len(data) // 2 + 5000] = bytes(5000)
    Path("a.tif").write_bytes(data)
    writing = Writing(template="b.tif")
    tasks = plan_tasks([Source("a.tif")], [Recipe(parse_kernel("box"))], writing)
    (outcome,) = run_tasks(
        tasks, Settings(writing), scheduler=running.address, memory_limit=120_000_000
    )
    assert (outcome.error or "").startswith("a.tif: cannot decode TIFF: ")
    assert not Path("b.tif").exists()


def test_a_cluster_of_this_machine_is_started_and_ended() -> None:
    paths = save_mixed(Path("in"), 5)
    one, two = Writing(folder=Path("one")), Writing(folder=Path("two"))
    found = list(run_on_cluster(groups_of(paths, two), Settings(two), MEANS, "local"))
    assert _said(found) == _said(_alone(groups_of(paths, one), one))
    assert trees(Path("one")) == trees(Path("two"))


def test_to_close_early_leaves_whole_outputs_only(running: Running) -> None:
    paths = save_mixed(Path("in"), 20, side=300)
    writing = Writing(folder=Path("out"))
    groups = groups_of(paths, writing)
    outcomes = run_on_cluster(groups, Settings(writing, tag="abc"), MEANS, running.address)
    with closing(outcomes):
        next(outcomes)
    time.sleep(0.5)  # what workers were at, they finish
    assert len(trees(Path("out"))) < 20
    assert all(files.is_whole(Path("out", name)) for name in trees(Path("out")))


def test_workers_that_come_later_help(running: Running) -> None:
    late = start_worker(running.folder, "late")
    try:
        paths = save_mixed(Path("in"), 12, side=200)
        writing = Writing(folder=Path("out"))
        groups = groups_of(paths, writing)
        found = list(run_on_cluster(groups, Settings(writing), MEANS, running.address))
        assert [o.error for o in found] == [None] * 12
    finally:
        late.terminate()
        late.wait()


def test_what_only_this_machine_has_is_refused() -> None:
    (group,) = groups_of(save_mixed(Path("in"), 1), Writing())
    (task,) = group.tasks
    piped = replace(task, source=replace(task.source, data=b"x"))
    shown = replace(task, output=Path(files.STDIN))
    for bad in (piped, shown):
        with pytest.raises(ArgumentError, match="pipes are for this machine alone"):
            next(run_on_cluster([group._replace(tasks=(bad,))], Settings(Writing()), MEANS, "x"))


def test_without_the_packages_there_is_one_line_that_says_what_to_install() -> None:
    (group,) = groups_of(save_mixed(Path("in"), 1), Writing())
    with (
        mock.patch.dict(sys.modules, {"distributed": None}),
        pytest.raises(ArgumentError, match=r"needs: pip install 'dilcli\[cluster\]'"),
    ):
        next(run_on_cluster([group], Settings(Writing()), MEANS, "local"))


def test_a_picture_alone_is_spread_if_it_is_large() -> None:
    (group,) = groups_of(save_mixed(Path("in"), 1), Writing())
    assert group.cost is not None
    link = cluster_link.Cluster(mock.Mock(status="running"), "x", memory=BASE)
    link.client.nthreads.return_value = {"a": 2}
    for pixels, memory, count, large in (
        (10, 10, 1, False),
        (10, BASE + 1, 9, True),
        (200_000_000, 10, 1, True),
        (200_000_000, 10, 2, False),
    ):
        changed = group._replace(cost=group.cost._replace(pixels=pixels, memory=memory))
        assert cluster._is_large(changed, count, link) is large


def test_what_a_lost_try_has_made_counts_as_made_and_nothing_else_does() -> None:
    (group,) = groups_of(save_mixed(Path("in"), 1), Writing(folder=Path("out")))
    settings = Settings(Writing(folder=Path("out")))
    job = cluster._job(group.tasks, settings, 1 << 30)
    (first,) = make_outputs(job)
    before = trees(Path("out"))
    (second,) = make_outputs(job)
    assert (first.error, second.error) == (None, None)
    assert trees(Path("out")) == before
    # Another's file in its place is not ours to count, nor one that was there before the run.
    ((name, data),) = before.items()
    Path("out", name).write_bytes(data + b"!")
    (third,) = make_outputs(job)
    assert "output exists" in (third.error or "")
    (fourth,) = make_outputs(cluster._job(group.tasks, settings, 1 << 30))
    assert "output exists" in (fourth.error or "")
    assert Path("out", name).read_bytes() == data + b"!"
