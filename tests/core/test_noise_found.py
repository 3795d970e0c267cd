"""What is told of noise."""

from __future__ import annotations

import numpy as np

from dilcli.core.noise_found import NoiseFound, as_tuples


def test_channels_without_noise_are_named() -> None:
    found = NoiseFound((0.0, 2.5, 0.0), True, ((0.0, 1.0, 0.0),), ((1.0, 0.1, 1.0),))
    assert found.unfiltered == (0, 2)


def test_tables_become_rows_of_plain_numbers() -> None:
    rows = as_tuples(np.array([[1.5, 2], [3, 4]]))
    assert rows == ((1.5, 2.0), (3.0, 4.0))
    assert type(rows[0][0]) is float
