"""Planes as samples and back."""

from __future__ import annotations

import numpy as np
import pytest

from dilcli.errors import ArgumentError
from dilcli.features.starlet_storage import Storage, bounded_gain, measured_gain

B3 = (1 / 16, 1 / 4, 3 / 8, 1 / 4, 1 / 16)


def test_floats_are_kept_as_they_are() -> None:
    plane = np.array([-1.25, 0.1])
    assert Storage("float64").encode(plane).tolist() == plane.tolist()
    stored = Storage("float32").encode(plane)
    assert stored.dtype == np.float32
    assert Storage("float32").decode(stored) is stored


def test_integers_lie_around_mid_grey_and_come_back_within_half_a_step() -> None:
    storage = Storage.sixteen_bits(100.0)
    plane = np.linspace(-327.67, 327.67, 1001)
    stored = storage.encode(plane)
    assert (stored.dtype.name, stored.min(), stored.max()) == ("uint16", 1, 65535)
    assert storage.encode(np.zeros(1)).tolist() == [32768]
    np.testing.assert_allclose(storage.decode(stored), plane, rtol=0, atol=0.005001)


def test_the_gain_is_that_of_the_type_where_planes_cannot_leave_its_range() -> None:
    assert bounded_gain(np.uint8, B3, None) == 32767 / 255
    assert bounded_gain(np.uint16, B3, 65535) == 32767 / 65535
    assert bounded_gain(np.uint8, B3, 256) is None
    assert bounded_gain(np.uint8, (-0.5, 2, -0.5), None) is None
    assert bounded_gain(np.float32, B3, None) is None


def test_a_measured_gain_fits_the_largest_value() -> None:
    assert measured_gain([np.array([1.0, -4.0]), np.array([2.0])]) == 32767 / 4
    assert measured_gain([np.zeros(3)]) == 1
    with pytest.raises(ArgumentError, match="not finite"):
        measured_gain([np.array([np.nan])])
