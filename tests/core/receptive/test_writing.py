"""Layers are written in the shortest words that are read back as the same."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dilcli.core.receptive.layers import Layer, make_layer
from dilcli.core.receptive.text import parse_items
from dilcli.core.receptive.writing import items_text, layer_text, short_text
from tests.receptive_items import layers


@given(layers())
def test_a_written_layer_is_read_back_as_an_equal_one(layer: Layer) -> None:
    assert parse_items(layer_text(layer)) == (layer,)
    assert items_text([layer]) == layer_text(layer)


@given(layers(axes=1), st.integers(1, 3))
def test_the_short_text_gives_sizes_that_are_the_same_on_all_axes_once(
    layer: Layer, axes: int
) -> None:
    assert short_text(layer.on_axes(axes)) == layer_text(layer)


@given(st.integers(2, 3).flatmap(lambda axes: layers(axes=axes).map(lambda x: x.on_axes(axes))))
def test_the_short_text_means_the_same_layer(layer: Layer) -> None:
    (found,) = parse_items(short_text(layer))
    assert isinstance(found, Layer)
    assert found.on_axes(len(layer.kernel)) == layer


@pytest.mark.parametrize(
    ("layer", "text"),
    [
        (make_layer("conv", (3,)), "conv3"),
        (make_layer("conv", (3,), dilation=(2,), padding=((2, 2),)), "conv3d2"),
        (make_layer("conv", (3,), padding="valid"), "conv3p0"),
        (make_layer("conv", (3,), padding="same"), "conv3ps"),
        (make_layer("pool", (2,), stride=(2,)), "pool2"),
        (make_layer("pool", (3,), stride=(2,), ceil_mode=True), "pool3s2:ceil=1"),
        (make_layer("crop", padding=((-4, -4), (-4, -2))), "crop4x4:2"),
        (make_layer("up", (2,), mode="bilinear"), "up2:mode=bilinear"),
        (Layer("gap", name="a b"), 'gap@"a b"'),
        (make_layer("conv", (3, 3), dilation=(1, 1), stride=(1, 1)), "conv3x3s1x1d1x1"),
    ],
)
def test_nothing_is_written_that_goes_without_saying(layer: Layer, text: str) -> None:
    assert layer_text(layer) == text
