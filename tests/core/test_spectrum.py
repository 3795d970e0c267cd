"""Energy above a lattice's Nyquist frequency: plain transforms, cosines, and quiet edges."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dilcli.core import spectrum
from dilcli.core.spectrum import aliased_energy
from dilcli.errors import ArgumentError

if TYPE_CHECKING:
    from numpy.typing import NDArray

rates = st.tuples(st.integers(1, 9), st.integers(1, 9))


def by_definition(pixels: NDArray[Any], rate: tuple[int, int]) -> float:
    """Add squares of whole transforms; frequencies are compared as whole numbers."""
    height, width, _ = pixels.shape
    energy = np.square(np.abs(np.fft.fft2(pixels, axes=(0, 1)))).sum(axis=2)
    down, across = (np.minimum(np.arange(size), size - np.arange(size)) for size in (height, width))
    above = np.add.outer(2 * rate[0] * down > height, 2 * rate[1] * across > width)
    return float(energy[above].sum() / energy.sum())


def cosine(shape: tuple[int, int], cycles: tuple[int, int], level: float) -> NDArray[Any]:
    """Give a wave of so many cycles over the whole picture, on a level."""
    rows, columns = np.ogrid[: shape[0], : shape[1]]
    angle = 2 * np.pi * (cycles[0] * rows / shape[0] + cycles[1] * columns / shape[1])
    wave: NDArray[Any] = np.cos(angle) + level
    return wave[..., np.newaxis]


@given(
    st.tuples(st.integers(1, 24), st.integers(1, 24), st.integers(1, 3)),
    rates,
    st.integers(0, 2**32 - 1),
    st.sampled_from([0.0, 0.5, -30.0]),
    st.sampled_from([1, 7, 1 << 17]),
)
def test_it_is_that_of_a_plain_transform(
    shape: tuple[int, int, int], rate: tuple[int, int], seed: int, level: float, batch: int
) -> None:
    pixels = np.random.default_rng(seed).normal(size=shape) + level
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(spectrum, "BATCH", batch)
        assert aliased_energy(pixels, rate) == pytest.approx(
            by_definition(pixels, rate), rel=1e-11, abs=1e-14
        )


@pytest.mark.parametrize("dtype", [np.uint8, np.int16, np.float32, np.float64, np.bool_])
def test_samples_of_any_real_type_are_taken_as_they_are(dtype: type[Any]) -> None:
    pixels = np.random.default_rng(0).integers(0, 2, (31, 44, 3)).astype(dtype)
    assert aliased_energy(pixels, (2, 3)) == pytest.approx(
        by_definition(pixels.astype(float), (2, 3)), rel=1e-12
    )


@pytest.mark.parametrize("rate", [2, 3, 4])
@pytest.mark.parametrize("level", [0.0, 2.0])
def test_a_cosine_counts_wholly_above_the_limit_and_not_at_it_or_below(
    rate: int, level: float
) -> None:
    """A cosine of amplitude 1 has energy 1/2 a pixel, a level its square."""
    size = 24 * rate
    share = 0.5 / (0.5 + level**2)
    for cycles, expected in ((11, 0), (12, 0), (13, share), (size // 2 - 1, share)):
        for direction in ((cycles, 0), (0, cycles), (cycles, 3), (3, -cycles)):
            wave = cosine((size, size), direction, level)
            assert aliased_energy(wave, rate) == pytest.approx(expected, abs=1e-14)


def test_each_axis_has_its_own_limit() -> None:
    down, across = cosine((48, 60), (11, 0), 0), cosine((48, 60), (0, 11), 0)
    assert aliased_energy(down, (3, 1)) == pytest.approx(1)
    assert aliased_energy(down, (1, 3)) == pytest.approx(0, abs=1e-14)
    assert aliased_energy(across, (1, 3)) == pytest.approx(1)
    assert aliased_energy(across, (3, 1)) == pytest.approx(0, abs=1e-14)


@given(st.integers(0, 999), rates)
def test_turning_a_picture_turns_its_rates(seed: int, rate: tuple[int, int]) -> None:
    pixels = np.random.default_rng(seed).random((19, 32, 2))
    assert aliased_energy(pixels.swapaxes(0, 1), rate[::-1]) == pytest.approx(
        aliased_energy(pixels, rate), rel=1e-11
    )


@given(st.integers(0, 999), rates, st.sampled_from([1e-310, 1e-200, -3.0, 1e200, 1e307]))
def test_no_gain_changes_it(seed: int, rate: tuple[int, int], gain: float) -> None:
    pixels = np.random.default_rng(seed).integers(-9, 9, (9, 14, 1))
    assert aliased_energy(pixels * gain, rate) == pytest.approx(
        aliased_energy(pixels, rate), rel=1e-9
    )


@given(st.integers(0, 999), st.integers(1, 6))
def test_a_higher_rate_holds_no_more(seed: int, rate: int) -> None:
    pixels = np.random.default_rng(seed).random((20, 21, 1))
    lower, higher = aliased_energy(pixels, rate), aliased_energy(pixels, rate + 1)
    assert lower is not None
    assert higher is not None
    assert 0 <= lower <= higher <= 1


def test_the_lowest_limit_leaves_the_mean_alone() -> None:
    """By Parseval's theorem, the rest is the variance in the mean square."""
    pixels = np.random.default_rng(1).random((33, 47, 1))
    assert aliased_energy(pixels, 47) == pytest.approx(pixels.var() / np.square(pixels).mean())


@pytest.mark.parametrize("shape", [(1, 1, 1), (5, 1, 3), (1, 9, 1), (97, 89, 1), (64, 64, 3)])
@pytest.mark.parametrize("value", [0.0, 0.1, -1e300, 5e-324])
@pytest.mark.parametrize("rate", [1, 2, (3, 1), (1, 4), 1000])
def test_constant_pictures_have_none_exactly(
    shape: tuple[int, ...], value: float, rate: int | tuple[int, int]
) -> None:
    assert aliased_energy(np.full(shape, value), rate) == 0


def test_each_channel_may_be_a_constant_of_its_own() -> None:
    pixels = np.broadcast_to(np.array([0.1, 0.0, -70.3]), (30, 31, 3))
    assert aliased_energy(pixels, 2) == 0


def test_rate_1_holds_all() -> None:
    assert aliased_energy(np.random.default_rng(0).random((9, 10, 2)), 1) == 0


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
@pytest.mark.parametrize("rate", [1, 2])
def test_samples_that_are_no_numbers_give_none_quietly(value: float, rate: int) -> None:
    pixels = np.ones((9, 9, 2))
    pixels[3, 4, 1] = value
    assert aliased_energy(pixels, rate) is None


def test_threads_change_no_bit() -> None:
    pixels = np.random.default_rng(0).random((400, 700, 1), dtype=np.float32)
    for rate in (2, (3, 1), (1, 3)):
        alone = aliased_energy(pixels, rate, threads=1)
        assert aliased_energy(pixels, rate, threads=3) == alone


@pytest.mark.parametrize("shape", [(3, 4), (0, 4, 1), (3, 4, 0)])
def test_what_has_no_spectrum_is_refused(shape: tuple[int, ...]) -> None:
    with pytest.raises(ArgumentError, match=r"has no spectrum; want \(H, W, C\)"):
        aliased_energy(np.zeros(shape), 2)


@pytest.mark.parametrize("rate", [0, (2, 0), -1, 1.5, (1, 2, 3)])
def test_rates_that_are_none_are_refused(rate: Any) -> None:
    with pytest.raises(ArgumentError, match="rate must be"):
        aliased_energy(np.zeros((3, 4, 1)), rate)
