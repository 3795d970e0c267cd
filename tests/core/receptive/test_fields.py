"""Receptive fields equal those of index sets, and obey the laws of composition."""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from dilcli.core.receptive.fields import Field, receptive_field
from dilcli.core.receptive.layers import Layer, make_layer
from dilcli.core.receptive.network import PICTURE, Branch, From, Merge, Network, Node, lay_out
from dilcli.errors import ArgumentError, LayerError
from tests.receptive_measures import aligned, boxes, measure
from tests.receptive_networks import (
    chains_of,
    conv,
    fitting_sizes,
    networks,
    pool,
    sized_networks,
    stack,
)
from tests.receptive_reference import Cell, Unfit, chains, sizes_of

if TYPE_CHECKING:
    from collections.abc import Callable

AXES = st.integers(1, 2)
PLAIN = AXES.flatmap(lambda axes: networks(axes, most=3, ups=False))


def field(network: Network, size: Cell | None = None, **settings: object) -> Field:
    return receptive_field(network, input_size=size, **settings).summary  # type: ignore[arg-type]


def assert_equals_the_sets(network: Network, size: Cell | None) -> None:
    sizes = sizes_of(network, size)
    for at, row in enumerate(receptive_field(network, input_size=size).rows):
        expected = measure(network, at=at, size=size)
        assert row.number == at + 1
        assert row.field == Field(
            rf=expected.rf,
            rf_by_phase=row.field.rf_by_phase and expected.by_phase,
            whole_input=False,
            effective_stride=expected.stride,
            effective_padding=expected.padding,
            start=expected.start,
            aligned=aligned(network, at=at, size=size),
            coverage=expected.coverage,
            gap=expected.gap,
            lattice=expected.lattice,
            output_size=sizes[at],
        )
        if row.field.rf_by_phase is None:
            assert all(len(widths) == 1 for widths in expected.by_phase)


@given(st.data())
@pytest.mark.parametrize("axes", [1, 2])
def test_every_field_of_every_node_is_that_of_the_index_sets(
    axes: int, data: st.DataObject
) -> None:
    assert_equals_the_sets(data.draw(networks(axes)), None)


@given(st.data())
@pytest.mark.parametrize("axes", [1, 2])
def test_with_a_size_every_field_is_that_of_the_index_sets_under_tensorflows_padding_too(
    axes: int, data: st.DataObject
) -> None:
    assert_equals_the_sets(*data.draw(sized_networks(axes, most=3)))


@given(networks(3, most=2))
@settings(max_examples=15)
def test_three_axes_are_no_different(network: Network) -> None:
    assert_equals_the_sets(network, None)


@given(AXES.flatmap(lambda axes: networks(axes, same=True)), st.integers(1, 12), st.data())
def test_a_size_is_refused_exactly_where_layers_or_branches_have_none(
    network: Network, n: int, data: st.DataObject
) -> None:
    size = (n, data.draw(st.integers(1, 12)))[: network.axes]
    try:
        expected = sizes_of(network, size)
    except Unfit:
        with pytest.raises(LayerError, match=r"^layer \d+ \("):
            receptive_field(network, input_size=size)
    else:
        rows = receptive_field(network, input_size=size).rows
        assert [row.field.output_size for row in rows] == expected


def append(first: Network, second: Network) -> Network:
    """Feed one network into another."""
    count = len(first.nodes)
    moved = [
        node._replace(
            inputs=tuple(first.output if i == PICTURE else i + count for i in node.inputs)
        )
        for node in second.nodes
    ]
    output = first.output if second.output == PICTURE else second.output + count
    return Network((*first.nodes, *moved), first.axes, output)


@given(AXES.flatmap(lambda a: st.tuples(networks(a, ups=False), networks(a, ups=False))))
def test_a_network_after_another_composes(pair: tuple[Network, Network]) -> None:
    a, b = map(field, pair)
    both = field(append(*pair))
    for axis in range(pair[0].axes):
        (rf_a, rf_b, rf), (s_a, s_b, s), (p_a, p_b, p) = (
            [getattr(f, name)[axis] for f in (a, b, both)]
            for name in ("rf", "effective_stride", "effective_padding")
        )
        assert (rf, s, p) == (rf_a + (rf_b - 1) * s_a, s_a * s_b, p_a + p_b * s_a)
    assert both.aligned == (a.aligned and b.aligned)


@given(AXES.flatmap(lambda axes: chains_of(axes, ups=False)), st.data())
def test_padding_moves_a_receptive_field_and_changes_nothing_else(
    network: Network, data: st.DataObject
) -> None:
    def padded(node: Node) -> Node:
        assert isinstance(node.layer, Layer)
        pads = tuple((data.draw(st.integers(-5, 9)), 0) for _ in range(network.axes))
        return node._replace(layer=node.layer._replace(padding=pads))

    other = network._replace(nodes=tuple(map(padded, network.nodes)))
    here = {"effective_padding": (), "start": ()}
    assert field(network)._replace(**here) == field(other)._replace(**here)  # type: ignore[arg-type]


@given(AXES.flatmap(lambda axes: networks(axes, same=True)))
def test_the_order_of_branches_does_not_matter(network: Network) -> None:
    nodes = tuple(node._replace(inputs=node.inputs[::-1]) for node in network.nodes)
    assert field(network) == field(network._replace(nodes=nodes))


NEUTRAL = [
    conv(1),
    pool(1),
    make_layer("id"),
    make_layer("crop"),
    make_layer("tconv"),
    make_layer("up"),
    make_layer("up", mode="bilinear"),
    conv(1, p="same"),
]


@given(AXES.flatmap(networks), st.sampled_from(NEUTRAL), st.integers(0, 99))
def test_layers_of_one_tap_change_nothing_wherever_they_stand(
    network: Network, layer: Layer, place: int
) -> None:
    place %= len(network.nodes) + 1
    after = tuple(
        # What stood before the place is read through the new layer.
        node._replace(inputs=tuple(i + (i >= place - 1) for i in node.inputs))
        for node in network.nodes[place:]
    )
    new = Node(layer.on_axes(network.axes), (place - 1,))
    output = network.output + (network.output >= place - 1)
    assert field(network) == field(
        Network((*network.nodes[:place], new, *after), network.axes, output)
    )


@given(PLAIN)
def test_branches_are_aligned_if_and_only_if_the_centres_of_all_paths_are_equal(
    network: Network,
) -> None:
    paths = chains(network)
    assume(len(paths) <= 40)
    summary, fields = field(network), [field(path) for path in paths]
    assert len({f.effective_stride for f in fields}) == 1
    centres = {tuple(start for start in f.start if start is not None) for f in fields}
    assert summary.aligned == (len(centres) == 1)
    for axis in range(network.axes):
        rfs = [f.rf[axis] for f in fields if f.rf]
        ends = [boxes(path, axis)[0] for path in paths]
        hull = max(last for _, last in ends) - min(first for first, _ in ends) + 1
        assert summary.rf is not None
        assert summary.rf[axis] == hull
        assert summary.aligned is False or hull == max(rfs)


@given(networks(1, same=True, ups=False))
def test_without_a_size_nothing_is_said_of_same_padding_that_some_size_contradicts(
    network: Network,
) -> None:
    unknown = field(network)
    for n in fitting_sizes(network, 0):
        known = field(network, (n,))
        assert known.effective_stride == unknown.effective_stride
        assert unknown.effective_padding[0] in (None, known.effective_padding[0])
        assert unknown.start[0] in (None, known.start[0])
        assert unknown.aligned in (None, known.aligned)
        if known.aligned:
            assert known.rf == unknown.rf


@given(st.integers(1, 7), st.integers(1, 5), st.integers(1, 4), st.integers(1, 4))
def test_same_padding_is_known_if_and_only_if_one_number_is_right_for_every_size(
    kernel: int, stride: int, dilation: int, later: int
) -> None:
    layer = conv(kernel, s=stride, d=dilation if kernel > 1 else 1, p="same")
    network = stack(layer, conv(3, s=later, p="half"), axes=1)
    found = {field(network, (n,)).effective_padding[0] for n in range(1, 80)}
    expected = found.pop() if len(found) == 1 else None
    summary = field(network)
    assert summary.effective_padding == (expected,)
    assert summary.aligned is (None if expected is None else True)
    assert (summary.start[0] is None) == (expected is None)


@given(PLAIN)
def test_strict_refuses_misaligned_branches_and_nothing_else(network: Network) -> None:
    if field(network).aligned:
        assert field(network, strict=True) == field(network)
    else:
        with pytest.raises(LayerError, match=r"layer \d+ .*centres differ \(.* and "):
            receptive_field(network, strict=True)


@given(st.integers(1, 6), st.integers(1, 6), st.booleans())
def test_branches_of_different_strides_are_refused_and_both_are_named(
    one: int, other: int, columns: bool
) -> None:
    assume(one != other)

    def strided(stride: int) -> tuple[Layer, ...]:
        return (make_layer("conv", (3,), stride=(1, stride) if columns else (stride,)),)

    network = lay_out([Branch((strided(one), strided(other)))])
    first, second = (f"{1 if columns else s}x{s}" for s in (one, other))
    with pytest.raises(LayerError, match=rf"^layer 3 \(add\): .*{first} .*{second}"):
        receptive_field(network)


@pytest.mark.parametrize("merge", ["add", "concat"])
def test_branches_of_different_sizes_are_refused_and_both_are_named(merge: str) -> None:
    network = stack(Branch(((conv(3, p=0),), (conv(1),)), merge))
    with pytest.raises(LayerError, match=rf"^layer 3 \({merge}\): .*7x8.* and .*9x10"):
        receptive_field(network, input_size=(9, 10))


def test_a_layer_without_outputs_is_named() -> None:
    named = make_layer("conv", (5,), padding="valid", name="deep")
    with pytest.raises(LayerError, match=r"^layer 2 \(conv5 @deep\): .*5.*3"):
        receptive_field(stack(conv(3, p=0), named), input_size=(5, 50))


def test_an_empty_network_sees_one_pixel() -> None:
    result = receptive_field(stack())
    assert result.rows == ()
    assert result.at == PICTURE
    assert result.summary == Field(
        (1, 1), None, False, (1, 1), (0, 0), (Fraction(1, 2),) * 2, True, Fraction(1), (1, 1),
        (1, 1), None,
    )  # fmt: skip


def test_the_summary_is_that_of_the_node_asked_for() -> None:
    network = stack(conv(3), conv(3, s=2), conv(3))
    rows = receptive_field(network).rows
    assert [receptive_field(network, at=i).summary for i in range(3)] == [r.field for r in rows]
    assert field(network) == rows[2].field
    assert field(network, at=PICTURE) == field(stack())


def test_a_global_layer_sees_the_whole_input_and_so_do_the_layers_after_it() -> None:
    network = stack(conv(3, s=2), make_layer("gap"), conv(1))
    for row in receptive_field(network).rows[1:]:
        assert row.field.rf is None
        assert row.field.whole_input
        assert row.field.coverage is None
        assert row.field.gap == row.field.lattice == (None, None)
    assert field(network, (9, 9)).output_size == (1, 1)


def test_a_branch_that_sees_the_whole_input_makes_its_meeting_see_it() -> None:
    network = stack(Branch(((conv(3, d=6),), (make_layer("gap"), conv(1))), "concat"))
    found = field(network, (20, 20))
    assert (found.rf, found.whole_input) == (None, True)
    assert (found.effective_stride, found.output_size) == ((1, 1), (20, 20))


def test_branches_misaligned_before_a_global_layer_stay_misaligned() -> None:
    crossed = Branch(((conv(3, p=(2, 0)),), (conv(3, p=(0, 2)),)))
    assert field(stack(crossed, make_layer("gap"))).aligned is False


def test_a_stack_may_go_on_from_a_named_layer() -> None:
    stem = make_layer("conv", (3,), name="stem")
    network = stack(stem, conv(3, s=2), conv(5), From("stem"), conv(3))
    assert field(network).rf == (5, 5)
    skip = stack(stem, conv(3), Branch(((conv(5),), (From("stem"), conv(1)))))
    assert field(skip).rf == (9, 9)


def test_a_meeting_may_read_the_picture_or_one_node_twice() -> None:
    nodes = (Node(conv(3).on_axes(1), (PICTURE,)), Node(Merge("add"), (PICTURE, 0, 0)))
    assert field(Network(nodes, 1, 1)).rf == (3,)


@pytest.mark.parametrize("make", [chains_of, networks])
def test_under_the_papers_rule_networks_without_upsampling_are_the_same(
    make: Callable[..., st.SearchStrategy[Network]],
) -> None:
    @given(make(2, ups=False))
    @settings(max_examples=25)
    def same(network: Network) -> None:
        assert field(network) == field(network, tconv_rule="paper")

    same()


@pytest.mark.parametrize(
    "settings_",
    [{"tconv_rule": "naive"}, {"input_size": (5,)}, {"input_size": (5, 0)}],
)
def test_settings_without_a_meaning_are_refused(settings_: dict[str, object]) -> None:
    with pytest.raises(ArgumentError, match=r"naive|input size 5"):
        receptive_field(stack(conv(3)), **settings_)  # type: ignore[arg-type]


@pytest.mark.parametrize(("kind", "rule"), [("conv", "exact"), ("tconv", "paper")])
def test_numbers_that_no_one_can_read_are_refused(kind: str, rule: str) -> None:
    layer = make_layer(kind, (3,), stride=(10**8,), padding="valid")
    with pytest.raises(LayerError, match=r"layer 13 \(t?conv3\).* more than 100 digits"):
        receptive_field(stack(*[layer] * 600), tconv_rule=rule)
    assert receptive_field(stack(*[layer] * 12), tconv_rule=rule).summary.rf
