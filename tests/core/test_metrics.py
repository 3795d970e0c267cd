"""Distances of responses: scikit-image's and NumPy's numbers, and answers where those have none."""

from __future__ import annotations

import json
import tracemalloc
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from skimage import metrics

from dilcli.core import paired_tiles
from dilcli.core.metrics import Differences, differences
from dilcli.errors import ArgumentError

if TYPE_CHECKING:
    from numpy.typing import NDArray

#: scikit-image has no types.
peer: Any = metrics

SIZES = [(7, 7), (7, 20), (31, 9), (64, 64), (50, 1300)]


def responses(
    shape: tuple[int, ...], seed: int, spread: float = 1.0, level: float = 0.0
) -> tuple[NDArray[Any], NDArray[Any]]:
    """Give two signed pictures that are somewhat alike."""
    rng = np.random.default_rng(seed)
    one = spread * rng.normal(size=shape)
    return one + level, 0.9 * one + 0.3 * spread * rng.normal(size=shape) + level


def numbers(found: Differences) -> list[float | None]:
    return [value for value in found if not isinstance(value, bool)]


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("channels", [1, 3])
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("data_range", [None, 0.25, 255.0])
def test_numbers_are_those_of_scikit_image_and_numpy(
    size: tuple[int, int],
    channels: int,
    dtype: type[np.floating],
    data_range: float | None,
) -> None:
    pair = responses((*size, channels), size[1] + channels, spread=3.7)
    given_pair = [picture.astype(dtype) for picture in pair]
    one, two = (picture.astype(np.float64) for picture in given_pair)
    peak = np.ptp(one) if data_range is None else data_range
    low = min(one.min(), two.min())

    found = differences(*given_pair, data_range=data_range)

    assert numbers(found) == pytest.approx(
        [
            np.abs(one - two).max(),
            np.abs(one - two).mean(),
            np.sqrt(peer.mean_squared_error(one, two)),
            peer.peak_signal_noise_ratio(one, two, data_range=peak),
            peer.structural_similarity(one - low, two - low, data_range=peak, channel_axis=2),
            np.corrcoef(one.ravel(), two.ravel())[0, 1],
            peak,
        ],
        rel=1e-12,
    )
    assert not found.identical
    assert found.max_abs_diff == np.abs(one - two).max()


@given(
    st.tuples(st.integers(1, 12), st.integers(1, 12), st.integers(1, 4)),
    st.integers(0, 2**32 - 1),
    st.sampled_from([1e-30, 1e-3, 1.0, 1e6, 1e30]),
)
def test_numbers_are_those_of_plain_formulas(
    shape: tuple[int, int, int], seed: int, spread: float
) -> None:
    one, two = responses(shape, seed, spread)
    found = differences(one, two)
    assert found[:3] == pytest.approx(
        [
            np.abs(one - two).max(),
            np.abs(one - two).mean(),
            np.sqrt(np.square(one - two).mean()),
        ],
        rel=1e-13,
    )
    assert found.data_range == np.ptp(one)
    assert (found.psnr is None) == (one.size == 1)
    assert (found.ssim is None) == (min(shape[:2]) < 7)
    assert (found.correlation is None) == (one.size == 1)
    if found.psnr is not None and found.correlation is not None:
        ratio = np.ptp(one) ** 2 / np.square(one - two).mean()
        assert found.psnr == pytest.approx(10 * np.log10(ratio), rel=1e-12, abs=1e-12)
        a, b = one - one.mean(), two - two.mean()
        expected = (a * b).sum() / np.sqrt((a * a).sum() * (b * b).sum())
        assert found.correlation == pytest.approx(expected, rel=1e-11, abs=1e-13)


@given(st.integers(0, 999), st.floats(0.01, 100), st.floats(-1e3, 1e3))
def test_correlation_sees_neither_gain_nor_level(seed: int, gain: float, level: float) -> None:
    one, two = responses((8, 9, 1), seed)
    plain = differences(one, two).correlation
    assert differences(one, gain * two + level).correlation == pytest.approx(plain, rel=1e-9)
    assert differences(one, -gain * one).correlation == pytest.approx(-1, rel=1e-12)


def test_small_contrast_on_a_high_level_keeps_its_digits() -> None:
    """Squares of the level have none left for the contrast."""
    one, two = (np.round(p * 256) / 256 for p in responses((40, 50, 1), 2))
    plain, level = differences(one, two), 2.0**36
    lifted = differences(one + level, two + level)
    assert numbers(lifted) == pytest.approx(numbers(plain), rel=1e-8)
    assert differences(one + level, two - level).correlation == pytest.approx(plain.correlation)


@given(st.integers(0, 999), st.floats(-1e4, 1e4))
def test_no_number_sees_a_level_common_to_both(seed: int, level: float) -> None:
    """The smallest sample is subtracted, so SSIM has no level either."""
    one, two = responses((9, 11, 2), seed)
    assert numbers(differences(one + level, two + level)) == pytest.approx(
        numbers(differences(one, two)), rel=1e-8
    )


def test_inverted_responses_are_not_called_alike() -> None:
    """Without the shift, SSIM calls x and -x nearly equal: their means vanish."""
    one, _ = responses((64, 64, 1), 6)
    found = differences(one, -one)
    assert found.ssim is not None
    assert found.ssim < 0
    assert found.correlation == pytest.approx(-1)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize(
    ("shape", "ssim"), [((9, 9, 1), 1.0), ((7, 80, 3), 1.0), ((6, 9, 1), None), ((1, 1, 1), None)]
)
def test_identical_pictures_differ_by_0_and_have_no_psnr(
    dtype: type[np.floating], shape: tuple[int, ...], ssim: float | None
) -> None:
    one = responses(shape, 1)[0].astype(dtype)
    correlation = 1.0 if one.size > 1 else None
    expected = Differences(0, 0, 0, None, True, ssim, correlation, float(np.ptp(one.astype(float))))
    assert differences(one, one.copy()) == expected


def test_one_sample_apart_in_the_last_bit_is_not_identical() -> None:
    one = responses((100, 1200, 1), 0)[0].astype(np.float32)
    two = one.copy()
    two[77, 1100] = np.nextafter(two[77, 1100], np.float32(9))
    found = differences(one, two)
    assert not found.identical
    assert found.max_abs_diff == float(two[77, 1100, 0]) - float(one[77, 1100, 0])
    assert found.psnr is not None


def test_zeros_of_both_signs_and_floats_of_both_widths_are_equal() -> None:
    one = np.array([[[0.0], [1.5]]])
    assert differences(one, np.array([[[-0.0], [1.5]]], np.float32)).identical


@pytest.mark.parametrize("value", [0.0, 0.1, -1e5 / 3])
def test_a_constant_reference_has_no_range_of_its_own(value: float) -> None:
    one, two = np.full((9, 9, 1), value), responses((9, 9, 1), 0)[1]
    found = differences(one, two)
    assert (found.psnr, found.ssim, found.correlation) == (None, None, None)
    assert found.data_range == 0
    assert found.rmse == pytest.approx(np.sqrt(np.square(one - two).mean()))
    ranged = differences(one, two, data_range=10)
    low = min(value, two.min())
    assert ranged.psnr == pytest.approx(peer.peak_signal_noise_ratio(one, two, data_range=10))
    assert ranged.ssim == pytest.approx(
        peer.structural_similarity(one - low, two - low, data_range=10, channel_axis=2), abs=1e-10
    )
    assert ranged.correlation is None


def test_identical_constants_are_alike() -> None:
    one = np.full((9, 9, 1), 0.1)
    expected = Differences(0, 0, 0, None, True, 1.0, None, 0)
    assert differences(one, one.copy()) == expected


def test_a_constant_other_has_no_correlation() -> None:
    one, _ = responses((9, 9, 1), 0)
    found = differences(one, np.full_like(one, 0.1))
    assert found.correlation is None
    assert found.psnr is not None
    assert found.ssim is not None


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
@pytest.mark.parametrize("sides", [(0,), (1,), (0, 1)])
def test_samples_that_are_no_numbers_give_none_quietly(
    value: float, sides: tuple[int, ...]
) -> None:
    pair = responses((9, 9, 1), 0)
    for side in sides:
        pair[side][2, 3] = value
    found = differences(*pair)
    assert found[:3] == (None, None, None)
    assert (found.psnr, found.ssim, found.correlation) == (None, None, None)
    assert not found.identical
    assert (found.data_range is None) == (0 in sides)
    assert differences(*pair, data_range=2).data_range == 2


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
def test_equal_samples_differ_by_0_even_if_they_are_no_numbers(value: float) -> None:
    one, _ = responses((9, 9, 1), 0)
    one[2, 3] = value
    expected = Differences(0, 0, 0, None, True, 1.0, None, None)
    assert differences(one, one.copy()) == expected


@pytest.mark.parametrize("scale", [1e160, 1e300, 1e-170, 1e-300, 5e-324])
def test_numbers_beyond_float64_are_none_quietly(scale: float) -> None:
    """Written as JSON, they must have a name."""
    one, two = responses((9, 9, 1), 0)
    found = differences(np.trunc(one * 9) * scale, np.trunc(two * 9) * scale)
    json.dumps(found, allow_nan=False)
    assert not found.identical
    assert found.max_abs_diff == pytest.approx(
        scale * np.abs(np.trunc(one * 9) - np.trunc(two * 9)).max()
    )


def test_all_is_written_as_json_by_plain_types() -> None:
    one, two = (p.astype(np.float32) for p in responses((9, 9, 1), 0))
    found = differences(one, two, data_range=np.float64(2))
    assert {type(value) for value in found} == {float, bool}
    assert json.loads(json.dumps(found._asdict(), allow_nan=False)) == found._asdict()


def test_views_of_any_layout_are_measured() -> None:
    one, two = responses((40, 60, 3), 9)
    expected = differences(one[::2, ::-3].copy(), two[::2, ::-3].copy())
    assert differences(one[::2, ::-3], two[::2, ::-3]) == expected


def test_neither_threads_nor_the_order_of_work_change_a_bit() -> None:
    pair = [p.astype(np.float32) for p in responses((200, 2200, 1), 3)]
    alone = differences(*pair, threads=1)
    assert all(differences(*pair, threads=threads) == alone for threads in (2, 3, 7))


def test_tiles_change_nothing_but_rounding(monkeypatch: pytest.MonkeyPatch) -> None:
    one, two = responses((30, 41, 3), 3, level=7)
    whole = differences(one, two)
    monkeypatch.setattr(paired_tiles, "ROWS", 4)
    monkeypatch.setattr(paired_tiles, "SAMPLES", 9)
    assert numbers(differences(one, two)) == pytest.approx(numbers(whole), rel=1e-13)


def test_memory_does_not_grow_with_the_picture() -> None:
    one = np.zeros((1000, 3000, 1), np.float32)
    two = one + 1
    tracemalloc.start()
    try:
        differences(one, two, data_range=1, threads=1)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak < two.nbytes


@pytest.mark.parametrize(
    ("shapes", "message"),
    [
        (((3, 4), (3, 4)), "picture of shape (3, 4) cannot be compared; want (H, W, C)"),
        (((0, 4, 1), (0, 4, 1)), "picture of shape (0, 4, 1) cannot be compared"),
        (((3, 4, 1), (3, 4, 3)), "(3, 4, 3) cannot be compared with one of shape (3, 4, 1)"),
        (((3, 4, 1), (1, 1, 1)), "want the same shape"),
    ],
)
def test_what_cannot_be_compared_is_refused(
    shapes: tuple[tuple[int, ...], tuple[int, ...]], message: str
) -> None:
    with pytest.raises(ArgumentError) as error:
        differences(np.zeros(shapes[0]), np.zeros(shapes[1]))
    assert message in str(error.value)


@pytest.mark.parametrize("data_range", [-1.0, np.nan, np.inf])
def test_a_range_that_is_none_is_refused(data_range: float) -> None:
    with pytest.raises(ArgumentError, match="data range must be a finite number >= 0"):
        differences(np.zeros((3, 4, 1)), np.ones((3, 4, 1)), data_range=data_range)
