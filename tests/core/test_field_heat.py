"""How much each pixel weighs: against profiles, bit masks, and a recursion over single outputs."""

from __future__ import annotations

from collections import defaultdict
from fractions import Fraction
from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dilcli.core.field_heat import field_heat
from dilcli.core.receptive.fields import ReceptiveField, receptive_field
from dilcli.core.receptive.holes import tap_rows
from dilcli.core.receptive.layers import Layer, make_layer
from dilcli.core.receptive.network import PICTURE, Branch, Item, Merge, lay_out
from dilcli.core.receptive.profile import profile
from dilcli.errors import ArgumentError

if TYPE_CHECKING:
    from collections.abc import Iterable

Weights = dict[tuple[int, int], Fraction]


def of(
    *items: Item, axes: int | None = None, size: tuple[int, ...] | None = None
) -> ReceptiveField:
    return receptive_field(lay_out(items, axes), input_size=size)


def conv(*kernel: int, dilation: int = 1, **settings: object) -> Layer:
    return make_layer("conv", kernel, dilation=(dilation,), **settings)  # type: ignore[arg-type]


def by_recursion(result: ReceptiveField, node: int, output: tuple[int, int]) -> Weights:
    """Follow one output back, tap by tap, in exact fractions."""
    if node == PICTURE:
        return {output: Fraction(1)}
    found: Weights = defaultdict(Fraction)
    layer, inputs = result.network.nodes[node].layer, result.network.nodes[node].inputs
    if isinstance(layer, Merge):
        reads: Iterable[tuple[int, tuple[int, int]]] = [(source, output) for source in inputs]
    else:
        windows = result.states[node].windows
        rows, columns = (
            [
                (o + w.before - t * w.dilation) // w.stride
                if w.transposed
                else o * w.stride + t * w.dilation - w.before
                for t in range(w.kernel)
                if not w.transposed or (o + w.before - t * w.dilation) % w.stride == 0
            ]
            for o, w in zip(output, windows, strict=True)
        )
        reads = [(inputs[0], (row, column)) for row in rows for column in columns]
    reads = list(reads)
    for source, at in reads:
        for pixel, weight in by_recursion(result, source, at).items():
            found[pixel] += weight / len(reads)
    return found


sizes = st.tuples(st.integers(1, 6), st.integers(1, 6))
windows = st.builds(
    lambda kind, kernel, stride, dilation, before, after: make_layer(
        kind,
        kernel,
        stride=stride,
        dilation=tuple(d if max(kernel) > 1 else 1 for d in dilation),
        padding=(before, after),
    ),
    st.sampled_from(["conv", "maxpool"]),
    sizes,
    st.tuples(st.integers(1, 2), st.integers(1, 2)),
    st.tuples(st.integers(1, 3), st.integers(1, 3)),
    st.tuples(st.integers(-1, 2), st.integers(0, 2)),
    st.tuples(st.integers(0, 2), st.integers(0, 2)),
)
upsampling = st.one_of(
    st.builds(lambda factor: make_layer("up", (factor,)), st.integers(2, 3)),
    st.builds(
        lambda stride, more, pad: make_layer(
            "tconv", (stride + more,), stride=(stride,), padding=((pad, pad),)
        ),
        st.integers(1, 3),
        st.integers(0, 2),
        st.integers(0, 2),
    ),
)
#: Layers that keep the stride, so that branches of them can meet.
side_by_side = st.builds(
    lambda size, dilation, pad: conv(size, dilation=dilation if size > 1 else 1, padding=pad),
    st.integers(1, 3),
    st.integers(1, 3),
    st.sampled_from(["half", "valid", "causal"]),
)
branches = st.builds(
    lambda stacks, merge: Branch(tuple(map(tuple, stacks)), merge),
    st.lists(st.lists(side_by_side, max_size=2), min_size=2, max_size=3),
    st.sampled_from(["add", "concat"]),
)
stacks = st.lists(st.one_of(windows, windows, upsampling), max_size=4)
networks = st.lists(st.one_of(windows, branches, upsampling), max_size=4)


@settings(max_examples=25)
@given(stacks)
def test_on_a_single_path_the_heat_is_the_product_of_the_profiles(items: list[Item]) -> None:
    result = of(*items)
    rows, columns = (profile(result, axis, result.at) for axis in (0, 1))
    heat = in_box(result)
    np.testing.assert_allclose(heat, np.outer(rows, columns), atol=1e-12)


@settings(max_examples=25)
@given(networks)
def test_with_branches_its_sums_are_still_the_profiles_of_the_axes(items: list[Item]) -> None:
    result = of(*items)
    heat = in_box(result)
    np.testing.assert_allclose(heat.sum(axis=1), profile(result, 0, result.at), atol=1e-12)
    np.testing.assert_allclose(heat.sum(axis=0), profile(result, 1, result.at), atol=1e-12)


@settings(max_examples=25)
@given(networks)
def test_exactly_the_taps_have_a_weight(items: list[Item]) -> None:
    result = of(*items)
    _, rows = tap_rows(result, result.at)
    heat = in_box(result)
    assert [sum(1 << int(x) for x in np.flatnonzero(row)) for row in heat] == rows


@settings(max_examples=25)
@given(networks, st.tuples(st.integers(0, 9), st.integers(0, 9)))
def test_any_output_has_the_weights_of_a_recursion_over_single_outputs(
    items: list[Item], output: tuple[int, int]
) -> None:
    result = of(*items[:3])
    (top, left), weights = field_heat(result, result.at, output)
    expected = by_recursion(result, result.at, output)
    assert all(edge.any() for edge in (weights[0], weights[-1], weights[:, 0], weights[:, -1]))
    found = {(top + y, left + x): weights[y, x] for y, x in zip(*np.nonzero(weights), strict=True)}
    assert found == pytest.approx({at: float(weight) for at, weight in expected.items()})


def in_box(result: ReceptiveField) -> np.ndarray[tuple[int, ...], np.dtype[np.float64]]:
    """Place the heat of the output with the largest field in its box."""
    phases = [
        max(range(len(axis.sights)), key=[s.width for s in axis.sights].__getitem__)
        for axis in result.states[result.at].axes
    ]
    (top, left), weights = field_heat(result, result.at, (phases[0], phases[1]))
    (first_row, first_column), rows = tap_rows(result, result.at)
    widths = [max(s.width for s in axis.sights) for axis in result.states[result.at].axes]
    box = np.zeros((len(rows), int(widths[1])))
    y, x = top - first_row, left - first_column
    box[y : y + weights.shape[0], x : x + weights.shape[1]] = weights
    return box


def test_one_row_stands_for_the_plane_of_a_network_of_one_axis() -> None:
    result = of(conv(3, dilation=2), conv(2), axes=1)
    first, weights = field_heat(result, result.at)
    assert first == (0, -2)
    np.testing.assert_allclose(weights, [[1 / 6] * 6])


def test_of_three_axes_the_first_is_summed_over() -> None:
    flat, deep = of(conv(3, 2), conv(2, 2)), of(conv(5, 3, 2), conv(2, 2, 2))
    assert (flat.network.axes, deep.network.axes) == (2, 3)
    np.testing.assert_allclose(field_heat(flat, 1)[1], field_heat(deep, 1)[1])


def test_the_empty_network_sees_one_pixel() -> None:
    first, weights = field_heat(of(), PICTURE, (4, 7))
    assert (first, weights.tolist()) == ((4, 7), [[1.0]])


def test_branches_of_unknown_padding_meet_at_their_centres() -> None:
    """TensorFlow's SAME with a stride: without a size the place is open, the shape is not."""
    half_a_cell = Branch(((conv(6, padding="same", stride=(4,)),), (conv(1, stride=(4,)),)))
    result = of(conv(1, stride=(4,)), half_a_cell, half_a_cell)
    assert [state.shifts for state in result.states if state.shifts] == [
        ((0, 0), (2, 2)),
        ((0, 0), (8, 8)),
    ]
    heat = in_box(result)
    _, rows = tap_rows(result, result.at)
    assert [sum(1 << int(x) for x in np.flatnonzero(row)) for row in heat] == rows
    np.testing.assert_allclose(heat.sum(axis=0), profile(result, 1, result.at), atol=1e-12)


def test_an_output_that_sees_nothing_is_refused() -> None:
    result = of(make_layer("tconv", (1,), stride=(2,)))
    assert field_heat(result, 0, (0, 2))[1].shape == (1, 1)
    with pytest.raises(ArgumentError, match="sees nothing"):
        field_heat(result, 0, (1, 1))


def test_many_layers_and_wide_kernels_take_no_time_to_speak_of() -> None:
    result = of(*[conv(3)] * 400, conv(401), make_layer("id"))
    first, weights = field_heat(result, result.at)
    assert first == (-600, -600)
    assert weights.sum() == pytest.approx(1)
