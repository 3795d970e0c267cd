"""Pictures to take apart are named before any work, and found from everywhere."""

from __future__ import annotations

import pickle
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from dilcli import files
from dilcli.core.kernels import parse_kernel
from dilcli.core.starlet import starlet
from dilcli.errors import ArgumentError
from dilcli.features.job import Job, Settings, make_outputs
from dilcli.features.outputs import FrameSpans, Source, Writing, checked
from dilcli.features.starlet_targets import Naming
from dilcli.features.starlet_tasks import PlanesTask, name_planes, recipe_of
from dilcli.features.starlet_transform import Transform
from dilcli.features.survey import cost_of, survey

TRANSFORM = Transform(2, parse_kernel("b3"))
PIXELS = np.random.default_rng(0).integers(0, 256, (30, 20), np.uint8)


@pytest.fixture(autouse=True)
def _here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    np.save("a.npy", PIXELS)


def _task(naming: Naming | None = None, source: Source | None = None) -> PlanesTask:
    ((task,),) = name_planes([source or Source("a.npy")], TRANSFORM, naming or Naming())
    assert isinstance(task, PlanesTask)
    return task


def _job(task: PlanesTask, memory: int = 1 << 30, **settings: int) -> Job:
    return Job((task,), Settings(Writing(), **settings), memory, 1)  # type: ignore[arg-type]


def test_a_task_names_all_its_files_and_its_output_is_the_record() -> None:
    task = _task(Naming(montage=Path("{stem}.png")))
    assert [str(path) for path in task.paths] == [
        *("a_w1.tif", "a_w2.tif", "a_c2.tif", "a_c2.tif.json", "a.png"),
    ]
    assert (str(task.output), task.format, task.pictures) == ("a_c2.tif.json", "tiff", 3)


def test_files_that_exist_do_not_hide_the_names() -> None:
    Path("a_w1.tif").touch()
    assert _task().error is None


def test_what_cannot_be_read_is_a_task_with_an_error_and_no_files() -> None:
    for source in (Source("no.png"), Source("x", error="gone")):
        task = _task(source=source)
        assert task.error
        assert (task.paths, task.pictures, task.output) == ((), 1, None)
    ((late,),) = name_planes([Source("a.npy")], TRANSFORM, Naming(), FrameSpans(((3, 3),)))
    assert late.error == "a.npy: no frame 3: there is frame 0 only"


def test_wrong_names_are_refused_and_so_are_those_of_two() -> None:
    with pytest.raises(ArgumentError, match=r"3 planes would all be x\.tif"):
        _task(Naming("x.tif"))
    np.save("b.npy", PIXELS)
    named = name_planes([Source("a.npy"), Source("b.npy")], TRANSFORM, Naming("{plane}.tif"))
    with pytest.raises(ArgumentError, match=r"both write w1\.tif; tell them apart"):
        checked(named, Writing())
    named = name_planes([Source("a.npy"), Source("b.npy")], TRANSFORM, Naming("{index}{plane}.tif"))
    assert [str(task.paths[0]) for task in checked(named, Writing())] == ["0w1.tif", "1w1.tif"]


def test_a_task_is_done_elsewhere_by_absolute_names(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    task = _task(Naming(montage=Path("sheet.png")))
    source = replace(task.source, path=str(Path("a.npy").absolute()))
    sent = pickle.dumps(_job(task.absolute(source)))
    (tmp_path / "elsewhere").mkdir()
    monkeypatch.chdir(tmp_path / "elsewhere")
    (outcome,) = make_outputs(pickle.loads(sent))
    assert outcome.error is None
    assert list(Path().iterdir()) == []
    there = {path.name for path in tmp_path.iterdir()}
    assert {"a_w1.tif", "a_c2.tif.json", "sheet.png"} <= there
    assert outcome.planes is not None
    assert outcome.planes.difference == 0
    made = files.read(tmp_path / "a_w1.tif").frames[0]
    np.testing.assert_array_equal(made, starlet(PIXELS, 2)[0].astype(np.float32))


def test_the_cost_counts_every_plane() -> None:
    cost = cost_of((_task(),), Writing(compression="none"), None)
    assert cost is not None
    assert cost.disk == (3 * PIXELS.size * 4,)
    (group,) = survey([_task()], Writing(), None)
    assert group.pixels == PIXELS.size


def test_a_limit_of_pixels_is_kept_and_files_are_left_alone() -> None:
    (outcome,) = make_outputs(_job(_task(), max_pixels=599))
    assert outcome.error == (
        "a.npy: 600 pixels are more than the limit of 599; raise it with --max-pixels"
    )
    Path("a_w2.tif").write_text("mine")
    (outcome,) = make_outputs(_job(_task()))
    assert outcome.error == "output exists: a_w2.tif (use --overwrite)"
    assert Path("a_w2.tif").read_text() == "mine"


def test_the_recipe_tells_the_layout_of_a_plane() -> None:
    recipe = recipe_of(TRANSFORM, "uint16")
    layout = recipe.layout((4, 5, 4), "uint8", alpha=True)
    assert (layout.shape, layout.alpha) == ((4, 5, 3), False)
    assert layout.dtype == np.dtype(np.uint16)
    assert recipe.layout((4, 5, 2), "uint8", alpha=True).shape == (4, 5)


def test_what_goes_wrong_is_an_error_of_the_picture() -> None:
    Path("a.npy").write_bytes(Path("a.npy").read_bytes()[:200])
    task = _task()
    (outcome,) = make_outputs(_job(task))
    assert outcome.status == "failed"
    assert (outcome.error or "").startswith("a.npy: ")
    assert not list(Path().glob("a_*"))
