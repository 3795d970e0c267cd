"""A look at headers tells what a run costs, and stops one that has no room on its disk."""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple
from unittest import mock

import numpy as np
import pytest
import tifffile
from PIL import Image

from dilcli import files
from dilcli.core.kernels import parse_kernel
from dilcli.core.recipe import Recipe
from dilcli.errors import DilcliError, ImageFileError
from dilcli.features import survey as module
from dilcli.features.job import Job, Settings, make_outputs
from dilcli.features.outputs import FrameSpans, Source, Writing, plan_tasks
from dilcli.features.survey import (
    Cost,
    Group,
    check_space,
    cost_of,
    grouped,
    header_layout,
    survey,
)

if TYPE_CHECKING:
    from dilcli.features.outputs import Selector, Task

BOX = Recipe(parse_kernel("box"))

pytestmark = pytest.mark.usefixtures("folder")


def _tasks(
    inputs: list[str] | str,
    writing: Writing,
    frames: Selector | None = None,
    recipes: tuple[Recipe, ...] = (BOX,),
) -> list[Task]:
    names = [inputs] if isinstance(inputs, str) else inputs
    return plan_tasks([Source(name) for name in names], recipes, writing, frames)


def _cost(name: str, recipe: Recipe = BOX, frames: Selector | None = None, **writing: Any) -> Cost:
    writes = Writing(**{"template": "o.npy", **writing})
    cost = cost_of(_tasks(name, writes, frames, (recipe,)), writes, frames)
    assert cost is not None
    return cost


def _array(name: str, shape: tuple[int, ...], dtype: str = "uint8") -> int:
    """Store an array of zeros, and give the size of its file."""
    np.save(name, np.zeros(shape, dtype))
    return Path(name).stat().st_size


# -- what one input costs ----------------------------------------------------------------------


def test_a_cost_is_pixels_samples_memory_and_disk() -> None:
    size = _array("x.npy", (30, 20, 3), "uint16")
    # Decoded and made, each twice, for a decoder and an encoder hold copies; and the file.
    samples = 30 * 20 * 3 * 2
    assert _cost("x.npy") == Cost(600, samples, 4 * samples + size, (samples,))


def test_outputs_follow_one_another_so_the_largest_counts() -> None:
    size = _array("x.npy", (30, 20))
    deep = replace(BOX, dilations=((2, 2),), depth="float")
    writing = Writing(template="{dilation}.npy")
    cost = cost_of(_tasks("x.npy", writing, recipes=(BOX, deep)), writing, None)
    assert cost == Cost(600, 600, 2 * 600 + 2 * 4 * 600 + size, (600, 2400))


def test_only_the_frames_that_are_chosen_count() -> None:
    size = Path("b.tif").stat().st_size
    assert _cost("b.tif", template="o.tif", compression="none")[:2] == (60, 60)
    for spans, count in ((((0, 0),), 1), (((1, 2),), 2), (((0, 2), (1, 1)), 3)):
        cost = _cost("b.tif", frames=FrameSpans(spans), template="o.tif", compression="none")
        assert cost == Cost(20 * count, 20 * count, 80 * count + size, (20 * count,))


def test_an_output_of_one_frame_is_as_large_as_a_frame() -> None:
    writing = Writing(template="{frame}.npy")
    cost = cost_of(_tasks("b.tif", writing), writing, None)
    size = Path("b.tif").stat().st_size
    assert cost == Cost(60, 60, 2 * 60 + 2 * 20 + size, (20, 20, 20))


def test_pages_of_other_sizes_than_the_first_count_with_their_own() -> None:
    with tifffile.TiffWriter("pages.tif") as writer:
        for shape in ((4, 5), (40, 50)):
            writer.write(np.zeros(shape, np.uint8))
    cost = _cost("pages.tif", template="o.tif", compression="none")
    assert (cost.pixels, cost.decoded, cost.disk) == (2020, 2020, (2020,))


@pytest.mark.parametrize(
    ("dtype", "real"), [("uint8", 4), ("uint16", 4), ("float32", 8), ("float64", 8), ("int32", 8)]
)
def test_a_cascade_holds_two_planes_of_real_numbers(dtype: str, real: int) -> None:
    _array("x.npy", (30, 20, 3), dtype)
    rates: Any = {"dilations": ((1, 1), (2, 2))}
    beside = _cost("x.npy", replace(BOX, **rates, combine="max"))
    cascade = _cost("x.npy", replace(BOX, **rates, combine="cascade"))
    assert cascade.memory - beside.memory == 2 * 30 * 20 * 3 * real


@pytest.mark.parametrize(
    ("recipe", "samples"),
    [
        (BOX, 30 * 20 * 4),
        (replace(BOX, stride=(7, 3)), 5 * 7 * 4),
        (replace(BOX, alpha="drop"), 30 * 20 * 3),
        (replace(BOX, luma=True, alpha="drop"), 30 * 20),
        (replace(BOX, depth="float"), 30 * 20 * 4 * 4),
    ],
)
def test_an_output_is_as_large_as_its_layout(recipe: Recipe, samples: int) -> None:
    Image.fromarray(np.zeros((30, 20, 4), np.uint8)).save("x.png")
    assert _cost("x.png", recipe).disk == (samples,)


def test_formats_that_compress_take_their_share_of_the_disk_unless_told_not_to() -> None:
    _array("x.npy", (100, 100))
    assert _cost("x.npy", template="o.npy").disk == (10_000,)
    assert _cost("x.npy", template="o.ppm").disk == (10_000,)
    for template in ("o.tif", "o.png", "o.jpg", "o.webp", "o.gif", "o.zarr"):
        assert 0 < _cost("x.npy", template=template).disk[0] <= 4000
    for compression in ("none", "0", 0):
        assert _cost("x.npy", template="o.tif", compression=compression).disk == (10_000,)
    assert _cost("x.npy", template="o.tif", compression="1").disk == (4000,)


@pytest.mark.parametrize(("compression", "size"), [(None, 10_000), ("deflate", 4000), ("1", 4000)])
def test_a_tiff_without_compression_stays_one_unless_told_not_to(
    compression: str | None, size: int
) -> None:
    tifffile.imwrite("x.tif", np.zeros((100, 100), np.uint8))
    tifffile.imwrite("packed.tif", np.zeros((100, 100), np.uint8), compression="zlib")
    assert _cost("x.tif", template="o.tif", compression=compression).disk == (size,)
    assert _cost("packed.tif", template="o.tif", compression=compression).disk == (4000,)
    assert _cost("x.tif", template="o.png", compression=None).disk == (4000,)


def test_the_share_of_the_disk_is_no_more_than_noise_takes() -> None:
    # A guess that is too high would refuse a run that has room.
    rng = np.random.default_rng(0)
    np.save("x.npy", rng.integers(0, 256, (200, 200), np.uint8))
    identity = Recipe(parse_kernel("identity"))
    for template in ("o.tif", "o.png", "o.jpg", "o.webp", "o.gif", "o.jp2", "o.npy", "o.ppm"):
        writing = Writing(template=template)
        (task,) = _tasks("x.npy", writing, recipes=(identity,))
        (made,) = make_outputs(Job((task,), Settings(writing), 10**12))
        assert made.error is None
        assert _cost("x.npy", identity, template=template).disk[0] <= Path(template).stat().st_size


def test_the_bytes_of_standard_input_count_as_its_file() -> None:
    writing = Writing(template="o.npy")
    data = Path("a.png").read_bytes()
    tasks = plan_tasks([Source("-", data=data)], [BOX], writing)
    cost = cost_of(tasks, writing, None)
    assert cost == Cost(20, 20, 80 + len(data), (20,))


def test_tasks_with_errors_cost_nothing() -> None:
    writing = Writing(template="o.npy")
    (task,) = _tasks("a.png", writing)
    wrong = replace(task, error="wrong", output=None)
    assert cost_of([wrong], writing, None) is None
    assert cost_of([], writing, None) is None
    assert cost_of([wrong, task], writing, None) == cost_of([task], writing, None)


def test_a_header_that_cannot_be_read_or_a_recipe_without_meaning_is_an_error() -> None:
    Path("bad.png").write_bytes(b"\x89PNG\r\n\x1a\nnot a picture")
    for name in ("bad.png", "no.png"):
        with pytest.raises(ImageFileError, match=name):
            _cost(name)
    np.save("line.npy", np.zeros(9))
    with pytest.raises(DilcliError):
        _cost("line.npy", Recipe(parse_kernel("box")))
    with pytest.raises(ImageFileError, match="no frame 7"):
        _cost("b.tif", frames=FrameSpans(((7, 7),)))


# -- all inputs --------------------------------------------------------------------------------


def test_a_survey_keeps_the_order_and_costs_what_it_can_read() -> None:
    Path("bad.png").write_bytes(b"\x89PNG\r\n\x1a\nnot a picture")
    names = ["b.tif", "bad.png", "a.png", "no.png"]
    writing = Writing(folder=Path("out"))
    recipes = (BOX, replace(BOX, dilations=((2, 2),)))
    tasks = _tasks(names, writing, recipes=recipes)
    with mock.patch.object(files, "read", side_effect=AssertionError):
        groups = survey(tasks, writing, None)
    assert [task for group in groups for task in group.tasks] == tasks
    assert [group.tasks[0].source.name for group in groups] == names
    assert [group.cost is None for group in groups] == [False, True, False, True]
    # Pixels are filtered once for each output.
    assert [group.pixels for group in groups] == [120, 0, 40, 0]


def test_tasks_are_grouped_by_their_input() -> None:
    writing = Writing(folder=Path("out"))
    recipes = tuple(replace(BOX, dilations=((d, d),)) for d in (1, 2, 3))
    tasks = _tasks(["a.png", "b.tif"], writing, recipes=recipes)
    assert list(grouped(tasks)) == [tuple(tasks[:3]), tuple(tasks[3:])]
    assert list(grouped([])) == []


def test_equal_sources_that_were_named_apart_are_groups_apart() -> None:
    tasks = [t for name in ("x.png", "y.png") for t in _tasks("a.png", Writing(template=name))]
    assert [len(group.tasks) for group in survey(tasks, Writing(), None)] == [1, 1]


@pytest.mark.parametrize("mode", ["L", "RGB", "RGBA", "LA", "P"])
@pytest.mark.parametrize("background", [None, (9, 9, 9), (9, 99, 199)])
@pytest.mark.parametrize("recipe", [BOX, replace(BOX, luma=True), replace(BOX, stride=(2, 3))])
def test_a_layout_by_the_header_is_what_is_made(
    mode: str, background: tuple[int, int, int] | None, recipe: Recipe
) -> None:
    Image.new("RGBA", (9, 8), (1, 2, 3, 4)).convert(mode).save("x.png")
    writing = Writing(template="o.tif", background=background)
    (task,) = _tasks("x.png", writing, recipes=(recipe,))
    layout = header_layout(files.inspect(Path("x.png")), task, writing)
    (made,) = make_outputs(Job((task,), Settings(writing), 10**12))
    assert (made.shape, made.dtype, made.response) == (
        layout.shape,
        layout.dtype.name,
        layout.response,
    )
    written = files.read(Path("o.tif"))
    assert (written.frames[0].shape, written.alpha) == (layout.shape, layout.alpha)


# -- room on the disk --------------------------------------------------------------------------


class _Usage(NamedTuple):
    total: int
    used: int
    free: int


def _free(monkeypatch: pytest.MonkeyPatch, **folders: int) -> list[Path]:
    """Say how much is free, and remember where that was asked."""
    asked = []

    def disk_usage(folder: Path) -> _Usage:
        asked.append(Path(folder))
        return _Usage(10**12, 0, folders.get(Path(folder).name, folders.get("rest", 0)))

    monkeypatch.setattr(shutil, "disk_usage", disk_usage)
    return asked


def _groups(
    writing: Writing, sizes: tuple[int, ...], names: tuple[str, ...] = ("a.png", "b.tif")
) -> list[Group]:
    tasks = _tasks(list(names), writing)
    return [Group((task,), Cost(1, 1, 1, (size,))) for task, size in zip(tasks, sizes, strict=True)]


def test_outputs_that_have_no_room_are_refused_with_the_folder_what_is_needed_and_free(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    Path("out").mkdir()
    asked = _free(monkeypatch, rest=4_999_999)
    with pytest.raises(ImageFileError) as caught:
        check_space(_groups(Writing(folder=Path("out")), (2_000_000, 3_000_000)), Writing())
    assert str(caught.value) == (
        "out: the outputs take about 5 MB and 5 MB are free; make room, or write elsewhere"
    )
    assert asked == [Path("out")]
    _free(monkeypatch, rest=5_000_000)
    assert check_space(_groups(Writing(folder=Path("out")), (2, 4_999_998)), Writing()) == 5_000_000


def test_a_folder_that_is_still_to_be_made_lies_on_the_disk_of_the_nearest_that_is_there(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    Path("out").mkdir()
    asked = _free(monkeypatch, rest=1)
    groups = _groups(Writing(folder=Path("out/new/er")), (5, 5))
    with pytest.raises(ImageFileError, match=r"^out/new/er: the outputs take about 0 MB"):
        check_space(groups, Writing())
    assert asked == [Path("out")]
    assert not Path("out/new").exists()
    asked = _free(monkeypatch, rest=99)
    assert check_space(_groups(Writing(folder=Path("never/was")), (5, 5)), Writing()) == 10
    assert asked == [Path()]


def test_outputs_that_exist_and_stay_need_no_room(monkeypatch: pytest.MonkeyPatch) -> None:
    Path("out").mkdir()
    Path("out/a_box_d1.png").touch()
    writing = Writing(folder=Path("out"))
    _free(monkeypatch, rest=99)
    groups = _groups(writing, (1000, 7))
    assert check_space(groups, writing) == 7
    with pytest.raises(ImageFileError, match="out: the outputs take"):
        check_space(groups, replace(writing, overwrite=True))


def test_each_disk_is_looked_at_on_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("one", "two"):
        Path(name).mkdir()
    monkeypatch.setattr(module, "_device", lambda folder: hash(folder.name))
    one = _groups(Writing(folder=Path("one")), (10, 10))
    two = _groups(Writing(folder=Path("two")), (30, 40))
    asked = _free(monkeypatch, one=20, two=70)
    assert check_space([*one, *two], Writing()) == 90
    assert asked == [Path("one"), Path("two")]
    _free(monkeypatch, one=20, two=69)
    with pytest.raises(ImageFileError, match=r"^two: "):
        check_space([*one, *two], Writing())


def test_folders_of_one_disk_share_its_room(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("one", "two"):
        Path(name).mkdir()
    groups = [g for n in ("one", "two") for g in _groups(Writing(folder=Path(n)), (10, 10))]
    _free(monkeypatch, rest=39)
    with pytest.raises(ImageFileError, match=r"^one: "):
        check_space(groups, Writing())
    _free(monkeypatch, rest=40)
    assert check_space(groups, Writing()) == 40


def test_what_goes_nowhere_needs_no_room(monkeypatch: pytest.MonkeyPatch) -> None:
    _free(monkeypatch, rest=0)
    (task,) = _tasks("a.png", Writing(template="o.png"))
    wrong = replace(task, error="wrong", output=None)
    (piped,) = _tasks("a.png", Writing(template="-"))
    groups = [
        Group((task,), None),
        Group((wrong,), Cost(1, 1, 1, ())),
        Group((piped,), Cost(1, 1, 1, (99,))),
    ]
    assert check_space(groups, Writing()) == 0
    assert check_space([], Writing()) == 0


def test_errors_take_no_output_the_size_of_another(monkeypatch: pytest.MonkeyPatch) -> None:
    _free(monkeypatch, rest=10**9)
    writing = Writing(template="{dilation}.npy")
    recipes = tuple(replace(BOX, dilations=((d, d),)) for d in (1, 2))
    first, second = _tasks("a.png", writing, recipes=recipes)
    tasks = (replace(first, error="wrong", output=None), second)
    group = Group(tasks, cost_of(tasks, writing, None))
    assert check_space([group], writing) == 20
