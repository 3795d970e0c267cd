"""Nested items become nodes in an order of computation."""

from __future__ import annotations

import pytest
from hypothesis import given

from dilcli.core.receptive.layers import Layer, make_layer
from dilcli.core.receptive.network import (
    MAX_DEPTH,
    MAX_NODES,
    PICTURE,
    Branch,
    From,
    Item,
    Merge,
    lay_out,
)
from dilcli.errors import LayerError
from tests.receptive_items import items

CONV = make_layer("conv", (3,))
POOL = make_layer("pool", (2,))


def named(name: str) -> Layer:
    return CONV._replace(name=name)


def count(item: Item) -> int:
    if isinstance(item, From):
        return 0
    if isinstance(item, Layer):
        return 1
    inner = sum(count(each) for branch in item.branches for each in branch)
    return inner + (len(item.branches) > 1)


@given(items())
def test_every_input_comes_before_its_use_and_every_layer_is_laid_out_once(
    drawn: tuple[Item, ...],
) -> None:
    network = lay_out(drawn)
    assert len(network.nodes) == sum(map(count, drawn))
    for index, node in enumerate(network.nodes):
        assert all(PICTURE <= source < index for source in node.inputs)
        assert len(node.inputs) == 1 or isinstance(node.layer, Merge)
        if not isinstance(node.layer, Merge):
            assert len(node.layer.kernel) == network.axes
    assert PICTURE <= network.output < len(network.nodes)


def test_a_stack_is_a_chain() -> None:
    network = lay_out([CONV, POOL, CONV])
    assert [node.inputs for node in network.nodes] == [(PICTURE,), (0,), (1,)]
    assert network.output == 2


def test_nothing_is_a_network_that_hands_the_picture_on() -> None:
    assert lay_out([]) == ((), 2, PICTURE)


def test_branches_begin_at_one_place_and_meet_again() -> None:
    network = lay_out([CONV, Branch(((CONV, CONV), (POOL,), ()), "concat", "meet"), From("meet")])
    assert [node.inputs for node in network.nodes] == [(PICTURE,), (0,), (1,), (0,), (2, 3, 0)]
    assert [node.branch for node in network.nodes] == [(), (1,), (1,), (2,), ()]
    assert network.nodes[4][0] == Merge("concat")
    assert network.nodes[4].name == "meet"
    assert network.output == 4


def test_a_group_of_one_stack_adds_no_node_and_its_name_is_its_last_layer() -> None:
    network = lay_out([CONV, Branch(((CONV, POOL),), "add", "block"), CONV, From("block"), CONV])
    assert [node.inputs for node in network.nodes] == [(PICTURE,), (0,), (1,), (2,), (2,)]


def test_a_restart_goes_on_from_the_latest_layer_of_that_name() -> None:
    network = lay_out([named("a"), named("a"), CONV, From("a"), POOL])
    assert network.nodes[3].inputs == (1,)


def test_a_restart_in_a_branch_moves_only_that_branch() -> None:
    network = lay_out([named("a"), CONV, Branch(((From("a"), POOL), (CONV,)))])
    assert [node.inputs for node in network.nodes] == [(PICTURE,), (0,), (0,), (1,), (2, 3)]


@pytest.mark.parametrize(
    ("drawn", "axes", "message"),
    [
        ([From("a")], None, "from:a: no earlier layer has that name; name one by @name"),
        ([named("left"), From("lfet")], None, "did you mean 'left'"),
        ([make_layer("conv", (3, 5))], 1, "sizes for 2 axes in a network of 1; see --axis"),
        ([make_layer("conv", (3, 5))], 3, "sizes for 2 axes in a network of 3; see --axis"),
        (
            [make_layer("conv", (3, 5)), Branch(((make_layer("pool", (3, 5, 7)),),))],
            None,
            "sizes for 2 axes and for 3 are mixed",
        ),
        ([CONV] * (MAX_NODES + 1), None, f"more than {MAX_NODES} layers"),
    ],
)
def test_what_does_not_fit_together_is_refused(
    drawn: list[Item], axes: int | None, message: str
) -> None:
    with pytest.raises(LayerError, match=message):
        lay_out(drawn, axes)


def test_branches_may_be_nested_to_a_limit() -> None:
    item: Item = CONV
    for _ in range(MAX_DEPTH):
        item = Branch(((item,), ()))
    assert len(lay_out([item]).nodes) == MAX_DEPTH + 1
    for _ in range(5000):
        item = Branch(((item,), ()))
    with pytest.raises(LayerError, match="nested more than 50 deep"):
        lay_out([item])


@pytest.mark.parametrize(("axes", "expected"), [(None, 2), (1, 1), (2, 2), (3, 3)])
def test_plain_sizes_fit_any_number_of_axes(axes: int | None, expected: int) -> None:
    network = lay_out([CONV], axes)
    assert network.axes == expected
    layer = network.nodes[0].layer
    assert isinstance(layer, Layer)
    assert layer.kernel == (3,) * expected


def test_the_axes_are_those_of_the_sizes() -> None:
    assert lay_out([CONV, Branch(((make_layer("conv", (3, 3, 3)),),))]).axes == 3
