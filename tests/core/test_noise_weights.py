"""Noise weights are those of the filters themselves, however many taps they have."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dilcli.core.noise_weights import noise_weights
from dilcli.core.starlet import starlet
from dilcli.errors import ArgumentError
from tests.starlet_cases import atrous

FAMILIES = {
    "b3spline_1d": ("b3", 1, 1),
    "b3spline_2d": ("b3", 1, 2),
    "linear_1d": ("linear", 1, 1),
    "linear_2d": ("linear", 1, 2),
    "b3spline_gen2_1d": ("b3", 2, 1),
    "b3spline_gen2_2d": ("b3", 2, 2),
}


@pytest.mark.parametrize("family", FAMILIES)
def test_they_are_those_of_the_reference_to_12_levels(family: str) -> None:
    """See `tests.starlet_cases` for the source of the numbers."""
    kernel, generation, axes = FAMILIES[family]
    wanted = atrous()["noise_weights"][family]
    settings: dict[str, Any] = {"generation": generation, "axes": axes}
    got = noise_weights(12, kernel, **settings)
    np.testing.assert_allclose(
        [each.noise_weight for each in got.levels], wanted["sigma_detail"], rtol=1e-12
    )
    for level, weight in enumerate(wanted["sigma_residual"], start=1):
        residual = noise_weights(level, kernel, **settings).residual
        np.testing.assert_allclose(residual.noise_weight, weight, rtol=1e-12)


@given(
    st.lists(st.floats(0.1, 1), min_size=2, max_size=5),
    st.integers(1, 4),
    st.sampled_from([1, 2]),
    st.sampled_from([1, 2]),
)
def test_they_are_the_norms_of_the_planes_of_an_impulse(
    half: list[float], levels: int, generation: int, axes: int
) -> None:
    whole = half[:0:-1] + half
    taps = [tap / sum(whole) for tap in whole]
    got = noise_weights(levels, taps, generation=generation, axes=axes)
    supports = [each.support for each in (*got.levels, got.residual)]
    size = max(supports) + 2
    image = np.zeros((size,) * axes)
    image[(size // 2,) * axes] = 1
    planes = starlet(image, levels, kernel=taps, generation=generation, boundary="zero")
    norms = np.sqrt((planes**2).reshape(levels + 1, -1).sum(axis=1))
    weights = [each.noise_weight for each in (*got.levels, got.residual)]
    np.testing.assert_allclose(weights, norms, rtol=1e-11)
    for plane, support in zip(planes, supports, strict=True):
        for axis in range(axes):
            touched = np.flatnonzero(plane.any(axis=tuple(a for a in range(axes) if a != axis)))
            assert touched[-1] - touched[0] + 1 == support


def test_support_and_reach_of_b3_are_those_of_the_books() -> None:
    got = noise_weights(5)
    assert [each.support for each in got.levels] == [4 * (2**j - 1) + 1 for j in range(1, 6)]
    assert [each.reach for each in got.levels] == [2**j for j in range(1, 6)]
    assert [each.level for each in got.levels] == [1, 2, 3, 4, 5]
    assert (got.residual.level, got.residual.support, got.residual.reach) == (5, 125, 32)


def test_levels_far_beyond_any_array_halve_the_weight() -> None:
    weights = [each.noise_weight for each in noise_weights(200).levels]
    np.testing.assert_allclose(np.divide(weights[101:], weights[100:-1]), 0.5, rtol=1e-12)


@pytest.mark.parametrize("settings", [{"generation": 0}, {"axes": 3}])
def test_other_generations_and_axes_are_refused(settings: dict[str, Any]) -> None:
    with pytest.raises(ArgumentError, match="must be 1 or 2 each"):
        noise_weights(3, **settings)
