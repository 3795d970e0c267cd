"""One output made of its input: in memory where that fits, else in strips, else refused."""

from __future__ import annotations

import io
import os
from dataclasses import replace
from pathlib import Path
from threading import Thread
from typing import TYPE_CHECKING, Any
from unittest import mock

import numpy as np
import pytest
import tifffile
from PIL import Image

from dilcli import files
from dilcli.core.filter_frame import FilterFrame
from dilcli.core.kernels import parse_kernel
from dilcli.core.recipe import Recipe
from dilcli.errors import ImageFileError
from dilcli.features import making, streaming, strips
from dilcli.features.job import Job, Settings
from dilcli.features.making import make_output, picture_reader
from dilcli.features.outputs import FrameSpans, Source, Writing, plan_tasks
from dilcli.features.survey import cost_of
from tests.files.makers import noise

if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import BinaryIO

    from dilcli.features.outcome import Outcome
    from dilcli.features.outputs import Selector, Task

BOX = Recipe(parse_kernel("box"))
PLENTY = 10**12

pytestmark = pytest.mark.usefixtures("folder", "_low_strips")


@pytest.fixture
def _low_strips(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let small pictures have several strips."""
    low = {"ROWS": 8, "_AIM": 1, "_SCRATCH": 0, "_LEAST": 1}
    for name, value in low.items():
        monkeypatch.setattr(strips, name, value)
    monkeypatch.setattr(FilterFrame, "scratch", lambda _: 0)
    monkeypatch.setattr(making, "_ZARR", 0)


@pytest.fixture
def ways(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Note which way outputs are made."""
    went: list[str] = []

    def noted(way: str, call: Any) -> Any:
        def watched(*words: Any, **named: Any) -> Any:
            went.append(way)
            return call(*words, **named)

        return watched

    monkeypatch.setattr(files, "read", noted("whole", files.read))
    monkeypatch.setattr(making, "open_picture", noted("strips", streaming.open_picture))
    return went


def _task(name: str, writing: Writing, frames: Selector | None = None) -> Task:
    (task,) = plan_tasks([Source(name)], [BOX], writing, frames)
    return task


def _needs(task: Task, writing: Writing, frames: Selector | None = None) -> int:
    cost = cost_of((task,), writing, frames)
    assert cost is not None
    return cost.memory


def _make(
    tasks: Sequence[Task],
    writing: Writing,
    memory: int = PLENTY,
    frames: Selector | None = None,
    *,
    max_pixels: int | None = None,
    standard_output: BinaryIO | None = None,
) -> list[Outcome]:
    job = Job(tuple(tasks), Settings(writing, frames, max_pixels, "tag"), memory, 1)
    picture_of = picture_reader(job)
    return [make_output(task, job, picture_of, standard_output) for task in tasks]


def _refusal(
    name: str, template: str, less: int = 0, max_pixels: int | None = None, **writing: Any
) -> str:
    writes = Writing(template=template, **writing)
    task = _task(name, writes)
    before = sorted(Path().iterdir())
    memory = _needs(task, writes) - less
    with pytest.raises(ImageFileError) as caught:
        _make([task], writes, memory, max_pixels=max_pixels, standard_output=io.BytesIO())
    assert sorted(Path().iterdir()) == before
    assert "\n" not in str(caught.value)
    return str(caught.value)


def _large(name: str) -> str:
    """Write a gray picture that takes some megabytes."""
    pixels = noise((2000, 1000))
    if name.endswith(".npy"):
        np.save(name, pixels)
    else:
        Image.fromarray(pixels).save(name)
    return name


# -- which way ---------------------------------------------------------------------------------


@pytest.mark.parametrize("compression", [None, "none", "deflate", "1"])
@pytest.mark.parametrize("packed", [False, True])
def test_a_tiff_is_written_as_it_comes_where_nothing_is_to_be_encoded(
    packed: bool, compression: str | None
) -> None:
    """It is the very picture that is made whole, and a TIFF stays as it was unless told."""
    pixels = noise((60, 40, 3))
    tifffile.imwrite("x.tif", pixels, compression="zlib" if packed else None, resolution=(72, 72))
    made: dict[bool, Outcome] = {}
    for encodes in (True, False):
        writes = Writing(template=f"{encodes}.tif", compression=compression)
        task = _task("x.tif", writes)
        with mock.patch.object(files, "encode", wraps=files.encode) as encode:
            if encodes:
                with mock.patch.object(files, "is_plain", return_value=False):
                    (made[encodes],) = _make([task], writes)
            else:
                (made[encodes],) = _make([task], writes)
        raw = compression == "none" or (compression is None and not packed)
        assert encode.called is (encodes or not raw)
        with tifffile.TiffFile(f"{encodes}.tif") as tiff:
            assert tiff.pages.first.compression == (1 if raw else 8)
    assert replace(made[True], output=None) == replace(made[False], output=None)
    assert Path("True.tif").read_bytes() == Path("False.tif").read_bytes()


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="needs named pipes")
def test_a_tiff_goes_into_a_pipe_whole() -> None:
    tifffile.imwrite("x.tif", noise((6, 4)))
    os.mkfifo("pipe.tif")
    writes = Writing(template="pipe.tif", overwrite=True)
    got: list[bytes] = []
    reader = Thread(target=lambda: got.append(Path("pipe.tif").read_bytes()))
    reader.start()
    _make([_task("x.tif", writes)], writes)
    reader.join()
    assert files.read(got[0]).frames[0].shape == (6, 4)


def test_what_fits_into_memory_is_made_there_and_a_byte_less_makes_strips(ways: list[str]) -> None:
    np.save("x.npy", noise((60, 40)))
    writing = Writing(template="y.npy", overwrite=True)
    task = _task("x.npy", writing)
    for less, way in ((0, "whole"), (1, "strips")):
        (made,) = _make([task], writing, _needs(task, writing) - less)
        assert (made.status, ways.pop()) == ("ok", way)


def test_more_pixels_than_are_decoded_whole_make_strips_unless_a_limit_is_named(
    ways: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    np.save("x.npy", noise((60, 40)))
    writing = Writing(template="y.npy", overwrite=True)
    task = _task("x.npy", writing)
    for limit, named, way in (
        (2400, None, "whole"),
        (2399, None, "strips"),
        (2399, 2400, "whole"),
    ):
        monkeypatch.setattr(files, "MAX_PIXELS", limit)
        (made,) = _make([task], writing, max_pixels=named)
        assert (made.status, ways.pop()) == ("ok", way)


def test_a_limit_that_is_named_holds_for_what_could_pass_in_strips(ways: list[str]) -> None:
    np.save("x.npy", noise((60, 40)))
    for less in (0, 1):
        said = _refusal("x.npy", "y.npy", less, max_pixels=2399)
        assert (
            said == "x.npy: 2400 pixels are more than the limit of 2399; raise it with --max-pixels"
        )
    assert ways == []


def test_only_frames_that_are_chosen_count_for_the_limit(ways: list[str]) -> None:
    writing, first = Writing(template="y.tif"), FrameSpans(((0, 0),))
    (made,) = _make([_task("b.tif", writing, first)], writing, frames=first, max_pixels=20)
    assert made.status == "ok"
    assert _refusal("b.tif", "z.tif", max_pixels=20).startswith("b.tif: 60 pixels are more")


# -- what is refused ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "template", "doing"),
    [
        ("x.png", "y.tif", "PNG is decoded whole"),
        ("x.png", "y.jpg", "PNG is decoded whole"),
        ("x.tif", "y.png", "PNG is encoded whole"),
        ("x.npy", "y.webp", "WebP is encoded whole"),
        ("x.jpg", "y.zarr", "JPEG is decoded whole"),
    ],
)
def test_a_format_that_is_whole_is_refused_with_the_option_and_what_would_pass(
    name: str, template: str, doing: str, ways: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    memory = _needs(_task(_large(name), Writing(template=template)), Writing(template=template))
    rest = f"{doing}; TIFF, .npy and Zarr pass through strip by strip"
    assert _refusal(name, template, 1) == (
        f"{name}: it takes about {memory / 1e6:.0f} MB of memory, and the limit leaves "
        f"{(memory - 1) / 1e6:.0f} MB; raise it with --memory-limit. {rest}"
    )
    assert "the limit leaves 0 MB" in _refusal(name, template, memory + 10**9)
    monkeypatch.setattr(files, "MAX_PIXELS", 1_999_999)
    assert _refusal(name, template) == (
        f"{name}: 2000000 pixels are more than the limit of 1999999; raise it with --max-pixels. "
        f"{rest}"
    )
    assert ways == []


def test_what_is_refused_before_filtering_is_refused_in_strips_too() -> None:
    for less in (0, 1):
        with mock.patch.object(streaming, "carry_out", side_effect=AssertionError):
            said = _refusal("b.tif", "y.npy", less)
        assert "NPY cannot hold 3 frames; use --frames 0" in said


def test_memory_for_not_one_strip_is_refused_with_the_option() -> None:
    writing = Writing(template="y.npy")
    needed = _needs(_task(_large("x.npy"), writing), writing)
    said = _refusal("x.npy", "y.npy", less=needed - 10)
    assert "x.npy: even strip by strip it takes 0 MB" in said
    assert "--memory-limit leaves 0 MB; raise it" in said


def test_outputs_that_exist_or_have_errors_are_settled_before_a_look_at_the_input() -> None:
    Path("y.png").touch()
    writing = Writing(template="y.png")
    task = _task("a.png", writing)
    wrong = replace(task, output=None, error="wrong")
    with mock.patch.object(files, "inspect", side_effect=AssertionError):
        exists, error = _make([task, wrong], writing)
    assert (exists.status, exists.error) == ("failed", "output exists: y.png (use --overwrite)")
    assert (error.status, error.error) == ("failed", "wrong")


# -- where it goes -----------------------------------------------------------------------------


def test_standard_output_gets_what_a_file_would_get() -> None:
    for format_ in ("tiff", "npy", "png"):
        stream = io.BytesIO()
        writing = Writing(template="-", format=format_)
        (made,) = _make([_task("a.png", writing)], writing, standard_output=stream)
        assert (made.status, made.output) == ("ok", "-")
        into = Writing(template=f"y.{format_}")
        _make([_task("a.png", into)], into)
        assert stream.getvalue() == Path(f"y.{format_}").read_bytes()
    writing = Writing(template="-")
    with pytest.raises(ImageFileError, match="there is no standard output"):
        _make([_task("a.png", writing)], writing)
    assert not Path("-").exists()


def test_standard_output_gets_no_strips_and_no_folder() -> None:
    np.save("x.npy", noise((60, 40)))
    said = _refusal("x.npy", "-", 1)
    assert "raise it with --memory-limit. standard output gets it whole; " in said
    assert said.endswith("TIFF, .npy and Zarr pass through strip by strip into a file")
    task = _task("x.npy", Writing(template="-", format="zarr"))
    assert task.error == "Zarr is a folder and no stream of bytes; name an output for it"


@pytest.mark.parametrize("less", [0, 1])
@pytest.mark.parametrize("ending", [".npy", ".zarr"])
def test_folders_below_the_folder_for_outputs_are_made(less: int, ending: str) -> None:
    np.save("x.npy", noise((60, 40)))
    writing = Writing(folder=Path("new/er"), template="sub/{stem}" + ending)
    task = _task("x.npy", writing)
    (made,) = _make([task], writing, _needs(task, writing) - less)
    assert made.output == f"new/er/sub/x{ending}"
    assert files.read(Path(made.output)).frames[0].shape == (60, 40)
    Path("file").touch()
    elsewhere = replace(writing, folder=Path("file"))
    task = _task("x.npy", elsewhere)
    with pytest.raises(ImageFileError, match="file/sub: cannot make the folder: Not a directory"):
        _make([task], elsewhere, _needs(task, writing) - less)


def test_each_frame_may_have_an_output_of_its_own_whichever_way_it_is_made(
    ways: list[str],
) -> None:
    frames = FrameSpans(((1, 2),))
    for less, way in ((0, "whole"), (1, "strips")):
        writing = Writing(template=f"{way}{{frame}}.tif")
        tasks = plan_tasks([Source("b.tif")], [BOX], writing, frames)
        outcomes = _make(tasks, writing, _needs(tasks[0], writing, frames) - less, frames)
        assert [(o.status, o.frames, o.pixels) for o in outcomes] == [("ok", 1, 20)] * 2
        for number, value in ((1, 20), (2, 30)):
            (frame,) = files.read(Path(f"{way}{number}.tif")).frames
            assert frame.tolist() == np.full((4, 5), value).tolist()
    assert ways.count("strips") == 2


# -- reading -----------------------------------------------------------------------------------


def test_an_input_is_read_once_for_outputs_that_follow_one_another(ways: list[str]) -> None:
    writing = Writing(folder=Path("out"))
    recipes = [replace(BOX, dilations=((d, d),)) for d in (1, 2, 3)]
    tasks = plan_tasks([Source("a.png"), Source("b.tif")], recipes, writing)
    assert {made.status for made in _make(tasks, writing)} == {"ok"}
    assert ways == ["whole"] * 2


def test_one_picture_at_a_time_is_kept() -> None:
    job = Job((), Settings(Writing()), PLENTY)
    picture_of, a, b = picture_reader(job), Source("a.png"), Source("b.tif")
    first = picture_of(a)
    assert picture_of(a) is first
    assert len(picture_of(b).frames) == 3
    assert picture_of(a) is not first


def test_a_reader_keeps_to_the_limit_and_the_frames_of_the_run() -> None:
    settings = Settings(Writing(), FrameSpans(((2, 2),)), max_pixels=20)
    picture = picture_reader(Job((), settings, PLENTY))(Source("b.tif"))
    assert [frame[0, 0] for frame in picture.frames] == [30]
    for frames, limit in ((None, 59), (FrameSpans(((2, 2),)), 19)):
        job = Job((), Settings(Writing(), frames, limit), PLENTY)
        with pytest.raises(ImageFileError, match="raise it with --max-pixels"):
            picture_reader(job)(Source("b.tif"))
