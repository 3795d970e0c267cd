"""A plan is checked, and puts the taps of any level where they read the right samples."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from dilcli.core.boundary import BOUNDARIES, Boundary, source_index
from dilcli.core.starlet_plan import plan_starlet
from dilcli.errors import ArgumentError


@pytest.mark.parametrize("boundary", BOUNDARIES)
@pytest.mark.parametrize("size", [1, 2, 3, 7])
def test_taps_of_far_levels_read_what_their_own_offsets_read(boundary: Boundary, size: int) -> None:
    plan = plan_starlet((size, size + 1), float, 40, boundary=boundary)
    for level, stencil in enumerate(plan.stencils):
        offsets = np.arange(-2, 3) << level
        rows = stencil.row_start + np.arange(5) * stencil.row_step
        for length, given in ((size, rows), (size + 1, np.array(stencil.columns))):
            for position in range(length):
                np.testing.assert_array_equal(
                    source_index(position + given, length, boundary),
                    source_index(position + offsets, length, boundary),
                )


def test_any_number_of_levels_is_laid_out() -> None:
    assert plan_starlet((5, 5), float, 300).levels == 300


@pytest.mark.parametrize(
    ("source", "settings", "grain"),
    [
        ("uint8", {}, 2.0**-45),
        ("bool", {}, 2.0**-53),
        ("uint16", {}, 2.0**-37),
        ("int16", {}, 2.0**-37),
        ("uint8", {"boundary": "constant", "fill": 300}, 2.0**-44),
        ("uint8", {"boundary": "constant", "fill": -300}, 2.0**-43),
        ("uint8", {"fill": 300}, 2.0**-45),
        ("uint8", {"boundary": "constant", "fill": 65535}, 2.0**-37),
        ("uint8", {"boundary": "constant", "fill": 65536}, None),
        ("uint8", {"boundary": "constant", "fill": 1e300}, None),
        ("uint8", {"boundary": "constant", "fill": np.inf}, None),
        ("uint8", {"kernel": [-1 / 16, 0, 18 / 16, 0, -1 / 16]}, None),
        ("int32", {}, None),
        ("int32", {"span": (0, 200)}, 2.0**-45),
        ("int64", {"span": (-(2**53), 0)}, 1.0),
        ("int64", {"span": (-(2**53), 2**53)}, None),
        ("uint64", {"span": (0, 0)}, 2.0**-53),
        ("float32", {"span": (0, 200)}, None),
        ("float32", {}, None),
    ],
)
def test_smooths_of_small_integers_lie_on_the_grid_of_their_range(
    source: str, settings: dict[str, Any], grain: float | None
) -> None:
    assert plan_starlet((4, 4), source, 2, **settings).grain == grain


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"levels": 0}, r"levels must be >= 1 \(got 0\); details count, not the residual"),
        ({"levels": 2.5}, "levels must be a whole number"),
        ({"levels": True}, "levels must be >= 1"),
        ({"generation": 3}, r"generation must be 1 or 2 \(got 3\)"),
        ({"generation": True}, "generation must be 1 or 2"),
        ({"boundary": "refelct"}, "Did you mean 'reflect'"),
        ({"fill": "x"}, "fill must be a real number"),
        ({"source": complex}, "cannot be filtered"),
    ],
)
def test_what_has_no_meaning_is_refused(settings: dict[str, Any], words: str) -> None:
    with pytest.raises(ArgumentError, match=words):
        plan_starlet(**{"shape": (4, 4), "source": float, "levels": 2, **settings})
