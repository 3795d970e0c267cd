"""Profiles are the weights of exact fractions followed back to the input."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dilcli.core.receptive.fields import receptive_field
from dilcli.core.receptive.layers import Layer, make_layer
from dilcli.core.receptive.network import PICTURE, Branch, Network
from dilcli.core.receptive.profile import profile, sources, way
from dilcli.errors import ArgumentError
from tests.receptive_measures import boxes
from tests.receptive_networks import conv, networks, stack
from tests.receptive_reference import along, period, shares


def expected(network: Network, axis: int, at: int) -> list[float]:
    """Weights of the first output with the largest box."""
    line = along(network, axis)
    widths = [last - first for first, last in boxes(line, 0, at=at)][: period(line, at)[0]]
    weights = shares(line, (widths.index(max(widths)),), at=at)
    first, last = min(weights)[0], max(weights)[0]
    return [float(weights.get((i,), 0)) for i in range(first, last + 1)]


@given(st.integers(1, 2).flatmap(networks), st.data())
def test_a_profile_holds_the_weights_followed_back(network: Network, data: st.DataObject) -> None:
    result = receptive_field(network)
    axis = data.draw(st.integers(0, network.axes - 1))
    at = data.draw(st.integers(PICTURE, len(network.nodes) - 1))
    found = profile(result, axis, at)
    assert found == pytest.approx(expected(network, axis, at), rel=1e-12, abs=0)
    assert sum(found) == pytest.approx(1, rel=1e-12)
    assert profile(result, axis) == profile(result, axis, network.output)


@pytest.mark.parametrize("factor", [2, 3])
def test_the_profile_of_bilinear_upsampling_is_the_one_it_interpolates_with(factor: int) -> None:
    network = stack(make_layer("up", (factor,), mode="bilinear"), axes=1)
    found = profile(receptive_field(network), 0)
    assert found == pytest.approx(expected(network, 0, 0))


def test_three_box_filters_make_the_binomial_looking_profile_of_the_books() -> None:
    found = profile(receptive_field(stack(*[conv(3)] * 3)), 0)
    assert found == pytest.approx([n / 27 for n in (1, 3, 6, 7, 6, 3, 1)])


def test_dilated_taps_leave_zeros_between_them() -> None:
    assert profile(receptive_field(stack(conv(3, d=2))), 1) == pytest.approx(
        [1 / 3, 0, 1 / 3, 0, 1 / 3]
    )


def test_a_skip_weighs_as_much_as_the_branch_beside_it() -> None:
    found = profile(receptive_field(stack(Branch(((conv(3),), ())))), 0)
    assert found == pytest.approx([1 / 6, 2 / 3, 1 / 6])


def test_outputs_that_see_nothing_take_no_share() -> None:
    sparse = make_layer("tconv", (1,), stride=(2,))
    assert profile(receptive_field(stack(sparse, conv(3))), 0) == pytest.approx([0.5, 0.5])


def test_branches_of_unknown_padding_meet_at_their_centres() -> None:
    network = stack(Branch(((conv(1, s=2),), (conv(5, s=2, p="same"),))), axes=1)
    assert profile(receptive_field(network), 0) == pytest.approx([0.1, 0.1, 0.6, 0.1, 0.1])


def test_the_way_leads_back_through_every_branch_and_nothing_else() -> None:
    network = stack(conv(3), Branch(((conv(3), conv(3)), (conv(5),))), conv(1))
    result = receptive_field(network)
    assert way(result, network.output) == [0, 1, 2, 3, 4, 5]
    assert way(result, 2) == [0, 1, 2]
    assert way(result, PICTURE) == []


def test_the_sources_of_a_meeting_are_its_branches() -> None:
    network = stack(Branch(((conv(3),), (conv(5),), ())), axes=1)
    assert sources(receptive_field(network), 2, 0) == [
        [(0, 0, 0, 1), (1, 0, 0, 1), (PICTURE, 0, 0, 1)]
    ]


@pytest.mark.parametrize(
    ("layer", "rule", "named"),
    [
        (make_layer("gap"), "exact", "no profile"),
        (make_layer("tconv", (3,), stride=(2,)), "paper", "no profile"),
        (conv(3, d=10**6), "exact", r"wider than \d+ pixels"),
    ],
)
def test_where_pixels_are_not_told_apart_there_is_no_profile(
    layer: Layer, rule: str, named: str
) -> None:
    with pytest.raises(ArgumentError, match=named):
        profile(receptive_field(stack(layer), tconv_rule=rule), 0)


def test_a_profile_that_takes_too_many_sums_is_refused_at_once() -> None:
    with pytest.raises(ArgumentError, match="sums; at most"):
        profile(receptive_field(stack(conv(9001), conv(9001))), 0)
