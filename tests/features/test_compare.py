"""The two ways on pictures of all kinds: the identity, what is compared, and known characters."""

from __future__ import annotations

from itertools import product
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import ndimage

from dilcli import files
from dilcli.core.boundary import BOUNDARIES
from dilcli.core.colour import LUMA
from dilcli.core.kernels import Kernel, parse_kernel
from dilcli.errors import ArgumentError, KernelError
from dilcli.features.compare import Run, Subject, compare_at, read_subject, subject_of
from dilcli.features.prefilter import PREFILTERS
from tests.reference import loops

SAMPLES = Path(__file__).parents[2] / "sample_images"
DERIVATIVE = parse_kernel("gaussian-dy:sigma=1.2,size=7")


def subject(pixels: Any, channels: str = "all", *, alpha: bool = False) -> Subject:
    picture = files.Picture((np.asarray(pixels),), alpha=alpha, format="npy")
    return subject_of(picture, "a.npy", channels)


def run(pixels: Any, rate: tuple[int, int] = (2, 2), **given: Any) -> Run:
    prefilter = given.pop("prefilter", "none")
    given.setdefault("kernel", DERIVATIVE)
    return compare_at(subject(pixels), rate, given, prefilter)


def way(made: Run, name: str) -> Any:
    return next(way for way in made.comparison.ways if way.name == name)


@st.composite
def questions(draw: st.DrawFn) -> tuple[Any, tuple[int, int], dict[str, Any], str]:
    """Draw a small picture, a rate that fits it, and settings."""
    height, width = draw(st.integers(1, 12)), draw(st.integers(1, 12))
    shape = draw(st.sampled_from([(height, width), (height, width, 3), (width,)]))
    dtype = draw(st.sampled_from(["uint8", "uint16", "int32", "float32", "float64"]))
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    pixels = (rng.random(shape) * 200).astype(dtype)
    rows = 1 if len(shape) == 1 else draw(st.integers(1, 4))
    table = rng.normal(size=(rows, draw(st.integers(1, 4))))
    kernel = Kernel(tuple(map(tuple, table.tolist())))
    origin = tuple(int(rng.integers(n)) for n in kernel.shape)
    limits = (1, width) if len(shape) == 1 else (height, width)
    rate = (draw(st.integers(1, min(limits[0], 4))), draw(st.integers(1, min(limits[1], 4))))
    given = {
        "kernel": kernel,
        "boundary": draw(st.sampled_from(BOUNDARIES)),
        "fill": draw(st.sampled_from([0.0, 7.5])),
        "origin": draw(st.sampled_from([None, origin])),
        "convolve": draw(st.booleans()),
        "align": draw(st.sampled_from(["samples", "half-pixel"])),
        "phases": draw(st.sampled_from(["one", "all"])),
    }
    return pixels, rate, given, draw(st.sampled_from(PREFILTERS))


@given(questions())
def test_where_samples_are_kept_the_two_ways_are_equal_to_the_last_bit(
    question: tuple[Any, tuple[int, int], dict[str, Any], str],
) -> None:
    pixels, rate, given, prefilter = question
    made = run(pixels, rate, prefilter=prefilter, **given)
    height, width = made.size
    kept = [(height, width)]
    if given["phases"] == "one":
        kept = [(-(-height // rate[0]), -(-width // rate[1]))]
    assert made.comparison.identity == (kept[0][0] * kept[0][1], 0.0, True)
    if prefilter == "none":
        assert way(made, "implant").errors.sampled == 0


@given(questions())
def test_all_phases_interlaced_are_the_dilated_response_bit_for_bit(
    question: tuple[Any, tuple[int, int], dict[str, Any], str],
) -> None:
    pixels, rate, given, _ = question
    kept: dict[str, Any] = {}
    given |= {"phases": "all"}
    made = compare_at(subject(pixels), rate, given, keep=kept.__setitem__)
    assert way(made, "implant").coverage == 1
    assert way(made, "implant").differences.identical
    assert kept["implant"].tobytes() == kept["dilated"].tobytes()


@settings(max_examples=15)
@given(questions())
def test_the_dilated_response_is_that_of_plain_loops(
    question: tuple[Any, tuple[int, int], dict[str, Any], str],
) -> None:
    pixels, rate, given, _ = question
    kept: dict[str, Any] = {}
    held = subject(pixels)
    compare_at(held, rate, given, keep=kept.__setitem__)
    names = ("boundary", "fill", "origin", "convolve")
    for channel in range(held.pixels.shape[2]):
        wanted = loops(
            held.pixels[..., channel].astype(np.float64),
            np.array(given["kernel"].weights),
            dilation=(1, rate[1]) if held.is_row else rate,
            **{name: given[name] for name in names},
        )
        assert kept["dilated"][..., channel] == pytest.approx(wanted, rel=1e-4, abs=1e-2)


def zone_plate(size: int = 256) -> Any:
    """Rings up to the highest frequency, and checks in two quarters."""
    y, x = np.mgrid[:size, :size] - size / 2
    rings = 127.5 + 127.5 * np.cos(np.pi * (y * y + x * x) / size)
    checks = 255.0 * ((np.mgrid[:size, :size] // 2).sum(axis=0) % 2)
    return np.where((y < 0) == (x < 0), rings, checks)


def ways_at_samples(pixels: Any, align: str) -> Run:
    return run(pixels, (2, 2), boundary="mirror", align=align, ways=("dilated", "bilinear"))


def test_half_pixel_alignment_is_wrong_at_the_samples_where_the_aligned_one_is_not() -> None:
    plate = zone_plate()
    assert way(ways_at_samples(plate, "samples"), "bilinear").errors.sampled == 0
    assert way(ways_at_samples(plate, "half-pixel"), "bilinear").errors.sampled > 10


def test_on_a_smooth_picture_the_misalignment_alone_costs_about_ten_decibels() -> None:
    smooth = ndimage.gaussian_filter(zone_plate(), 2)
    aligned, shifted = (
        way(ways_at_samples(smooth, align), "bilinear").differences.psnr
        for align in ("samples", "half-pixel")
    )
    assert aligned > 40
    assert 9 < aligned - shifted < 14


def test_a_prefilter_helps_what_aliases_and_harms_what_is_smooth() -> None:
    plate, smooth = zone_plate(), ndimage.gaussian_filter(zone_plate(), 2)
    errors = {
        (name, prefilter): way(run(pixels, prefilter=prefilter), "bilinear").differences.rmse
        for (name, pixels), prefilter in product(
            (("plate", plate), ("smooth", smooth)), ("none", "gaussian")
        )
    }
    assert errors["plate", "gaussian"] < errors["plate", "none"]
    assert errors["smooth", "gaussian"] > errors["smooth", "none"]
    made = run(plate, prefilter="gaussian")
    assert way(made, "bilinear").prefilter_error > 1
    assert way(made, "implant").errors.sampled > 10
    assert made.comparison.identity.exact


def test_luma_is_that_of_rec_709_in_the_pictures_units_and_alpha_is_left_out() -> None:
    pixels = np.random.default_rng(0).integers(0, 256, (300, 9, 4), np.uint8)
    held = subject(pixels, "luma", alpha=True)
    assert held.pixels.shape == (300, 9, 1)
    assert held.pixels.dtype == np.float32
    assert held.pixels[..., 0] == pytest.approx(pixels[..., :3] @ np.array(LUMA), rel=1e-5)
    assert "alpha" in held.notes[0]
    every = subject(pixels, "all", alpha=True)
    assert np.array_equal(every.pixels, pixels[..., :3])


@pytest.mark.parametrize(
    ("dtype", "wanted"),
    [("uint16", "float32"), ("float16", "float32"), ("int32", "float64"), ("float64", "float64")],
)
def test_samples_are_compared_in_the_type_that_filtering_them_gives(
    dtype: str, wanted: str
) -> None:
    assert subject(np.ones((8, 8), dtype)).pixels.dtype == wanted


def test_a_row_of_samples_has_no_rows_to_dilate_over() -> None:
    made = run(np.arange(20.0), (3, 3), kernel=parse_kernel("1 2 1"))
    assert made.setup.rate == (1, 3)
    assert made.size == (1, 20)
    with pytest.raises(KernelError, match="rows"):
        run(np.arange(20.0), kernel=parse_kernel("box"))


def test_below_seven_pixels_there_is_no_ssim_and_that_is_said() -> None:
    held = subject(np.ones((6, 30)))
    assert "6 x 30" in held.notes[0]
    assert "SSIM" in held.notes[0]
    assert subject(np.ones((7, 7))).notes == ()
    pixels = np.random.default_rng(1).random((6, 30))
    assert way(run(pixels), "implant").differences.ssim is None


def test_what_cannot_be_compared_is_refused_in_words() -> None:
    with pytest.raises(ArgumentError, match="--channels all"):
        subject(np.ones((8, 8, 5)), "luma")
    with pytest.raises(ArgumentError, match="cannot be filtered"):
        subject(np.ones((8, 8), complex))
    with pytest.raises(ArgumentError, match="does not fit"):
        run(np.ones((8, 8), np.float32), boundary="constant", fill=1e300)


def test_samples_that_are_not_finite_make_no_warnings() -> None:
    pixels = np.where(np.eye(12) > 0, np.inf, 3.0)
    pixels[3, 4] = np.nan
    made = run(pixels, (3, 3), kernel=parse_kernel("1 2 1"))
    assert made.comparison.identity.exact
    assert made.comparison.aliased_energy is None


def test_of_an_animation_the_first_frame_is_compared(tmp_path: Path) -> None:
    frames = tuple(np.full((9, 9), v, np.uint8) for v in (7, 200))
    data = files.encode(files.Picture(frames, alpha=False, format="tiff"), "tiff")
    held = read_subject(data, "two.tif")
    assert (held.pixels == 7).all()
    assert "first of 2 frames" in held.notes[0]
    assert read_subject(SAMPLES / "cat.png", "cat.png").notes == ()
