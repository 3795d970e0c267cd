"""Pixels moved, dropped and repeated: each box against the rows and columns that are seen."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from dilcli.core.receptive.layers import Layer, make_layer
from dilcli.errors import LayerError
from tests.onnx_networks import Net, Size, boxes_agree, layers, load

FAR = 2**63 - 1


def flat(kind: str, kernel: tuple[int, ...] = (1,), **settings: Any) -> Layer:
    """Make a layer for two axes."""
    return make_layer(kind, kernel, **settings).on_axes(2)


def resizing(
    *scales: float, shape: tuple[Size, ...] = ("n", 1, 12, 16), opset: int = 18, **at: Any
) -> Net:
    net = Net(shape, opset)
    net.op("Resize", "x", "", net.const(scales, np.float32), name="resize", **at)
    return net


def only_layer(net: Net) -> Layer:
    (layer,) = layers(load(net))
    return layer


@pytest.mark.parametrize("scales", [(1, 1, 2, 2), (1, 1, 4, 1), (1, 1, 2, 3)])
@pytest.mark.parametrize("mode", ["nearest", "linear"])
def test_whole_factors_repeat_pixels_or_stretch_them(scales: tuple[int, ...], mode: str) -> None:
    net = resizing(*scales, mode=mode)
    net.conv("t0a", 1, 1, 3, 3)
    assert boxes_agree(net, (12, 16), 1) > 0
    assert load(net).notes == ()


@pytest.mark.parametrize("scales", [(1, 1, 0.5, 0.5), (1, 1, 0.25, 0.5), (1, 1, 1, 0.25)])
@pytest.mark.parametrize("mode", ["nearest", "linear"])
@pytest.mark.parametrize("rule", ["half_pixel", "asymmetric", "pytorch_half_pixel"])
def test_parts_take_single_pixels_or_pairs(scales: tuple[float, ...], mode: str, rule: str) -> None:
    net = resizing(*scales, mode=mode, coordinate_transformation_mode=rule)
    net.conv("t0a", 1, 1, 3, 3)
    assert boxes_agree(net, (12, 16), 1) > 0


@pytest.mark.parametrize("mode", ["nearest", "linear"])
def test_what_does_not_fill_a_step_is_left_out(mode: str) -> None:
    net = resizing(1, 1, 0.5, 0.25, shape=("n", 1, 13, 19), mode=mode)
    assert boxes_agree(net, (13, 19), 1) == 6 * 4


@pytest.mark.parametrize("nearest", ["floor", "ceil", "round_prefer_floor", "round_prefer_ceil"])
def test_thinning_takes_the_pixel_that_its_rounding_says(nearest: str) -> None:
    for factor in (2, 4):
        net = Net(("n", 1, 12, 12))
        scales = net.const([1, 1, 1 / factor, 1 / factor], np.float32)
        net.op("Resize", "x", "", scales, nearest_mode=nearest)
        assert boxes_agree(net, (12, 12), 1) > 0


def test_sizes_give_factors_too() -> None:
    net = Net((1, 3, 12, 16))
    net.op("Resize", "x", "", "", net.const([1, 3, 24, 16]), mode="linear", name="a")
    assert only_layer(net) == flat("up", (2, 1), mode="bilinear", name="a")


def test_a_size_that_stays_is_no_layer() -> None:
    assert load(resizing(1, 1, 1, 1)).network.nodes == ()


def test_axes_may_be_named() -> None:
    net = Net((1, 3, 12, 16), 18)
    net.op("Resize", "x", "", net.const([3], np.float32), axes=[3], name="a")
    assert only_layer(net) == flat("up", (1, 3), name="a")


@pytest.mark.parametrize(
    ("opset", "op", "inputs", "at"),
    [
        (7, "Upsample", (), {"scales": [1.0, 1.0, 2.0, 2.0]}),
        (9, "Upsample", ([1, 1, 2, 2],), {}),
        (10, "Resize", ([1, 1, 2, 2],), {}),
    ],
)
def test_older_files_have_their_scales_elsewhere(
    opset: int, op: str, inputs: tuple[list[int], ...], at: dict[str, Any]
) -> None:
    net = Net((1, 3, 12, 16), opset)
    net.op(op, "x", *(net.const(scales, np.float32) for scales in inputs), name="a", **at)
    assert only_layer(net) == flat("up", (2, 2), name="a")
    assert load(net).notes == ()


@pytest.mark.parametrize(
    ("at", "noted"),
    [
        ({"nearest_mode": "ceil"}, "nearest pixels are counted as if each were repeated"),
        ({"coordinate_transformation_mode": "align_corners"}, "nearest pixels are counted"),
        ({"coordinate_transformation_mode": "tf_half_pixel_for_nn", "nearest_mode": "floor"}, ""),
        ({"coordinate_transformation_mode": "asymmetric", "nearest_mode": "floor"}, ""),
        (
            {"mode": "linear", "coordinate_transformation_mode": "align_corners"},
            "interpolation is counted with pixel centres at halves",
        ),
        ({"mode": "linear", "coordinate_transformation_mode": "asymmetric"}, "interpolation is"),
    ],
)
def test_interpolation_of_another_kind_is_noted(at: dict[str, Any], noted: str) -> None:
    notes = load(resizing(1, 1, 2, 2, **at)).notes
    assert [noted in note for note in notes] == ([True] if noted else [])


@pytest.mark.parametrize(
    ("scales", "at", "message"),
    [
        ((1, 1, 1.5, 2), {}, "resizes by 3/2x2; whole factors are known, up or down$"),
        ((1, 1, 0.5, 2), {}, "resizes by 1/2x2; whole factors"),
        ((1, 1, 2, 2), {"mode": "cubic"}, "resizes by cubic interpolation; nearest and linear"),
        ((1, 2, 2, 2), {}, "resizes an axis that is none of the picture's"),
        ((1, 1, 0.5, 0.5), {"mode": "linear", "antialias": 1}, "shrinks with antialias"),
        (
            (1, 1, 2, 2),
            {"coordinate_transformation_mode": "tf_crop_and_resize"},
            "resizes a part of the picture",
        ),
    ],
)
def test_a_resize_that_no_layer_can_be_is_refused_with_its_name(
    scales: tuple[float, ...], at: dict[str, Any], message: str
) -> None:
    with pytest.raises(LayerError, match=rf"resize \(Resize\)|resize: {message}") as caught:
        load(resizing(*scales, **at))
    caught.match(message)


def test_a_factor_that_depends_on_the_input_s_size_asks_for_it() -> None:
    net = Net(("n", 1, "h", "w"))
    net.op("Resize", "x", "", "", net.const([1, 1, 30, 30]))
    with pytest.raises(LayerError, match=r"makes one size of any; .*: --input-size"):
        load(net)
    assert len(load(net, size=(15, 10)).network.nodes) == 1


CUTS = st.tuples(
    st.integers(-14, 14),
    st.one_of(st.integers(-14, 14), st.just(FAR)),
    st.integers(1, 3),
)


@settings(max_examples=25)
@given(CUTS, CUTS)
def test_slices_are_those_of_numpy(rows: tuple[int, ...], columns: tuple[int, ...]) -> None:
    size = (12, 13)
    made = np.empty(size)[slice(*rows), slice(*columns)]
    assume(min(made.shape) > 0)
    net = Net(("n", 1, *size))
    parts = zip(rows, columns, strict=True)
    starts, ends, steps = (net.const(numbers) for numbers in parts)
    net.op("Slice", "x", starts, ends, net.const([2, -1]), steps)
    assert boxes_agree(net, size, 1) == made.size


def test_slices_of_older_files_have_attributes() -> None:
    net = Net((1, 3, 12, 16), 9)
    net.op("Slice", "x", axes=[2], starts=[1], ends=[-2], name="a")
    assert only_layer(net) == flat("crop", (1, 1), padding=[(-1, -2), (0, 0)], name="a")


def test_a_slice_of_channels_is_no_layer() -> None:
    net = Net()
    net.op("Slice", "x", net.const([1]), net.const([2]), net.const([1]))
    assert load(net).network.nodes == ()


@pytest.mark.parametrize(
    ("start", "end", "step", "message"),
    [(-1, -FAR, -1, "turns an axis of the picture around")],
)
def test_a_slice_that_no_layer_can_be_is_refused(
    start: int, end: int, step: int, message: str
) -> None:
    net = Net()
    parts = (net.const([number]) for number in (start, end, 2, step))
    net.op("Slice", "x", *parts)
    with pytest.raises(LayerError, match=message):
        load(net)


def test_a_slice_whose_numbers_depend_on_the_picture_is_refused() -> None:
    net = Net()
    found = net.op("Cast", net.op("ReduceMax", "x", keepdims=0), to=7)
    net.op("Slice", "x", net.op("Unsqueeze", found, net.const([0])), net.const([9]), net.const([2]))
    with pytest.raises(LayerError, match="its starts are no constants"):
        load(net)


@settings(max_examples=25)
@given(st.tuples(*[st.integers(0, 4)] * 4))
def test_padding_moves_windows(pads: tuple[int, ...]) -> None:
    size = (12, 13)
    net = Net(("n", 1, *size))
    x = net.op("Pad", "x", net.const([0, 0, *pads[:2], 0, 0, *pads[2:]]))
    net.conv(x, 1, 1, 3, 2, pads=[0] * 4)
    assert boxes_agree(net, size, 1) > 0


def test_padding_of_older_and_of_newer_files_is_elsewhere() -> None:
    expected = flat("crop", (1, 1), padding=[(0, 0), (2, 1)], name="a")
    for opset, word in ((1, "paddings"), (2, "pads")):
        net = Net((1, 3, 12, 16), opset)
        at: dict[str, Any] = {word: [0, 0, 0, 2, 0, 0, 0, 1]}
        net.op("Pad", "x", name="a", **at)
        assert only_layer(net) == expected
    net = Net((1, 3, 12, 16), 18)
    net.op("Pad", "x", net.const([2, 1]), "", net.const([3]), name="a")
    assert only_layer(net) == expected


def test_padding_below_zero_crops() -> None:
    cropped, padded = Net((1, 3, 12, 16)), Net((1, 3, 12, 16))
    cropped.op("Slice", "x", *(cropped.const(n) for n in ([1, 0], [FAR, -2], [2, 3])), name="a")
    padded.op("Pad", "x", padded.const([0, 0, -1, 0, 0, 0, 0, -2]), name="a")
    assert load(cropped) == load(padded)


def test_padding_of_channels_is_no_layer() -> None:
    net = Net()
    net.op("Pad", "x", net.const([0, 1, 0, 0, 0, 1, 0, 0]))
    assert load(net).network.nodes == ()


def test_channels_become_pixels_and_pixels_channels() -> None:
    net = Net(("n", 1, 12, 16))
    x = net.op("SpaceToDepth", net.conv("x", 1, 2, 3, 3), blocksize=2)
    x = net.op("DepthToSpace", net.conv(x, 8, 8, 3, 3), blocksize=2, mode="CRD")
    net.conv(x, 2, 1, 1, 1)
    assert boxes_agree(net, (12, 16), 1) > 0
    assert [(layer.kind, layer.channels) for layer in layers(load(net))] == [
        ("conv", 2),
        ("pool", 8),
        ("conv", 8),
        ("up", 2),
        ("conv", 1),
    ]
