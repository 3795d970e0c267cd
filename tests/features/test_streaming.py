"""A picture that passes through strip by strip comes out as it would from memory, or not at all."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any
from unittest import mock

import numpy as np
import pytest
import tifffile
from PIL import Image

from dilcli import files
from dilcli.core.boundary import BOUNDARIES
from dilcli.core.denoising import denoising
from dilcli.core.filter_frame import FilterFrame, FindExtremes
from dilcli.core.kernels import Kernel, parse_kernel
from dilcli.core.recipe import Recipe
from dilcli.core.starlet_frame import StarletFrame
from dilcli.core.starlet_recipe import Background, Enhancing, StarletRecipe
from dilcli.features import making, streaming, strips
from dilcli.features.job import Job, Settings, make_outputs
from dilcli.features.outputs import FrameSpans, Source, Task, Writing, plan_tasks
from dilcli.features.streaming import frame_plan, here, in_memory, open_picture
from dilcli.features.survey import cost_of
from dilcli.files import Metadata, Picture
from tests.files.makers import exif, icc, noise

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from dilcli.core.treatment import Treatment
    from dilcli.features.outcome import Outcome
    from dilcli.features.outputs import Selector

BOX, B3, SOBEL = (parse_kernel(text) for text in ("box", "b3", "sobel-y"))
PLENTY = 10**12


@pytest.fixture(autouse=True)
def _here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


@contextmanager
def _low_strips(rows: int = 8) -> Iterator[mock.Mock]:
    """Make strips of so many rows, and watch them being filtered."""
    with (
        mock.patch.multiple(strips, ROWS=rows, _AIM=1, _SCRATCH=0, _LEAST=1),
        mock.patch.object(FilterFrame, "scratch", return_value=0),
        mock.patch.object(StarletFrame, "scratch", return_value=0),
        mock.patch.object(making, "_ZARR", 0),
        mock.patch.object(streaming, "carry_out", wraps=strips.carry_out) as watched,
    ):
        yield watched


def _task(name: str, recipe: Treatment, writing: Writing, frames: Selector | None = None) -> Task:
    (task,) = plan_tasks([Source(name)], [recipe], writing, frames)
    return task


def _made(task: Task, writing: Writing, memory: int, frames: Selector | None = None) -> Outcome:
    (outcome,) = make_outputs(Job((task,), Settings(writing, frames), memory, threads=2))
    return outcome


def _in_strips(task: Task, writing: Writing, frames: Selector | None = None) -> Outcome:
    """Make an output with a byte less of memory than it takes whole."""
    cost = cost_of((task,), writing, frames)
    assert cost is not None
    with _low_strips() as watched:
        outcome = _made(task, writing, cost.memory - 1, frames)
    assert outcome.status == "failed" or watched.call_count > 1
    return outcome


def _same_either_way(
    name: str,
    recipe: Treatment,
    extension: str = ".tif",
    frames: Selector | None = None,
    **writing: Any,
) -> Picture:
    """Make an output in memory and strip by strip, and give it if both are the same."""
    ways = []
    for way in ("whole", "strips"):
        writes = Writing(template=f"{way}{extension}", **writing)
        task = _task(name, recipe, writes, frames)
        if way == "whole":
            outcome = _made(task, writes, PLENTY, frames)
        else:
            outcome = _in_strips(task, writes, frames)
        assert outcome.error is None
        ways.append(
            (replace(outcome, output=None, seconds=None), files.read(Path(way + extension)))
        )
    (told, whole), (also_told, other) = ways
    assert told == also_told
    assert (whole.alpha, whole.metadata) == (other.alpha, other.metadata)
    assert len(whole.frames) == len(other.frames)
    for one, another in zip(whole.frames, other.frames, strict=True):
        assert one.dtype == another.dtype
        np.testing.assert_array_equal(one, another)
    return whole


def _store(name: str, pixels: NDArray[Any], **tiff: Any) -> str:
    """Write samples as a file of the format that the name says."""
    if name.endswith(".npy"):
        np.save(name, pixels)
    elif name.endswith(".zarr"):
        import zarr

        zarr.create_array(name, data=pixels, chunks=(16, 32, *pixels.shape[2:]))
    else:
        tifffile.imwrite(name, pixels, rowsperstrip=16, compression="zlib", metadata=None, **tiff)
    return name


def _rgba(kind: str = "unassalpha", dtype: str = "uint8", channels: int = 4) -> str:
    """Write a TIFF with alpha that is 0 in a corner, of either kind."""
    pixels = noise((80, 31, channels), dtype)
    pixels[20:50, 10:25, -1] = 0
    if kind == "assocalpha":
        pixels[..., :-1] = np.minimum(pixels[..., :-1], pixels[..., -1:])
    photometric = "rgb" if channels == 4 else "minisblack"
    return _store("rgba.tif", pixels, photometric=photometric, extrasamples=[kind])


# -- the same samples --------------------------------------------------------------------------


@pytest.mark.parametrize("target", [".tif", ".npy", ".zarr"])
@pytest.mark.parametrize("source", ["x.tif", "x.npy", "x.zarr"])
@pytest.mark.parametrize("shape", [(90, 41), (70, 33, 3)], ids=["gray", "rgb"])
def test_every_format_of_rows_gives_and_takes_the_samples_that_memory_gives(
    source: str, target: str, shape: tuple[int, ...]
) -> None:
    tiff = {"photometric": "rgb" if len(shape) == 3 else "minisblack"} if ".tif" in source else {}
    name = _store(source, noise(shape), **tiff)
    recipe = Recipe(B3, ((5, 3),))
    if target != ".zarr":
        _same_either_way(name, recipe, target)
        return
    # Zarr goes strip by strip even where there is memory.
    whole = _same_either_way(name, recipe, ".npy").frames[0]
    for memory in (PLENTY, None):
        writes = Writing(template=f"{memory}.zarr")
        task = _task(name, recipe, writes)
        made = _in_strips(task, writes) if memory is None else _made(task, writes, memory)
        assert made.error is None
        np.testing.assert_array_equal(files.read(Path(f"{memory}.zarr")).frames[0], whole)


@pytest.mark.parametrize("boundary", BOUNDARIES)
@pytest.mark.parametrize("rate", [2, 33, 200])
def test_what_stands_outside_is_the_same_however_far_taps_reach(boundary: Any, rate: int) -> None:
    name = _store("x.tif", noise((75, 40), "uint16"))
    fill = 777.0 if boundary == "constant" else 0.0
    _same_either_way(name, Recipe(B3, ((rate, 7),), boundary=boundary, fill=fill))


@pytest.mark.parametrize(
    "settings",
    [
        {"stride": (3, 2)},
        {"stride": (9, 1)},
        {"luma": True},
        {"linear": True},
        {"linear": True, "luma": True, "depth": "16"},
        {"response": "minmax"},
        {"response": "minmax", "stride": (2, 2), "depth": "16"},
        {"response": "offset"},
        {"bias": 40.0, "response": "clip"},
        {"convolve": True, "origin": (0, 0)},
        {"dilations": ((1, 1), (9, 9)), "combine": "max"},
        {"dilations": ((1, 1), (4, 2), (30, 3)), "combine": "cascade", "kernel": B3},
        {"dilations": ((2, 2), (17, 1)), "combine": "cascade", "boundary": "wrap"},
        {"dilations": ((1, 1), (5, 5)), "combine": "rms", "response": "minmax"},
    ],
    ids=str,
)
def test_every_setting_means_the_same_in_strips(settings: dict[str, Any]) -> None:
    name = _store("x.tif", noise((85, 38, 3)), photometric="rgb")
    _same_either_way(name, Recipe(**{"kernel": SOBEL, "dilations": ((3, 2),), **settings}))


@pytest.mark.parametrize("depth", ["same", "8", "16", "float"])
@pytest.mark.parametrize("dtype", ["uint8", "uint16", "float32", "float64", "int16"])
def test_samples_of_every_depth_are_the_same(dtype: str, depth: Any) -> None:
    name = _store("x.tif", noise((70, 30), dtype), photometric="minisblack")
    made = _same_either_way(name, Recipe(BOX, ((2, 2),), depth=depth)).frames[0]
    wanted = {"same": dtype, "8": "uint8", "16": "uint16"}.get(depth)
    assert wanted is None or made.dtype == wanted


def test_a_kernel_that_is_filtered_by_fourier_transforms_is_the_same() -> None:
    weights = tuple(map(tuple, noise((41, 41), "float64").tolist()))
    recipe = Recipe(Kernel(weights).normalized("l1"), response="minmax")
    name = _store("x.tif", noise((300, 60)))
    with open_picture(Source(name), None, None, 1) as picture:
        frame = frame_plan(picture, 0, recipe)
    assert isinstance(frame, FilterFrame)
    assert frame.plan.stencils[0].method == "fourier"
    _same_either_way(name, recipe)


def test_clipped_samples_are_counted_in_all_strips() -> None:
    name = _store("x.tif", noise((80, 30)))
    writing = Writing(template="y.tif")
    made = _in_strips(_task(name, Recipe(parse_kernel("sharpen")), writing), writing)
    pixels = np.pad(files.read(Path(name)).frames[0].astype(int), 1, "symmetric")
    around = pixels[:-2, 1:-1] + pixels[2:, 1:-1] + pixels[1:-1, :-2] + pixels[1:-1, 2:]
    wanted = 5 * pixels[1:-1, 1:-1] - around
    assert made.clipped == ((wanted < 0) | (wanted > 255)).sum() > 0
    assert made.samples == made.pixels == 80 * 30


# -- alpha and backgrounds ---------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["unassalpha", "assocalpha"])
@pytest.mark.parametrize("alpha", ["premultiply", "keep", "drop", "auto"])
@pytest.mark.parametrize("dtype", ["uint8", "uint16"])
def test_alpha_of_either_kind_is_treated_the_same(kind: str, alpha: Any, dtype: str) -> None:
    made = _same_either_way(_rgba(kind, dtype), Recipe(B3, ((4, 4),), alpha=alpha))
    channels = made.frames[0].shape[2]
    assert channels == (3 if alpha == "drop" else 4)
    assert made.alpha is (channels == 4 and kind == "unassalpha")
    assert made.metadata.associated_alpha is (channels == 4 and kind == "assocalpha")


@pytest.mark.parametrize("kind", ["unassalpha", "assocalpha"])
@pytest.mark.parametrize("background", [(128, 128, 128), (255, 30, 0)], ids=["gray", "red"])
@pytest.mark.parametrize("channels", [2, 4])
@pytest.mark.parametrize("alpha", ["auto", "keep", "drop"])
def test_a_background_takes_the_place_of_alpha(
    kind: str, background: tuple[int, int, int], channels: int, alpha: Any
) -> None:
    name = _rgba(kind, channels=channels)
    made = _same_either_way(name, Recipe(BOX, ((3, 3),), alpha=alpha), background=background)
    assert not made.alpha
    assert not made.metadata.associated_alpha
    gray = channels == 2 and (alpha == "drop" or background == (128, 128, 128))
    assert made.frames[0].shape == ((80, 31) if gray else (80, 31, 3))


@pytest.mark.parametrize("depth", ["16", "float"])
def test_a_background_is_as_light_as_the_samples_are_deep(depth: Any) -> None:
    recipe = Recipe(BOX, depth=depth)
    made = _same_either_way(_rgba(), recipe, background=(255, 255, 255)).frames[0]
    assert made[35, 17].tolist() == [65535 if depth == "16" else 255.0] * 3


# -- frames, metadata, notes -------------------------------------------------------------------


def _pages() -> str:
    with tifffile.TiffWriter("pages.tif") as writer:
        for number, shape in enumerate([(60, 30), (40, 50), (70, 21)]):
            writer.write(noise(shape, seed=number), rowsperstrip=16, metadata=None)
    return "pages.tif"


def test_pages_of_different_sizes_keep_their_sizes() -> None:
    made = _same_either_way(_pages(), Recipe(SOBEL, ((2, 2),), response="minmax"))
    assert [frame.shape for frame in made.frames] == [(60, 30), (40, 50), (70, 21)]


def test_the_frames_that_are_chosen_are_those_that_are_made_in_their_order() -> None:
    chosen = FrameSpans(((2, 2), (0, 0)))
    made = _same_either_way(_pages(), Recipe(BOX), frames=chosen)
    assert [frame.shape for frame in made.frames] == [(70, 21), (60, 30)]


def test_a_frame_of_its_own_is_the_frame_of_that_place() -> None:
    name, writing = _pages(), Writing(template="f{frame}.npy")
    tasks = plan_tasks([Source(name)], [Recipe(BOX)], writing, FrameSpans(((1, 2),)))
    for task, number, shape in zip(tasks, (1, 2), ((40, 50), (70, 21)), strict=True):
        assert _in_strips(task, writing, FrameSpans(((1, 2),))).shape == shape
        made = np.load(f"f{number}.npy")
        whole = Writing(template=f"w{number}.npy")
        one = _task(name, Recipe(BOX), whole, FrameSpans(((number, number),)))
        _made(one, whole, PLENTY, FrameSpans(((number, number),)))
        np.testing.assert_array_equal(made, np.load(f"w{number}.npy"))


def _with_metadata() -> str:
    metadata = Metadata(
        icc=icc(), exif=exif(), xmp=b"<x/>", resolution=(300.0, 150.0), text=(("Title", "one"),)
    )
    picture = Picture((noise((70, 30, 3)),), False, "tiff", metadata)
    Path("m.tif").write_bytes(files.encode(picture, "tiff"))
    return "m.tif"


@pytest.mark.parametrize("compression", [None, "none", "9"])
def test_what_a_file_says_beside_its_samples_is_kept(compression: str | None) -> None:
    made = _same_either_way(_with_metadata(), Recipe(BOX), compression=compression)
    assert made.metadata.icc == icc()
    assert made.metadata.resolution == (300.0, 150.0)
    assert made.metadata.exif is not None
    bare = _same_either_way("m.tif", Recipe(BOX), strip_metadata=True, overwrite=True)
    stripped = bare.metadata
    assert (stripped.icc, stripped.exif, stripped.resolution) == (None, None, None)


def test_what_is_not_kept_is_noted_in_the_same_words() -> None:
    name, writing = _with_metadata(), Writing(template="n.npy")
    made = _in_strips(_task(name, Recipe(BOX), writing), writing)
    assert any("holds no metadata; not kept: " in note for note in made.notes)
    _same_either_way(name, Recipe(BOX), ".npy")


# -- pictures in memory, and pieces ------------------------------------------------------------


def test_a_png_becomes_a_store_from_memory() -> None:
    pixels = noise((50, 40, 3))
    Image.fromarray(pixels).save("a.png")
    for template in ("a.zarr", "b.npy"):
        writing = Writing(template=template)
        made = _made(_task("a.png", Recipe(SOBEL), writing), writing, PLENTY)
        assert (made.status, made.shape, made.pixels) == ("ok", (50, 40, 3), 2000)
    np.testing.assert_array_equal(files.read(Path("a.zarr")).frames[0], np.load("b.npy"))


def test_rows_of_a_picture_in_memory_are_views_of_it() -> None:
    frames = (noise((9, 7)), noise((9, 7, 3)))
    picture = Picture(frames, False, "png", Metadata(resolution=(72.0, 72.0)), ("said",))
    shown = in_memory(picture)
    assert (shown.metadata, shown.notes, shown.format) == (picture.metadata, ("said",), "png")
    for frame, rows in zip(frames, shown.frames, strict=True):
        assert (rows.shape, rows.dtype, rows.together) == (frame.shape, frame.dtype, 1)
        part = rows.read(2, 5)
        assert np.shares_memory(part, frame)
        np.testing.assert_array_equal(part, np.atleast_3d(frame)[2:5])
    line = in_memory(Picture((noise((12,)),), False, "npy")).frames[0]
    assert line.read(0, 1).shape == (1, 12, 1)


def test_extremes_of_all_strips_are_found_before_the_first_is_made() -> None:
    name = _store("x.npy", noise((40, 9), "float32"))
    with open_picture(Source(name), None, None, 1) as picture:
        plan = frame_plan(picture, 0, Recipe(SOBEL, response="minmax"))
        work, ask = here(picture, 1), FindExtremes()
        found = list(work(0, plan, ask, [(0, 20), (20, 40)]))
        whole = next(work(0, plan, ask, [(0, 40)]))
    assert (min(low for low, _ in found), max(high for _, high in found)) == whole


@pytest.mark.parametrize("name", ["x.npy", "x.tif", "rgba.tif"])
@pytest.mark.parametrize(
    ("change", "settings"),
    [
        (denoising(3), {}),
        (denoising(3, iterations=2, threshold="soft"), {"generation": 2, "boundary": "wrap"}),
        (denoising(3, poisson=(2, 3, 10)), {"boundary": "constant", "fill": 40.0}),
        (Enhancing((2.0, 1.0, 0.5), 0.5), {"luma": True, "depth": "16"}),
        (Background(), {"boundary": "mirror"}),
    ],
)
def test_planes_are_changed_alike_and_the_same_noise_is_found(
    name: str, change: Any, settings: dict[str, Any]
) -> None:
    if name == "rgba.tif":
        _rgba("assocalpha")
    else:
        _store(name, noise((90, 31)))
    recipe = StarletRecipe(change, B3, levels=3, **settings)
    _same_either_way(name, recipe)


# -- nothing is left of what fails -------------------------------------------------------------


def _damaged() -> str:
    """Write a TIFF whose last strip cannot be decoded."""
    name = _store("bad.tif", noise((120, 40), "uint16"))
    with tifffile.TiffFile(name) as file:
        start = file.pages.first.dataoffsets[-1]
        size = file.pages.first.databytecounts[-1]
    data = bytearray(Path(name).read_bytes())
    data[start : start + size] = b"\xff" * size
    Path(name).write_bytes(data)
    return name


def _listing() -> list[str]:
    return sorted(path.name for path in Path().iterdir())


@pytest.mark.parametrize("target", ["y.tif", "y.npy", "y.zarr"])
def test_a_strip_that_fails_leaves_what_was_there_and_nothing_else(target: str) -> None:
    writing = Writing(template=target, overwrite=True)
    good = _store("good.npy", noise((20, 10)))
    assert _made(_task(good, Recipe(BOX), writing), writing, PLENTY).status == "ok"
    name, before = _damaged(), files.read(Path(target)).frames[0]
    there = _listing()
    made = _in_strips(_task(name, Recipe(BOX), writing), writing)
    assert made.status == "failed"
    assert (made.error or "").startswith("bad.tif: cannot decode TIFF: ")
    assert "\n" not in (made.error or "")
    assert _listing() == there
    np.testing.assert_array_equal(files.read(Path(target)).frames[0], before)


@pytest.mark.parametrize("target", ["y.tif", "y.npy", "y.zarr"])
def test_an_output_that_came_meanwhile_stays(target: str) -> None:
    name, writing = _store("x.npy", noise((60, 30))), Writing(template=target)
    task = _task(name, Recipe(BOX), writing)

    def meanwhile(*arguments: Any) -> Any:
        Path(target).write_text("mine")
        return strips.carry_out(*arguments)

    cost = cost_of((task,), writing, None)
    assert cost is not None
    with (
        _low_strips(),
        mock.patch.object(streaming, "carry_out", side_effect=meanwhile),
    ):
        made = _made(task, writing, cost.memory - 1)
    assert made.error == f"output exists: {target} (use --overwrite)"
    assert Path(target).read_text() == "mine"
    assert _listing() == ["x.npy", target]


def test_memory_that_is_short_while_a_strip_is_filtered_fails_one_output() -> None:
    name, writing = _store("x.tif", noise((60, 30))), Writing(template="y.tif")
    task = _task(name, Recipe(BOX), writing)
    cost = cost_of((task,), writing, None)
    assert cost is not None
    with (
        _low_strips(),
        mock.patch.object(streaming, "carry_out", side_effect=MemoryError),
    ):
        made = _made(task, writing, cost.memory - 1)
    assert made.error == "x.tif: not enough memory to filter it"
    assert _listing() == ["x.tif"]


def test_a_picture_that_passes_in_strips_is_never_read_whole() -> None:
    name, writing = _store("x.npy", noise((400, 300))), Writing(template="y.npy")
    with mock.patch.object(files, "read", side_effect=AssertionError):
        made = _in_strips(_task(name, Recipe(BOX), writing), writing)
    assert made.error is None
