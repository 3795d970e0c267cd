"""A run over pictures: through real files, from the first byte read to the last one written."""

from __future__ import annotations

import io
from pathlib import Path
from typing import TYPE_CHECKING, Any
from unittest import mock

import numpy as np
import pytest
from PIL import Image

from dilcli import files
from dilcli.core.kernels import parse_kernel
from dilcli.core.recipe import Recipe
from dilcli.features import making, runs, workers
from dilcli.features.job import Settings
from dilcli.features.machine import BASE, Means
from dilcli.features.outputs import Selector, Source, Writing, plan_tasks
from dilcli.features.runs import estimate, run_tasks
from dilcli.features.survey import Cost, Group, survey

if TYPE_CHECKING:
    from dilcli.features.outcome import Outcome

BOX = parse_kernel("box")

pytestmark = pytest.mark.usefixtures("folder")


def _run(
    inputs: list[str],
    writing: Writing,
    rates: tuple[int, ...] = (1,),
    *,
    frames: Selector | None = None,
    dry: bool = False,
    **settings: Any,
) -> list[Outcome]:
    recipes = [Recipe(BOX, ((rate, rate),)) for rate in rates]
    tasks = plan_tasks([Source(name) for name in inputs], recipes, writing, frames)
    if dry:
        return list(estimate(tasks, writing, frames=frames))
    limits = {"max_pixels": settings.pop("max_pixels", None)}
    return list(run_tasks(tasks, Settings(writing, frames, **limits), **settings))


def _shown(path: str) -> list[Any]:
    return [frame.tolist() for frame in files.read(Path(path)).frames]


def test_an_input_is_decoded_once_for_all_of_its_outputs() -> None:
    with mock.patch.object(files, "read", wraps=files.read) as read:
        outcomes = _run(["a.png", "b.tif"], Writing(folder=Path("out")), (1, 2, 4))
    assert [outcome.status for outcome in outcomes] == ["ok"] * 6
    assert read.call_count == 2


def test_one_input_that_fails_does_not_stop_the_others() -> None:
    Path("bad.png").write_bytes(b"\x89PNG\r\n\x1a\nnot a picture")
    outcomes = _run(["bad.png", "a.png", "no.png", "b.tif"], Writing(folder=Path("out")))
    assert [outcome.status for outcome in outcomes] == ["failed", "ok", "failed", "ok"]
    assert "bad.png" in (outcomes[0].error or "")
    assert outcomes[2].error == "no.png: No such file or directory"
    assert sorted(path.name for path in Path("out").iterdir()) == ["a_box_d1.png", "b_box_d1.tif"]


def test_an_output_that_exists_fails_is_left_or_replaced_as_asked() -> None:
    old = Path("a_box_d1.png")
    Image.new("L", (5, 4), 99).save(old)
    before = old.read_bytes()
    (failed,) = _run(["a.png"], Writing())
    assert failed.error == "output exists: a_box_d1.png (use --overwrite)"
    (skipped,) = _run(["a.png"], Writing(skip_existing=True))
    assert (skipped.status, skipped.error, skipped.output) == ("skipped", None, "a_box_d1.png")
    assert old.read_bytes() == before
    (done,) = _run(["a.png"], Writing(overwrite=True))
    assert done.status == "ok"
    assert _shown("a_box_d1.png") == [np.full((4, 5), 10).tolist()]


def test_an_input_whose_outputs_all_exist_is_not_even_read() -> None:
    _run(["a.png"], Writing())
    with mock.patch.object(files, "read", side_effect=AssertionError):
        (outcome,) = _run(["a.png"], Writing(skip_existing=True))
    assert outcome.status == "skipped"


def test_what_the_format_cannot_hold_is_refused_before_filtering() -> None:
    with mock.patch.object(making, "treat_picture", side_effect=AssertionError):
        (outcome,) = _run(["b.tif"], Writing(template="x.jpg"))
    assert "JPEG cannot hold 3 frames; use --frames 0" in (outcome.error or "")
    assert not Path("x.jpg").exists()


def test_the_folder_for_outputs_is_made_and_another_one_is_not() -> None:
    (outcome,) = _run(["a.png"], Writing(folder=Path("new/er"), template="sub/{name}"))
    assert outcome.status == "ok"
    assert Path("new/er/sub/a.png").is_file()
    (outcome,) = _run(["a.png"], Writing(template="no/x.png"))
    assert outcome.error == "no/x.png: the folder no does not exist"
    Path("file").touch()
    (outcome,) = _run(["a.png"], Writing(folder=Path("file/sub")))
    assert "file/sub" in (outcome.error or "")


def test_an_input_in_a_folder_that_is_not_there_is_what_is_missing() -> None:
    for dry in (False, True):
        (outcome,) = _run(["no/x.png"], Writing(), dry=dry)
        assert outcome.error == "no/x.png: No such file or directory"


def test_a_name_that_is_too_long_fails_in_one_line() -> None:
    (outcome,) = _run(["a.png"], Writing(template="x" * 300 + ".png"))
    assert (outcome.error or "").endswith("File name too long")


@pytest.mark.parametrize("dry", [False, True])
def test_frames_are_chosen_and_may_have_outputs_of_their_own(dry: bool) -> None:
    writing = Writing(template="{stem}{frame}.png")
    outcomes = _run(["b.tif"], writing, frames=lambda _: [1, 2], dry=dry)
    assert [(o.output, o.frames, o.shape) for o in outcomes] == [
        ("b1.png", 1, (4, 5)),
        ("b2.png", 1, (4, 5)),
    ]
    if not dry:
        assert _shown("b1.png")[0][0][0] == 20
        assert _shown("b2.png")[0][0][0] == 30
    (one,) = _run(["b.tif"], Writing(template="one.png"), frames=lambda _: [2], dry=dry)
    assert (one.status, one.frames) == ("ok", 1)


def test_an_estimate_reads_no_samples_writes_nothing_and_names_the_cost() -> None:
    before = sorted(Path().iterdir())
    with mock.patch.object(files, "read", side_effect=AssertionError):
        outcomes = _run(["a.png", "b.tif", "no.png"], Writing(folder=Path("o")), (1, 2), dry=True)
    assert sorted(Path().iterdir()) == before
    first, third, last = outcomes[0], outcomes[2], outcomes[-1]
    assert (first.status, first.samples, first.size, first.clipped) == ("ok", 20, 40, None)
    assert (third.frames, third.samples, third.size) == (3, 60, 120)
    assert last.status == "failed"


def test_an_estimate_tells_what_the_run_would_refuse() -> None:
    (outcome,) = _run(["b.tif"], Writing(template="x.jpg"), dry=True)
    assert "cannot hold 3 frames" in (outcome.error or "")
    _run(["a.png"], Writing())
    (outcome,) = _run(["a.png"], Writing(), dry=True)
    assert "output exists" in (outcome.error or "")
    (outcome,) = _run(["a.png"], Writing(skip_existing=True), dry=True)
    assert outcome.status == "skipped"


@pytest.mark.parametrize("kind", ["rgba", "16", "gray+alpha", "pages"])
def test_an_estimate_tells_the_shape_and_type_that_the_run_makes(kind: str) -> None:
    rng = np.random.default_rng(0)
    if kind == "pages":
        name = "b.tif"
    else:
        shape = {"rgba": (5, 6, 4), "16": (5, 6), "gray+alpha": (5, 6, 2)}[kind]
        made = rng.integers(0, 256, shape).astype(np.uint16 if kind == "16" else np.uint8)
        Image.fromarray(made).save("s.png")
        name = "s.png"
    (told,) = _run([name], Writing(template="x.tif"), dry=True)
    (done,) = _run([name], Writing(template="x.tif"))
    for field in ("shape", "dtype", "frames", "samples", "response", "output", "status"):
        assert getattr(told, field) == getattr(done, field)


def test_standard_output_gets_the_bytes_of_the_format() -> None:
    stream = io.BytesIO()
    (outcome,) = _run(["a.png"], Writing(template="-", format="tiff"), standard_output=stream)
    assert (outcome.status, outcome.output) == ("ok", "-")
    assert files.read(stream.getvalue()).frames[0].tolist() == np.full((4, 5), 10).tolist()
    (outcome,) = _run(["a.png"], Writing(template="-"))
    assert outcome.error == "there is no standard output to write to"


def test_a_picture_beyond_the_limit_is_refused() -> None:
    (outcome,) = _run(["a.png"], Writing(), max_pixels=19)
    assert outcome.status == "failed"
    assert "20" in (outcome.error or "")
    (outcome,) = _run(["a.png"], Writing(), max_pixels=20)
    assert outcome.status == "ok"


def test_too_little_memory_fails_one_input_in_one_line() -> None:
    with mock.patch.object(making, "treat_picture", side_effect=MemoryError):
        (outcome,) = _run(["a.png"], Writing())
    assert outcome.error == "a.png: not enough memory to filter it"


def _crowd(count: int) -> list[str]:
    rng = np.random.default_rng(1)
    for number in range(count):
        kind = ("png", "jpg", "tif")[number % 3]
        Image.fromarray(rng.integers(0, 256, (30, 20, 3), np.uint8)).save(f"{number:03}.{kind}")
    return sorted(str(path) for path in Path().glob("[0-9]*"))


def test_results_and_their_order_do_not_depend_on_who_does_the_work() -> None:
    names = _crowd(12)
    Path(names[4]).write_bytes(b"\x89PNG\r\n\x1a\nnot a picture")
    made = {}
    for place, pool in (("one", False), ("two", True)):
        with mock.patch.object(runs, "_WORTH_A_POOL", 0 if pool else 1e9):
            outcomes = _run(names, Writing(folder=Path(place)), (1, 3), jobs=2)
        assert [outcome.input for outcome in outcomes] == [name for name in names for _ in "12"]
        assert [o.status for o in outcomes] == ["ok"] * 8 + ["failed"] * 2 + ["ok"] * 14
        made[place] = {path.name: path.read_bytes() for path in Path(place).iterdir()}
    assert len(made["one"]) == 22
    assert made["one"] == made["two"]


def test_a_few_small_pictures_do_not_pay_for_worker_processes() -> None:
    names = _crowd(6)
    with mock.patch.object(workers, "run_in_processes", side_effect=AssertionError):
        assert {o.status for o in _run(names, Writing(folder=Path("out")), jobs=4)} == {"ok"}
    large = [Group(group.tasks, Cost(40_000_000, 1, 1, (1,))) for group in _groups(names)]
    assert runs._is_worth_a_pool(large, Means(2, 1 << 30))
    assert not runs._is_worth_a_pool(large, Means(1, 1 << 30))
    assert not runs._is_worth_a_pool(large[:1], Means(2, 1 << 30))
    assert not runs._is_worth_a_pool(large, Means(2, 4 * BASE))


def _groups(names: list[str]) -> list[Group]:
    writing = Writing(folder=Path("out"))
    tasks = plan_tasks([Source(name) for name in names], [Recipe(BOX)], writing)
    return survey(tasks, writing, None)
