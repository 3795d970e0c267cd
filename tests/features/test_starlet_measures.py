"""What a plane holds."""

from __future__ import annotations

import numpy as np
import pytest

from dilcli.features.starlet_measures import Measure


@pytest.mark.parametrize("height", [1, 2, 3, 7])
@pytest.mark.parametrize("shape", [(7, 5, 1), (7, 40, 3), (7, 1, 1)])
def test_strips_of_any_height_give_the_same_numbers_bit_for_bit(
    height: int, shape: tuple[int, int, int]
) -> None:
    plane = np.random.default_rng(0).normal(size=shape)
    whole, strips = Measure(), Measure()
    whole.add(plane)
    for first in range(0, 7, height):
        strips.add(plane[first : first + height])
    assert strips.record() == whole.record()
    assert (whole.low, whole.high) == (plane.min(), plane.max())
    assert whole.energy == pytest.approx(np.mean(plane**2), rel=1e-12)


def test_what_is_not_finite_has_no_number() -> None:
    measure = Measure()
    measure.add(np.array([[[1.0]], [[np.nan]]]))
    measure.add(np.array([[[5.0]]]))
    assert measure.record() == {"min": None, "max": None, "energy": None}
    measure = Measure()
    measure.add(np.array([[[np.inf], [-2.0]]]))
    assert measure.record() == {"min": -2.0, "max": None, "energy": None}
    assert Measure().record() == {"min": None, "max": None, "energy": None}
