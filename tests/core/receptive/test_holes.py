"""Holes are counted, not estimated: tables of the literature, and sets of pixels."""

from __future__ import annotations

from fractions import Fraction
from itertools import product
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dilcli.core.receptive.axis import NOTHING, Axis, Sight
from dilcli.core.receptive.effective import variances
from dilcli.core.receptive.fields import receptive_field
from dilcli.core.receptive.holes import count_union, gap, lattice, tap_rows
from dilcli.core.receptive.layers import Layer, make_layer
from dilcli.core.receptive.network import Branch
from dilcli.core.receptive.rates import hdc_m2
from dilcli.errors import ArgumentError
from tests.receptive_cases import CASES, network_of
from tests.receptive_measures import boxes, gap_of, lattice_of
from tests.receptive_networks import conv, networks, stack
from tests.receptive_reference import period, seen

if TYPE_CHECKING:
    from dilcli.core.receptive.network import Network

masks = st.integers(0, 2**9 - 1)


def members(mask: int) -> list[int]:
    return [i for i in range(mask.bit_length()) if mask >> i & 1]


def axis_of(*masks: int) -> Axis:
    """One phase for each mask, which begins with a member."""
    return Axis(99, tuple(Sight(0, m.bit_length() - 1, m) if m else NOTHING for m in masks))


@given(st.integers(1, 3), st.data())
def test_a_union_of_products_is_counted(axes: int, data: st.DataObject) -> None:
    products = data.draw(st.lists(st.lists(masks, min_size=axes, max_size=axes), max_size=5))
    expected = {cell for one in products for cell in product(*map(members, one))}
    assert count_union(products) == len(expected)


@given(st.lists(masks.map(lambda m: m | 1), min_size=1, max_size=4))
def test_gap_and_lattice_are_of_the_worst_phase(found: list[int]) -> None:
    sets = [{(i,) for i in members(mask)} for mask in found]
    assert gap(axis_of(*found)) == max(gap_of(positions, 0) for positions in sets)
    assert lattice(axis_of(*found)) == max(lattice_of(positions, 0) for positions in sets)


def test_outputs_that_see_nothing_or_one_pixel_have_no_holes() -> None:
    assert gap(axis_of(0, 1)) == lattice(axis_of(0, 1)) == 1
    result = receptive_field(stack(make_layer("tconv", (1,), stride=(2,))))
    assert result.summary.coverage == 1


def test_sets_too_wide_to_be_kept_have_unknown_holes() -> None:
    far = receptive_field(stack(conv(3, d=10**6))).summary
    assert (far.coverage, far.gap, far.lattice) == (None, (None, None), (None, None))


# RF.md's numbers for stacks of 3x3 convolutions of these rates: receptive field, pixels seen along
# an axis, gap, lattice, M2 of the HDC paper, variance.
Row = tuple[int, int, int, int, int | None, int | Fraction]
STACKS: dict[tuple[int, ...], Row] = {
    (1, 1, 1): (7, 7, 1, 1, 1, 2),
    (2, 2, 2): (13, 7, 2, 2, 2, 8),
    (3, 3, 3): (19, 7, 3, 3, 3, 18),
    (1, 2, 3): (13, 13, 1, 1, 2, Fraction(28, 3)),
    (1, 2, 5): (17, 17, 1, 1, 2, 20),
    (1, 2, 9): (25, 21, 3, 1, 5, Fraction(172, 3)),
    (1, 2, 4, 8): (31, 31, 1, 1, 2, Fraction(170, 3)),
    (2, 4, 8): (29, 15, 2, 2, 4, 56),
    (2, 4, 6): (25, 13, 2, 2, 4, Fraction(112, 3)),
    (1, 3, 9): (27, 27, 1, 1, 3, Fraction(182, 3)),
    (2, 3): (11, 9, 2, 1, 3, Fraction(26, 3)),
    (9, 2, 1): (25, 21, 3, 1, 3, Fraction(172, 3)),
    (2, 2, 2, 2, 1, 1): (21, 21, 1, 1, 2, 12),
    (12,): (25, 3, 12, 12, None, 96),
}


def assert_row(network: Network, row: Row) -> None:
    rf, taps, wide, grid, m2, variance = row
    result = receptive_field(network)
    found = result.summary
    assert found.rf == (rf, rf)
    assert found.coverage == Fraction(taps, rf) ** 2
    assert (found.gap, found.lattice) == ((wide, wide), (grid, grid))
    assert [hdc_m2(network, network.output, axis) for axis in (0, 1)] == [m2, m2]
    assert variances(result)[network.output] == (variance, variance)


@pytest.mark.parametrize("rates", STACKS)
def test_stacks_of_dilated_convolutions_have_the_holes_of_the_table(rates: tuple[int, ...]) -> None:
    assert_row(stack(*(conv(3, d=rate) for rate in rates)), STACKS[rates])


def test_a_stride_above_its_kernel_leaves_holes() -> None:
    assert_row(stack(conv(1, s=2), conv(3)), (5, 3, 2, 2, None, Fraction(8, 3)))


@pytest.mark.parametrize(
    ("rates", "percent"),
    [((2, 2, 2), 28.99), ((3, 3, 3), 13.57), ((1, 2, 9), 70.56), ((2, 4, 8), 26.75), ((12,), 1.44)],
)
def test_percentages_are_those_of_the_table(rates: tuple[int, ...], percent: float) -> None:
    found = receptive_field(stack(*(conv(3, d=rate) for rate in rates))).summary.coverage
    assert found is not None
    assert round(float(found) * 100, 2) == percent


def test_a_maximal_stack_without_holes_reads_every_pixel_by_one_path() -> None:
    network = stack(conv(3), conv(3, d=3), conv(3, d=9))
    assert receptive_field(network).summary.coverage == 1
    assert 3**3 == 27 == len(seen(stack(conv(3), conv(3, d=3), conv(3, d=9), axes=1), (0,)))


@pytest.mark.parametrize(("rates", "box"), [((6, 12, 18, 24), 2401), ((2, 4, 8, 12), 625)])
def test_pyramids_alone_see_33_pixels_and_nearly_all_behind_a_dense_backbone(
    rates: tuple[int, ...], box: int
) -> None:
    pyramid = Branch(tuple((conv(3, d=rate),) for rate in rates))
    assert receptive_field(stack(pyramid)).summary.coverage == Fraction(33, box)
    backbone = [conv(3)] * max(rates)
    assert receptive_field(stack(*backbone, pyramid)).summary.coverage == 1


def drawn(network: Network) -> set[tuple[int, ...]]:
    first, rows = tap_rows(receptive_field(network), network.output)
    found = [(first[0] + y, first[1] + x) for y, row in enumerate(rows) for x in members(row)]
    return {cell[-min(network.axes, 2) :] for cell in found}


@given(st.integers(1, 2).flatmap(networks))
def test_the_picture_of_taps_is_what_the_output_with_the_largest_field_sees(
    network: Network,
) -> None:
    widths = [
        [last - first for first, last in boxes(network, axis)][: period(network)[axis]]
        for axis in range(network.axes)
    ]
    cell = tuple(found.index(max(found)) for found in widths)
    assert drawn(network) == seen(network, cell)


@given(networks(3, most=2))
@settings(max_examples=20)
def test_of_three_axes_the_first_is_looked_along(network: Network) -> None:
    widths = [
        [last - first for first, last in boxes(network, axis)][: period(network)[axis]]
        for axis in range(3)
    ]
    cell = tuple(found.index(max(found)) for found in widths)
    assert drawn(network) == {position[1:] for position in seen(network, cell)}


TAPPED = [record for record in CASES if record["expected"].get("tap_positions")]


@pytest.mark.parametrize("record", TAPPED, ids=lambda record: record["name"])
def test_the_picture_of_a_published_stack_has_its_taps(record: dict[str, Any]) -> None:
    positions = record["expected"]["tap_positions"]
    assert drawn(network_of(record)) == set(product(positions, positions))


@pytest.mark.parametrize("layer", [make_layer("gap"), conv(3, d=10**6)])
def test_what_cannot_be_drawn_is_refused(layer: Layer) -> None:
    result = receptive_field(stack(layer))
    with pytest.raises(ArgumentError, match=r"draw"):
        tap_rows(result, 0)
