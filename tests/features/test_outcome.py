"""An outcome tells what was made of a task, or why nothing was."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from dilcli import files
from dilcli.core.kernels import parse_kernel
from dilcli.core.recipe import Recipe
from dilcli.core.treatment import Layout
from dilcli.features.job import Settings
from dilcli.features.outcome import failed, planned, skipped
from dilcli.features.outputs import Source, Task, Writing, plan_tasks
from dilcli.features.runs import run_tasks

RECIPE = Recipe(parse_kernel("box"))


@pytest.mark.usefixtures("folder")
def test_an_outcome_says_what_was_made() -> None:
    tasks = plan_tasks([Source("b.tif")], [RECIPE], Writing())
    (outcome,) = run_tasks(tasks, Settings(Writing()))
    assert outcome.status == "ok"
    assert (outcome.input, outcome.output) == ("b.tif", "b_box_d1.tif")
    assert (outcome.shape, outcome.dtype, outcome.frames) == ((4, 5), "uint8", 3)
    assert (outcome.samples, outcome.clipped, outcome.response) == (60, 0, "clip")
    assert outcome.seconds is not None
    assert outcome.seconds > 0
    assert [frame.tolist() for frame in files.read(Path("b_box_d1.tif")).frames] == [
        np.full((4, 5), v).tolist() for v in (10, 20, 30)
    ]


def test_a_plan_tells_the_layout_and_leaves_open_what_only_filtering_can_tell() -> None:
    task = Task(Source("a.png"), RECIPE, Path("b.png"))
    outcome = planned(task, Layout((4, 5, 2), np.dtype(np.uint16), True, "abs"), 3, ["a note"])
    assert (outcome.input, outcome.output, outcome.status) == ("a.png", "b.png", "ok")
    assert (outcome.shape, outcome.dtype, outcome.frames) == ((4, 5, 2), "uint16", 3)
    assert (outcome.response, outcome.notes) == ("abs", ("a note",))
    assert outcome.recipe is RECIPE
    assert (outcome.clipped, outcome.seconds, outcome.error) == (None, None, None)


def test_an_output_that_is_left_alone_is_named_and_has_no_error() -> None:
    outcome = skipped(Task(Source("a.png"), RECIPE, Path("b.png")))
    assert (outcome.output, outcome.status, outcome.error) == ("b.png", "skipped", None)


@pytest.mark.parametrize(("output", "shown"), [(None, None), (Path("b.png"), "b.png")])
def test_a_failure_has_its_reason_and_names_the_output_if_there_is_a_name(
    output: Path | None, shown: str | None
) -> None:
    outcome = failed(Task(Source("a.png"), RECIPE, output), "why")
    assert (outcome.output, outcome.status, outcome.error) == (shown, "failed", "why")
