"""A network being laid out: channels, meetings, and values that have lost their places."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from dilcli.core.receptive.layers import Layer, make_layer
from dilcli.core.receptive.network import MAX_NODES, PICTURE, Merge, Node
from dilcli.errors import LayerError
from dilcli.features.onnx.layout import ELSEWHERE, layout
from dilcli.features.onnx.trace import Trace, Value, called, first
from dilcli.files.onnx_files import OnnxGraph, OnnxNode

if TYPE_CHECKING:
    from collections.abc import Sequence

PLANE = layout((ELSEWHERE, ELSEWHERE, 0, 1))
NODE = OnnxNode("odd", "Mul", ("a", "b"), ("c",), {})


def trace(**shapes: tuple[int, ...]) -> Trace:
    nodes = (
        OnnxNode("s", "Shape", ("x",), ("s",), {}),
        OnnxNode("h", "Mul", ("s", "k"), ("h",), {}),
    )
    graph = OnnxGraph(nodes, {"x": (1, 3, 8, 8)}, ("y",), shapes, {}, 17, assumed=False)
    return Trace(graph, "x", 2)


def convolved(of: Trace, channels: int | None, source: int = PICTURE) -> Value:
    at = of.layer(make_layer("conv", (3,), channels=channels), source)
    return Value(f"t{at}", at, PLANE)


def layers(of: Trace) -> Sequence[Layer | Merge]:
    return [node.layer for node in of.nodes]


def test_layers_are_given_all_axes_and_keep_channels_they_do_not_change() -> None:
    of = trace()
    at = of.layer(make_layer("pool", (2,)), of.layer(make_layer("conv", (3,), channels=8), PICTURE))
    assert of.nodes[at].layer == make_layer("pool", (2,)).on_axes(2)
    assert of.channels == {PICTURE: None, 0: 8, 1: 8}


def test_windows_of_other_axes_and_too_many_layers_are_refused() -> None:
    of = trace()
    with pytest.raises(LayerError, match="has a window of 3 axes in a network of 2"):
        of.layer(make_layer("conv", (3, 3, 3)), PICTURE)
    of.nodes = [Node(make_layer("id"), (PICTURE,))] * MAX_NODES
    with pytest.raises(LayerError, match=f"more than {MAX_NODES} layers"):
        of.layer(make_layer("conv", (3,)), PICTURE)


def test_a_part_of_the_channels_is_one_row_however_often_it_is_taken() -> None:
    of = trace()
    whole = convolved(of, 8)
    assert of.counted(whole.node, 8) == of.counted(whole.node, None) == whole.node
    assert of.counted(whole.node, 3) == of.counted(whole.node, 3) == 1
    assert of.nodes[1].layer == make_layer("id", channels=3).on_axes(2)
    assert of.counted(PICTURE, 5) == PICTURE
    assert of.channels[PICTURE] == 5


def test_added_channels_are_made_equal_and_joined_ones_counted() -> None:
    of = trace()
    sources = [convolved(of, 8).node, convolved(of, 4).node, convolved(of, 1).node]
    added = of.merge("add", sources, "sum")
    assert of.nodes[added].inputs == (0, 3, 2)
    assert of.channels[added] == 8
    assert of.channels[of.merge("concat", sources, "all")] == 13
    unknown = of.layer(make_layer("id"), PICTURE)
    assert of.channels[of.merge("add", [*sources, unknown], "sum")] is None


def test_values_of_one_node_meet_without_a_row() -> None:
    of = trace()
    value = convolved(of, 8)
    assert of.meet("add", NODE, [value, value]) == value._replace(tensor="")
    assert len(of.nodes) == 1


def test_places_come_from_what_has_places() -> None:
    of = trace()
    value = convolved(of, 8)
    single = of.pooled(value, "mean")
    met = of.meet("add", NODE, [single, value])
    assert met == Value("", 2, PLANE, everything=True)
    assert of.meet("add", NODE, [single, of.pooled(convolved(of, 8), "other")]).single


def test_trouble_passes_on_unless_everything_is_seen() -> None:
    of = trace()
    value = convolved(of, 8)
    astray = of.troubled(value, NODE, "does what it does")
    wanted = "odd (Mul) does what it does (--treat-as pointwise:Mul or whole:Mul)"
    assert astray == Value(value.tensor, 0, trouble=wanted)
    assert of.meet("add", NODE, [value, astray]) == astray
    with pytest.raises(LayerError, match="what its input sees cannot be told, since odd"):
        of.on_plane(astray)
    lost = of.meet("add", NODE, [astray, of.pooled(value, "mean")])
    assert lost == Value(lost.tensor, 1, everything=True) == of.troubled(lost, NODE, "")


def test_one_number_is_spread_where_a_window_reads_many() -> None:
    of = trace(t=(1, 8, 4, 6), u=(1, 8, 1, 1))
    value = of.pooled(convolved(of, 8), "mean")
    assert of.on_plane(value._replace(tensor="u")) == value._replace(tensor="u")
    spread = of.on_plane(value._replace(tensor="t"))
    assert of.nodes[spread.node].layer == make_layer("up", (4, 6)).on_axes(2)
    assert spread.layout == PLANE


def test_what_is_pooled_is_not_pooled_again() -> None:
    of = trace()
    value = of.pooled(convolved(of, 8), "mean")
    assert of.pooled(value, "again") == value
    assert layers(of)[1:] == [make_layer("gap", name="mean").on_axes(2)]


def test_channels_are_counted_first_or_last() -> None:
    of = trace(t0=(1, 8, 4, 6), t1=(1, 4, 6, 8), t2=(24, 8))
    assert of.count(Value("t0", 0, PLANE)) == 8
    assert of.count(Value("t1", 0, layout((ELSEWHERE, 0, 1, ELSEWHERE)))) == 8
    assert of.count(Value("t2", 0, layout((0, ELSEWHERE)))) is None
    assert of.count(Value("t3", 0, PLANE)) is None


def test_a_note_names_the_first_node_of_many() -> None:
    of = trace()
    for name in ("a", "b", "a"):
        of.note("is so", NODE._replace(name=name))
    assert of.notes == {"is so": ["a", "b"]}


def test_numbers_are_known_to_follow_from_sizes() -> None:
    of = trace()
    assert of.follows_from_sizes("h")
    assert not of.follows_from_sizes("k")
    assert not of.follows_from_sizes("x")


def test_nodes_are_called_by_name_and_operator() -> None:
    assert called(NODE) == "odd (Mul)"
    assert called(NODE._replace(name="/a/Mul_3")) == "/a/Mul_3"
    value = Value("t", 0)
    assert first([None, value, None]) is value
