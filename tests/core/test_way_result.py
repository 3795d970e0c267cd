"""What a way costs, covers and misses is counted as one would by hand."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dilcli.core.comparison import COSTLY_WAYS, WAYS, Setup, compare
from dilcli.core.kernels import parse_kernel
from tests.comparisons import SOBEL, noise, responses

Pair = tuple[int, int]


def test_costs_and_coverage_are_those_of_the_paper() -> None:
    pixels = noise((40, 30, 1))
    setup = Setup(SOBEL, (2, 2), ways=(*WAYS, *COSTLY_WAYS))
    found = {way.name: way for way in compare(pixels, setup).ways}
    assert {w.coverage for n, w in found.items() if n != "implant"} == {1.0}
    assert found["implant"].coverage == 1 / 4
    assert {n: w.parameters for n, w in found.items()} == dict.fromkeys(found, 9) | {"naive": 25}
    assert found["dilated"].effective_size == found["naive"].effective_size == (5, 5)
    assert found["dense"].effective_size == (3, 3)
    macs = {name: way.macs_per_pixel for name, way in found.items()}
    assert macs == {
        "dilated": 9,
        "implant": 9 / 4,
        "nearest": 9 / 4,
        "bilinear": 9 / 4 + 4,
        "bicubic": 9 / 4 + 16,
        "dense": 9,
        "naive": 25,
    }
    blurred = compare(pixels, setup._replace(prefilter=parse_kernel("b3"), ways=("implant",)))
    assert blurred.ways[0].macs_per_pixel == 9 / 4 + 10


@given(
    st.tuples(st.integers(1, 20), st.integers(1, 20)),
    st.tuples(st.integers(1, 3), st.integers(1, 3)),
)
def test_errors_are_the_largest_of_each_place(size: Pair, rate: Pair) -> None:
    pixels = noise((*size, 2))
    setup = Setup(SOBEL, rate, ways=("dilated", "bilinear"), align="half-pixel")
    kept = responses(pixels, setup)
    apart = np.abs(kept["bilinear"] - kept["dilated"]).max(axis=2)
    places: dict[str, list[float]] = {"sampled": [], "between": [], "border": []}
    for y, x in product(range(size[0]), range(size[1])):
        inside = rate[0] <= y < size[0] - rate[0] and rate[1] <= x < size[1] - rate[1]
        kind = "sampled" if not (y % rate[0] or x % rate[1]) else "between" if inside else "border"
        places[kind].append(apart[y, x])
    wanted = {kind: max(found, default=None) for kind, found in places.items()}
    assert compare(pixels, setup).ways[1].errors._asdict() == wanted


def test_spreads_are_taken_over_the_lattices_of_all_phases() -> None:
    pixels = noise((13, 14, 1))
    setup = Setup(SOBEL, (2, 3))
    kept, found = responses(pixels, setup), compare(pixels, setup)
    parts = [kept["dilated"][y::2, x::3] for y in range(2) for x in range(3)]
    assert found.gridding.mean_spread == pytest.approx(np.ptp([p.mean() for p in parts]))
    assert found.gridding.variance_spread == pytest.approx(np.ptp([p.var() for p in parts]))
    parts = [kept["implant"][y::2, x::3] for y in range(2) for x in range(3)]
    assert found.ways[1].checkerboard == pytest.approx(np.ptp([p.mean() for p in parts]))


@pytest.mark.parametrize("height", [3, 4, 5])
def test_taps_that_reach_past_the_whole_picture_make_all_of_it_border(height: int) -> None:
    kernel = parse_kernel("1; 1; 1")
    setup = Setup(kernel, (2, 1), origin=(0, 0), ways=("dilated", "bilinear"))
    errors = compare(noise((height, 6, 1)), setup).ways[1].errors
    assert (errors.between is None) == (height <= 4 + 1)
    assert errors.border is not None


def test_only_implanting_has_all_positions_sampled_when_all_phases_are_filtered() -> None:
    pixels = noise((20, 21, 1))
    one, every = (
        {way.name: way.errors for way in compare(pixels, Setup(SOBEL, (2, 3), phases=phases)).ways}
        for phases in ("one", "all")
    )
    assert every.pop("implant") == (0.0, None, None)
    assert one.pop("implant").between
    assert every == one
