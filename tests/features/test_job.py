"""A job can be sent to another process, and what goes wrong in it fails one output."""

from __future__ import annotations

import pickle
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any
from unittest import mock

import pytest

from dilcli.core.kernels import parse_kernel
from dilcli.core.recipe import Recipe
from dilcli.errors import ArgumentError, ImageFileError, KernelError
from dilcli.features import job as module
from dilcli.features import streaming
from dilcli.features.job import Job, Settings, make_outputs
from dilcli.features.making import make_output
from dilcli.features.outputs import FrameSpans, Source, Writing, plan_tasks

if TYPE_CHECKING:
    from dilcli.features.outputs import Task
    from dilcli.features.streaming import StripWork

BOX = Recipe(parse_kernel("box"))
WRITING = Writing(folder=Path("out"))

pytestmark = pytest.mark.usefixtures("folder")


def _job(name: str = "a.png", **settings: Any) -> Job:
    recipes = [replace(BOX, dilations=((d, d),)) for d in (1, 2, 3)]
    tasks = plan_tasks([Source(name)], recipes, WRITING)
    return Job(tuple(tasks), Settings(WRITING, **settings), 10**9, 1)


def test_jobs_and_what_became_of_them_can_be_sent_elsewhere() -> None:
    sent = _job(frames=FrameSpans(((0, 0),)), max_pixels=99, tag="t")
    got = pickle.loads(pickle.dumps(sent))
    assert got == sent
    # One source for all tasks there too: it is read once.
    assert len({id(task.source) for task in got.tasks}) == 1
    outcomes = [*make_outputs(got), *make_outputs(_job("no.png"))]
    assert [outcome.status for outcome in outcomes] == ["ok"] * 3 + ["failed"] * 3
    assert pickle.loads(pickle.dumps(outcomes)) == outcomes


def test_a_job_with_the_bytes_of_standard_input_can_be_sent_too() -> None:
    data = Path("a.png").read_bytes()
    tasks = plan_tasks([Source("-", data=data)], [BOX], WRITING)
    got = pickle.loads(pickle.dumps(Job(tuple(tasks), Settings(WRITING), 10**9)))
    (outcome,) = make_outputs(got)
    assert (outcome.status, outcome.input) == ("ok", "-")


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (MemoryError(), "a.png: not enough memory to filter it"),
        (ImageFileError("cut off"), "cut off"),
        (ArgumentError("no meaning"), "no meaning"),
        (KernelError("too large"), "too large"),
    ],
)
def test_what_goes_wrong_fails_one_output_and_no_other(error: Exception, said: str) -> None:
    def make(task: Task, *arguments: Any) -> Any:
        if getattr(task.recipe, "dilations", None) == ((2, 2),):
            raise error
        return make_output(task, *arguments)

    with mock.patch.object(module, "make_output", side_effect=make):
        outcomes = list(make_outputs(_job()))
    assert [outcome.status for outcome in outcomes] == ["ok", "failed", "ok"]
    assert (outcomes[1].error, outcomes[1].output) == (said, "out/a_box_d2.png")


def test_a_defect_is_not_taken_for_a_picture_that_is_wrong() -> None:
    with (
        mock.patch.object(module, "make_output", side_effect=ZeroDivisionError),
        pytest.raises(ZeroDivisionError),
    ):
        list(make_outputs(_job()))


def test_every_outcome_says_how_long_it_took() -> None:
    clock = iter(range(0, 100, 7))
    with mock.patch("time.perf_counter", side_effect=lambda: next(clock)):
        outcomes = [*make_outputs(_job()), *make_outputs(_job("no.png"))]
    assert [outcome.seconds for outcome in outcomes] == [7] * 6


def test_outputs_are_made_when_they_are_asked_for() -> None:
    outcomes = make_outputs(_job())
    assert not Path("out").exists()
    next(outcomes)
    assert [path.name for path in Path("out").iterdir()] == ["a_box_d1.png"]


def test_strips_can_be_filtered_elsewhere() -> None:
    (task,) = plan_tasks([Source("b.tif")], [BOX], Writing(template="y.tif"))
    job = Job((task,), Settings(Writing(template="y.tif")), 10**9, 1)
    asked = []

    def spread(job: Job, task: Task) -> StripWork:
        asked.append(task)
        with streaming.open_picture(task.source, None, None, 1) as picture:
            return streaming.here(streaming.in_memory(_whole(picture)), 1)

    with mock.patch("dilcli.features.making._fits", return_value=False):
        (outcome,) = make_outputs(job, spread=spread)
    assert (outcome.status, outcome.frames, asked) == ("ok", 3, [task])


def _whole(rows: Any) -> Any:
    from dilcli.files import Picture

    frames = tuple(frame.read(0, frame.shape[0])[..., 0].copy() for frame in rows.frames)
    return Picture(frames, rows.alpha, rows.format, rows.metadata)
