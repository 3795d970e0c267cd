"""Lattices and what is put between them: exact at the samples, equal to SciPy in between."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import ndimage

from dilcli.core.boundary import BOUNDARIES, NUMPY_PAD_MODES, Boundary
from dilcli.core.resample import ALIGNMENTS, UPSAMPLINGS, Alignment, decimate, lattice, upsample

Pair = tuple[int, int]

pairs = st.tuples(st.integers(1, 4), st.integers(1, 4))
sizes = st.tuples(st.integers(1, 17), st.integers(1, 17))


def noise(
    shape: tuple[int, ...], seed: int = 0
) -> np.ndarray[tuple[int, ...], np.dtype[np.float64]]:
    return np.random.default_rng(seed).normal(size=shape)


@given(sizes, pairs, pairs, st.sampled_from(BOUNDARIES), st.data())
def test_decimating_is_padding_the_full_image_and_keeping_every_nth_sample(
    size: Pair, rate: Pair, margin: Pair, boundary: Boundary, data: st.DataObject
) -> None:
    pixels = noise((*size, 2))
    phase = tuple(data.draw(st.integers(0, min(r, n) - 1)) for r, n in zip(rate, size, strict=True))
    kept = decimate(
        pixels,
        rate,
        (phase[0], phase[1]),
        margin=((margin[0], margin[1]), (margin[1], margin[0])),
        boundary=boundary,
        fill=7.0,
    )
    wide = [(64 * rate[0], 64 * rate[0]), (64 * rate[1], 64 * rate[1]), (0, 0)]
    extra = {"constant_values": 7.0} if boundary == "constant" else {}
    padded = np.pad(pixels, wide, NUMPY_PAD_MODES[boundary], **extra)  # type: ignore[call-overload]
    rows, columns = (
        slice((64 - before) * r + p, (64 + -(-(n - p) // r) + after) * r + p, r)
        for before, after, n, r, p in zip(margin, margin[::-1], size, rate, phase, strict=True)
    )
    np.testing.assert_array_equal(kept, padded[rows, columns])


@given(sizes, pairs, st.sampled_from(UPSAMPLINGS), st.sampled_from(["float32", "float64"]))
def test_upsampling_at_the_samples_has_their_bits(
    size: Pair, rate: Pair, way: str, dtype: str
) -> None:
    pixels = noise((*size, 2)).astype(dtype)
    samples = pixels[lattice(rate)]
    whole = upsample(samples, size, rate, way)  # type: ignore[arg-type]
    assert whole.shape == pixels.shape
    assert whole.dtype == pixels.dtype
    np.testing.assert_array_equal(whole[lattice(rate)], samples)


@given(sizes, pairs)
def test_implanting_leaves_zeros_everywhere_else(size: Pair, rate: Pair) -> None:
    whole = upsample(
        np.ones((-(-size[0] // rate[0]), -(-size[1] // rate[1]), 1)), size, rate, "implant"
    )
    assert whole.sum() == whole[lattice(rate)].size
    assert np.count_nonzero(whole) == whole[lattice(rate)].size


@given(sizes, pairs)
def test_nearest_repeats_each_sample_over_its_block(size: Pair, rate: Pair) -> None:
    samples = noise((-(-size[0] // rate[0]), -(-size[1] // rate[1]), 1))
    whole = upsample(samples, size, rate, "nearest")
    repeated = samples.repeat(rate[0], axis=0).repeat(rate[1], axis=1)
    np.testing.assert_array_equal(whole, repeated[: size[0], : size[1]])


def _positions(
    length: int, rate: int, count: int, align: str
) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    at = np.arange(length) / rate if align == "samples" else (np.arange(length) + 0.5) / rate - 0.5
    return np.clip(at, 0, count - 1)


@given(
    st.tuples(st.integers(3, 30), st.integers(3, 30)),
    st.tuples(st.integers(1, 3), st.integers(1, 3)),
    st.sampled_from([("bilinear", 1), ("bicubic", 3)]),
    st.sampled_from(ALIGNMENTS),
)
def test_interpolation_is_scipys_spline_of_its_order(
    size: Pair, rate: Pair, way: tuple[str, int], align: Alignment
) -> None:
    samples = noise((-(-size[0] // rate[0]), -(-size[1] // rate[1]), 1))
    at = [
        _positions(n, r, count, align)
        for n, r, count in zip(size, rate, samples.shape, strict=False)
    ]
    grid = np.meshgrid(*at, indexing="ij")
    wanted = ndimage.map_coordinates(samples[..., 0], grid, order=way[1], mode="mirror")
    found = upsample(samples, size, rate, way[0], align)  # type: ignore[arg-type]
    np.testing.assert_allclose(found[..., 0], wanted, atol=1e-12)


@pytest.mark.parametrize("way", ["bilinear", "bicubic"])
def test_a_ramp_is_restored_between_its_samples(way: str) -> None:
    ramp = np.linspace(0, 1, 25)[:, np.newaxis] + np.linspace(0, 3, 31)
    whole = upsample(ramp[::3, ::3, np.newaxis], (25, 31), (3, 3), way)  # type: ignore[arg-type]
    inner = slice(9, 16)
    tolerance = 1e-12 if way == "bilinear" else 1e-2
    np.testing.assert_allclose(whole[inner, inner, 0], ramp[inner, inner], atol=tolerance)


def test_samples_in_the_middle_of_their_blocks_stand_elsewhere() -> None:
    samples = noise((8, 8, 1))
    moved = upsample(samples, (16, 16), (2, 2), "bilinear", "half-pixel")
    assert np.abs(moved[::2, ::2] - samples).max() > 0.1
    # In the middle of the first four blocks, four pixels surround a point with weights 9, 3, 3, 1.
    (a, b), (c, d) = samples[:2, :2, 0]
    assert moved[1, 1, 0] == pytest.approx((9 * a + 3 * b + 3 * c + d) / 16)
