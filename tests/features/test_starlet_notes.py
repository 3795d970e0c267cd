"""What is to be known about a decomposition."""

from __future__ import annotations

import numpy as np
import pytest

from dilcli.features.starlet_notes import exactness_notes, picture_notes
from dilcli.features.starlet_storage import Storage


def test_nothing_is_said_where_there_is_nothing_to_say() -> None:
    assert list(picture_notes("a", (16, 20), 4)) == []
    assert list(exactness_notes(0.0, Storage("float32"), np.uint8)) == []
    assert list(exactness_notes(1e-7, Storage("float32"), np.float32)) == []


def test_levels_beyond_the_picture_are_said() -> None:
    (said,) = picture_notes("a.gif", (15, 20), 4)
    assert said.startswith("a.gif: 2^4 = 16 exceeds the shorter side of 15")
    (said,) = picture_notes("a", (9,), 500)
    assert said.startswith("a: 2^500 exceeds")


@pytest.mark.parametrize(
    ("samples", "ends"),
    [("uint16", "; --planes float32 is finer"), ("float32", "; --planes npy is finer")],
)
def test_what_is_finer_is_named(samples: str, ends: str) -> None:
    (said,) = exactness_notes(1.0, Storage(samples), np.uint16)
    assert said.endswith(ends)
    (said,) = exactness_notes(1.0, Storage("float64"), np.int64)
    assert said.endswith("exactly")


def test_a_difference_that_is_not_finite_is_explained() -> None:
    (said,) = exactness_notes(None, Storage("float64"), np.float64)
    assert "not finite" in said
