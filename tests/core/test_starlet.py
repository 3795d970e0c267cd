"""The starlet transform is its definition, and its planes make the image again."""

from __future__ import annotations

import tracemalloc
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import ndimage

from dilcli.core.boundary import BOUNDARIES
from dilcli.core.kernels import Kernel
from dilcli.core.starlet import inverse_starlet, iter_planes, starlet
from dilcli.errors import ArgumentError, KernelError
from tests.starlet_cases import atrous, case_input, starlet_settings

if TYPE_CHECKING:
    from numpy.typing import NDArray

CASES = {case["name"]: case for case in atrous()["cases"]}
SCIPY_MODES: dict[str, str] = {name: "grid-wrap" if name == "wrap" else name for name in BOUNDARIES}


@pytest.mark.parametrize("dtype", ["int64", "uint16", "float32", "float64"])
@pytest.mark.parametrize("name", CASES)
def test_planes_are_those_of_the_reference_bit_for_bit(name: str, dtype: str) -> None:
    """See `tests.starlet_cases` for the source of the numbers."""
    case = CASES[name]
    image = np.array(case["input"])
    if dtype == "uint16" and image.max() > 65535:
        dtype = "uint32"
    chosen = starlet_settings(case)
    planes = starlet(image.astype(dtype), case["levels"], **chosen)
    np.testing.assert_array_equal(planes, [*case["details"], case["residual"]])
    np.testing.assert_array_equal(inverse_starlet(planes, **chosen), image)
    if case["generation"] == 1:
        np.testing.assert_array_equal(planes.sum(axis=0), image)


@pytest.mark.parametrize("case", atrous()["gain_cases"], ids=lambda case: str(case["gain"]))
def test_weighted_sums_are_those_of_the_reference(case: dict[str, Any]) -> None:
    planes = starlet(case_input(case["input_case"]), len(case["gain"]))
    got = inverse_starlet(planes, gains=case["gain"], residual_gain=case["residual_gain"])
    np.testing.assert_allclose(got, case["sum"], rtol=0, atol=1e-9)


def _by_scipy(
    image: NDArray[Any], levels: int, taps: list[float], generation: int, mode: str
) -> list[NDArray[Any]]:
    """Smooth with zero-stuffed taps along rows and columns."""

    def smooth(plane: NDArray[Any], level: int) -> NDArray[Any]:
        stuffed = np.zeros((len(taps) - 1) * 2 ** (level - 1) + 1)
        stuffed[:: 2 ** (level - 1)] = taps
        for axis in range(min(image.ndim, 2)):
            plane = ndimage.convolve1d(plane, stuffed, axis, mode=SCIPY_MODES[mode])
        return plane

    planes, current = [], image.astype(float)
    for level in range(1, levels + 1):
        coarser = smooth(current, level)
        planes.append(current - (coarser if generation == 1 else smooth(coarser, level)))
        current = coarser
    return [*planes, current]


@settings(max_examples=60)
@given(
    st.integers(0, 2**32 - 1),
    st.integers(1, 6),
    st.sampled_from([1, 2]),
    st.sampled_from(BOUNDARIES),
    st.lists(st.floats(-0.2, 1), min_size=2, max_size=4),
)
def test_planes_are_those_of_scipy(
    seed: int, levels: int, generation: int, boundary: str, half: list[float]
) -> None:
    rng = np.random.default_rng(seed)
    image = rng.normal(size=rng.integers(1, 14, rng.integers(1, 4)))
    taps = [*half[:0:-1], half[0] + 3, *half[1:]]
    taps = [tap / sum(taps) for tap in taps]
    chosen: dict[str, Any] = {"kernel": taps, "boundary": boundary, "generation": generation}
    if all(abs(tap) < 1e-9 for tap in half[1:]):
        return
    got = starlet(image, levels, **chosen)
    assert got.shape == (levels + 1, *image.shape)
    np.testing.assert_allclose(
        got, _by_scipy(image, levels, taps, generation, boundary), rtol=0, atol=1e-12
    )
    np.testing.assert_allclose(inverse_starlet(got, **chosen), image, rtol=0, atol=1e-12)


@settings(max_examples=60)
@given(
    st.integers(0, 2**32 - 1),
    st.integers(1, 20),
    st.sampled_from(["bool", "uint8", "int8", "uint16", "int16", "uint32", "int32"]),
    st.sampled_from(["b3", "linear", "gaussian:sigma=0.8", "box:3"]),
    st.sampled_from(BOUNDARIES),
)
def test_planes_of_whole_numbers_sum_to_them_exactly_at_any_level(
    seed: int, levels: int, dtype: str, kernel: str, boundary: str
) -> None:
    rng = np.random.default_rng(seed)
    span = (0, 1) if dtype == "bool" else (np.iinfo(dtype).min, np.iinfo(dtype).max)
    image = rng.integers(*span, (*rng.integers(1, 12, 2), 2), endpoint=True).astype(dtype)
    image[rng.random(image.shape) < 0.3] = 0
    planes = starlet(image, levels, kernel=kernel, boundary=boundary, fill=3.7)
    np.testing.assert_array_equal(planes.sum(axis=0), image.astype(float))
    np.testing.assert_array_equal(planes[::-1].sum(axis=0), image.astype(float))
    np.testing.assert_array_equal(inverse_starlet(planes), image.astype(float))
    exact = starlet(image.astype(float), levels, kernel=kernel, boundary=boundary, fill=3.7)
    scale = float(np.abs(image.astype(float)).max()) + 4
    np.testing.assert_allclose(planes, exact, rtol=0, atol=levels * 2e-15 * scale)


@pytest.mark.parametrize("boundary", ["reflect", "wrap"])
@pytest.mark.parametrize("generation", [1, 2])
def test_reflect_and_wrap_conserve_flux(boundary: str, generation: int) -> None:
    image = np.random.default_rng(6).integers(0, 256, (13, 17)).astype(np.uint8)
    planes = starlet(image, 5, boundary=boundary, generation=generation)
    np.testing.assert_allclose(planes[:-1].sum(axis=(1, 2)), 0, atol=1e-10)
    assert planes[-1].sum() == pytest.approx(image.sum(), rel=1e-14)
    lost = starlet(image, 5, boundary="mirror")[-1].sum() - image.sum()
    assert abs(lost) > 1


@pytest.mark.parametrize("boundary", BOUNDARIES)
@pytest.mark.parametrize("generation", [1, 2])
def test_a_constant_has_no_details(boundary: str, generation: int) -> None:
    image = np.full((5, 9), 201.0)
    planes = starlet(image, 8, boundary=boundary, fill=201, generation=generation)
    assert not planes[:-1].any()
    assert (planes[-1] == 201).all()


def test_the_detail_of_an_impulse_is_the_difference_of_two_cascades() -> None:
    taps = np.array([1, 4, 6, 4, 1]) / 16
    cascades = [np.ones(1)]
    for level in range(4):
        stuffed = np.zeros(4 * 2**level + 1)
        stuffed[:: 2**level] = taps
        cascades.append(np.convolve(cascades[-1], stuffed))
    impulse = np.zeros((65, 65))
    impulse[32, 32] = 1
    for level, plane in enumerate(starlet(impulse, 4, boundary="zero")[:-1], start=1):
        wanted = np.zeros((65, 65))
        for sign, cascade in ((1, cascades[level - 1]), (-1, cascades[level])):
            inside = slice(32 - len(cascade) // 2, 33 + len(cascade) // 2)
            wanted[inside, inside] += sign * np.outer(cascade, cascade)
        np.testing.assert_allclose(plane, wanted, rtol=0, atol=1e-17)


def test_the_step_of_the_notes() -> None:
    planes = starlet([[0] * 5 + [160] * 5] * 6, 2)
    assert planes[0][3].tolist() == [0, 0, 0, -10, -50, 50, 10, 0, 0, 0]
    half = [-3.75, -9.375, -21.875, -31.25, -16.25]
    assert planes[1][0].tolist() == half + [-w for w in reversed(half)]


@pytest.mark.parametrize("levels", [60, 70, 200])
@pytest.mark.parametrize("boundary", BOUNDARIES)
def test_levels_far_beyond_the_size_and_beyond_64_bits_are_no_error(
    levels: int, boundary: str
) -> None:
    planes = starlet([[1, 2, 250]], levels, boundary=boundary)
    assert np.isfinite(planes).all()
    np.testing.assert_array_equal(planes.sum(axis=0), [[1, 2, 250]])


@pytest.mark.parametrize("shape", [(40,), (9, 8), (9, 8, 3)])
def test_channels_and_the_order_of_memory_change_nothing(shape: tuple[int, ...]) -> None:
    image = np.random.default_rng(7).normal(size=shape)
    planes = starlet(image, 3)
    np.testing.assert_array_equal(planes, list(iter_planes(np.asfortranarray(image), 3)))
    if len(shape) == 3:
        for channel in range(3):
            alone = starlet(image[..., channel], 3)
            np.testing.assert_array_equal(planes[..., channel], alone)


def test_the_image_is_left_alone_and_planes_are_the_callers() -> None:
    image = np.random.default_rng(8).normal(size=(30, 20))
    before = image.copy()
    planes = list(iter_planes(image, 3))
    kept = [plane.copy() for plane in planes]
    for plane in planes:
        plane[...] = 0
    np.testing.assert_array_equal(image, before)
    np.testing.assert_array_equal(kept, starlet(image, 3))
    stack = np.array(kept)
    inverse_starlet(stack, gains=3, generation=2)
    np.testing.assert_array_equal(stack, kept)


def test_a_nan_stays_where_taps_read_it() -> None:
    image = np.zeros((1, 21))
    image[0, 10] = np.nan
    planes = starlet(image, 2)
    assert np.flatnonzero(np.isnan(planes[0][0])).tolist() == list(range(8, 13))
    assert np.flatnonzero(np.isnan(planes[2][0])).tolist() == list(range(4, 17))


@pytest.mark.parametrize(("generation", "planes"), [(1, 3.4), (2, 4.4)])
def test_three_planes_are_held_and_not_one_a_level(generation: int, planes: float) -> None:
    image = np.random.default_rng(9).normal(size=(1500, 1500))
    tracemalloc.start()
    for plane in iter_planes(image, 8, generation=generation, threads=1):
        assert plane.shape == image.shape
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < planes * image.nbytes


def test_the_outer_product_of_taps_and_the_taps_are_one_kernel() -> None:
    image = np.random.default_rng(10).normal(size=(11, 12))
    taps = (0.25, 0.5, 0.25)
    table = Kernel(tuple(tuple(a * b for b in taps) for a in taps))
    kernels: tuple[Any, ...] = ("linear", taps, np.array(taps), "1 2 1 / 4")
    for kernel in kernels:
        np.testing.assert_array_equal(
            starlet(image, 3, kernel=kernel), starlet(image, 3, kernel=table)
        )


@pytest.mark.parametrize(
    ("image", "chosen", "words"),
    [
        (np.zeros((3, 3)), {"levels": 0}, "levels must be >= 1"),
        (np.zeros((0, 3)), {}, "no side 0"),
        (np.zeros((3, 3), complex), {}, "cannot be filtered"),
        (np.array([2**60]), {}, "beyond 2"),
        (np.zeros((3, 3)), {"threads": 0}, "threads must be at least 1"),
        (np.zeros((3, 3)), {"generation": 3}, "generation must be 1 or 2"),
        (np.zeros((3, 3)), {"kernel": "1 2 1"}, "sums to 4"),
    ],
)
def test_what_has_no_meaning_is_refused(image: Any, chosen: dict[str, Any], words: str) -> None:
    with pytest.raises((ArgumentError, KernelError), match=words):
        starlet(image, **{"levels": 2, **chosen})


@pytest.mark.parametrize(
    ("planes", "chosen", "words"),
    [
        (np.zeros((1, 3)), {}, "1 planes of shapes .* want at least one detail"),
        ([np.zeros(3), np.zeros(4)], {}, "2 planes of shapes"),
        (np.zeros((3, 4)), {"gains": (1, 2, 3)}, "3 values of gain for 2 levels"),
        (np.zeros((3, 4)), {"residual_gain": np.inf}, "residual gain must be finite"),
        (np.zeros((3, 4), complex), {}, "cannot be filtered"),
        (np.zeros(3), {}, "cannot be filtered"),
    ],
)
def test_planes_that_are_no_transform_are_refused(
    planes: Any, chosen: dict[str, Any], words: str
) -> None:
    with pytest.raises(ArgumentError, match=words):
        inverse_starlet(planes, **chosen)
