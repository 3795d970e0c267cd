"""One layer as a record: defaults, padding rules, and sizes for each axis."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dilcli.core.receptive.layers import (
    KINDS,
    Layer,
    default_padding,
    default_stride,
    make_layer,
)
from dilcli.errors import LayerError
from tests.receptive_items import layers

SIZES = st.integers(1, 50)


@given(SIZES, SIZES.map(lambda n: n + 1))
def test_the_effective_size_is_the_distance_of_the_outer_taps_plus_one(d: int, k: int) -> None:
    taps = [tap * d for tap in range(k)]
    layer = make_layer("conv", (k,), dilation=(d,))
    assert layer.effective_size == (taps[-1] - taps[0] + 1,)


@given(SIZES, SIZES)
def test_half_padding_keeps_the_size_and_puts_an_odd_pixel_after(k: int, d: int) -> None:
    layer = make_layer("conv", (k,), dilation=(d if k > 1 else 1,), padding="half")
    assert layer.padding != "same"
    ((before, after),) = layer.padding
    assert before + after == layer.effective_size[0] - 1
    assert after - before in (0, 1)


@given(SIZES, SIZES)
def test_causal_padding_lets_the_last_tap_see_the_newest_pixel(k: int, d: int) -> None:
    layer = make_layer("pool", (k,), dilation=(d if k > 1 else 1,), padding="causal")
    assert layer.padding == ((layer.effective_size[0] - 1, 0),)


@pytest.mark.parametrize("kind", ["conv", "dwconv"])
def test_convolutions_keep_the_size_by_default(kind: str) -> None:
    assert make_layer(kind, (3, 5), dilation=(2,)) == Layer(
        kind, (3, 5), (1,), (2,), ((2, 2), (4, 4))
    )


@pytest.mark.parametrize("kind", ["pool", "maxpool", "avgpool"])
def test_pools_step_by_their_kernel_and_are_not_padded(kind: str) -> None:
    assert make_layer(kind, (2, 3)) == Layer(kind, (2, 3), (2, 3))


def test_a_transposed_convolution_is_neither_padded_nor_strided_by_default() -> None:
    assert make_layer("tconv", (4,)) == Layer("tconv", (4,))


def test_up_steps_by_its_factor() -> None:
    assert make_layer("up", (2,), mode="bilinear") == Layer("up", (2,), (2,), mode="bilinear")


@pytest.mark.parametrize("kind", ["crop", "gap", "id", "up"])
@pytest.mark.parametrize("rule", ["half", "valid", "same", "causal"])
def test_a_padding_rule_is_nothing_where_no_window_moves(kind: str, rule: str) -> None:
    kernel = (2,) if kind == "up" else (1,)
    assert make_layer(kind, kernel, padding=rule).padding == ((0, 0),)  # type: ignore[arg-type]


@given(layers(), st.integers(1, 3))
def test_sizes_for_one_axis_hold_for_all_axes(layer: Layer, axes: int) -> None:
    lengths = {len(sizes) for sizes in (layer.kernel, layer.stride, layer.dilation)}
    lengths.add(len(layer.output_padding))
    if layer.padding != "same":
        lengths.add(len(layer.padding))
    if lengths - {1, axes}:
        with pytest.raises(LayerError, match="in a network of"):
            layer.on_axes(axes)
        return
    wide = layer.on_axes(axes)
    assert len(wide.kernel) == len(wide.stride) == len(wide.dilation) == axes
    assert wide.on_axes(axes) == wide
    assert all(wide.kernel[axis] == layer.kernel[axis % len(layer.kernel)] for axis in range(axes))


@given(layers())
def test_what_is_left_out_is_what_the_defaults_say(layer: Layer) -> None:
    short = make_layer(layer.kind, layer.kernel, dilation=layer.dilation)
    assert short.stride == default_stride(layer)
    assert short.padding == default_padding(layer)


def test_an_unknown_kind_or_padding_is_refused_with_the_nearest_word() -> None:
    with pytest.raises(LayerError, match="unknown layer 'cnov'; did you mean 'conv'"):
        make_layer("cnov", (3,))
    with pytest.raises(LayerError, match=r"unknown layer 'zzz' \(known: conv, dwconv"):
        make_layer("zzz", (3,))
    with pytest.raises(LayerError, match="unknown padding 'smae'; did you mean 'same'"):
        make_layer("conv", (3,), padding="smae")  # type: ignore[arg-type]


def test_every_kind_can_be_made() -> None:
    assert [make_layer(kind).kind for kind in KINDS] == list(KINDS)
