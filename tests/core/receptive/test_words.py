"""One layer in text: kernel, options, keys; and what people write by mistake."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dilcli.core.receptive.layers import Layer, make_layer
from dilcli.core.receptive.reading import Reading
from dilcli.core.receptive.words import read_layer
from dilcli.errors import LayerError


def layer(text: str) -> Layer:
    found, end = read_layer(text, 0, Reading())
    assert end == len(text)
    return found


def conv(kernel: int = 3, **more: Any) -> Layer:
    return make_layer("conv", (kernel,), **more)


@given(st.permutations(["s2", "d3x5", "p1:0x2:2"]))
def test_options_stand_in_any_order(options: list[str]) -> None:
    expected = conv(stride=(2,), dilation=(3, 5), padding=((1, 0), (2, 2)))
    assert layer("conv3" + "".join(options)) == expected


@given(st.permutations(["k=3", "s=2", "d=3x5", "p=1:0x2:2", "name=a", "channels=64", "groups=2"]))
def test_keys_stand_in_any_order(pairs: list[str]) -> None:
    assert layer("conv:" + ",".join(pairs)) == layer("conv3s2d3x5p1:0x2:2:groups=2,channels=64@a")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("conv3d2", conv(dilation=(2,))),
        ("conv3g1", conv(dilation=(2,))),
        ("conv3g0", conv()),
        ("conv3x5", make_layer("conv", (3, 5))),
        ("conv3x3x3", make_layer("conv", (3, 3, 3))),
        ("CONV3X5D2", make_layer("conv", (3, 5), dilation=(2,))),
        ("conv3pv", conv(padding="valid")),
        ("conv3ps", conv(padding="same")),
        ("conv4ph", conv(4, padding="half")),
        ("conv3pcd4", conv(padding="causal", dilation=(4,))),
        ("conv3psames2", conv(padding="same", stride=(2,))),
        ("conv3pss2", conv(padding="same", stride=(2,))),
        ("conv3pvalid", conv(padding="valid")),
        ("conv3p-1:2", conv(padding=((-1, 2),))),
        ("conv3p1x2", conv(padding=((1, 1), (2, 2)))),
        ("conv2d", None),
        ("maxpool3s2p1", make_layer("maxpool", (3,), stride=(2,), padding=((1, 1),))),
        ("pool2", make_layer("pool", (2,))),
        ("avgpool2x3", make_layer("avgpool", (2, 3))),
        ("dwconv3", make_layer("dwconv", (3,))),
        (
            "tconv4s2p1:op=1x0",
            make_layer("tconv", (4,), stride=(2,), padding=((1, 1),), output_padding=(1, 0)),
        ),
        ("up2", make_layer("up", (2,))),
        ("up2x3:mode=bilinear", make_layer("up", (2, 3), mode="bilinear")),
        ("crop4", make_layer("crop", padding=((-4, -4),))),
        ("crop4:2", make_layer("crop", padding=((-4, -2),))),
        ("crop4x2:1", make_layer("crop", padding=((-4, -4), (-2, -1)))),
        ("crop:p=-4", make_layer("crop", padding=((-4, -4),))),
        ("gap", Layer("gap")),
        ("globalpool", Layer("gap")),
        ("id", Layer("id")),
        ("identity@a", Layer("id", name="a")),
        ('conv3@"a \\"b\\" |)"', conv(name='a "b" |)')),
        ("pool3s2:ceil=1", make_layer("pool", (3,), stride=(2,), ceil_mode=True)),
        ("pool3:ceil_mode=false", make_layer("pool", (3,))),
        ("conv:kernel=3, dilation=2 , pad = half", conv(dilation=(2,))),
        ("conv:k=3,rate=2", conv(dilation=(2,))),
        ("conv:k=3,holes=1", conv(dilation=(2,))),
        ('conv:name="a,b",k=3', conv(name="a,b")),
    ],
)
def test_layers_by_example(text: str, expected: Layer | None) -> None:
    if expected is None:
        with pytest.raises(LayerError):
            layer(text)
    else:
        assert layer(text) == expected


@pytest.mark.parametrize("text", ["conv3d2", "conv:k=3,d=2", "conv:k=3, d=2"])
@pytest.mark.parametrize("behind", [" conv3", ",conv3", ")", "|", "#", ";", "\n", "(", ",k", ""])
def test_a_layer_ends_where_another_thing_begins(text: str, behind: str) -> None:
    found, end = read_layer(f"x {text}{behind}", 2, Reading())
    assert found == conv(dilation=(2,))
    assert end == 2 + len(text)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("conv0", r"column 1: conv0: kernel must be at least 1 \(got 0\)"),
        ("conv", "column 1: conv: kernel missing; write conv3"),
        ("maxpools2", "column 1: unknown layer 'maxpools'; did you mean 'maxpool'"),
        ("up", "column 1: up: factor missing; write up2"),
        ("crop", "column 1: crop: number missing; write crop4"),
        ("conv2d", r"column 6: dilation missing; write conv3 for nn.Conv2d\(kernel_size=3\)"),
        ("conv3d", r"column 6: dilation missing; write conv3 for nn.Conv2d\(kernel_size=3\)"),
        ("Conv3d(64, 64, 3)", r"dilation missing; .* or nn.Conv3d\(kernel_size=3\)"),
        ("conv1d", r"dilation missing; write conv3 for nn.Conv1d\(kernel_size=3\)"),
        ("maxpool2d", r"write maxpool3 for nn.MaxPool2d\(kernel_size=3\)"),
        ("conv2d:k=3", "dilation missing"),
        ("conv5d", "column 6: dilation missing after d; write d2"),
        ("conv1d2", r"column 1: conv1: a kernel of 1 .*\(dilation 2\).*as in conv3d2"),
        ("conv3d0", r"column 1: .*dilation starts at 1 \(dense\).*cs231n's dilation 0.*--holes"),
        ("conv3s0", "column 1: .*stride must be at least 1"),
        ("conv3s", "column 6: stride missing after s; write s2"),
        ("conv3p", "column 6: padding missing after p; write p1"),
        ("conv3s2s2", "column 8: stride is given twice"),
        ("conv3d2g1", "column 8: dilation is given twice"),
        ("conv3g1d2", "column 8: dilation is given twice"),
        ("conv3g1g1", "column 8: dilation is given twice"),
        ("conv3s2:s=2", "column 9: stride is given twice"),
        ("conv3:k=3", "column 7: kernel is given twice"),
        ("conv:k=3,name=a@b", "column 16: name is given twice"),
        ("conv3q2", r"column 6: unknown option 'q' \(known: s stride"),
        ("conv3x", "column 6: a number is missing after x"),
        ("conv3x3x3x3", "column 1: .*1, 2 or 3 axes"),
        ("conv3x5d2x2x2", "column 1: .*different numbers of axes"),
        ("conv3.5", "column 6: unexpected '.'"),
        ("conv3p1:2:3", "column 7: '1:2:3' is no padding"),
        ("conv1234567890", "column 5: '1234567890': numbers have at most 9 digits"),
        ("conv3s12345678901", "column 7: '12345678901': numbers have"),
        ("conv9999999", "column 1: .*is too large"),
        ("conv:3", "column 5: ':' begins key=value, as in conv:k=3,d=2"),
        ("conv:kernal=3", "column 6: unknown key 'kernal'; did you mean 'kernel'"),
        ("conv:k=three", "column 8: 'three' is no whole number"),
        ("conv:k=3,p=smae", "column 12: 'smae' is no padding; .*did you mean 'same'"),
        ("conv3:channels=x", "column 16: 'x' is no whole number"),
        ("pool3:ceil=2", r"column 12: ceil_mode is 1 or 0 \(got '2'\)"),
        ("up2:mode=cubic", "column 1: .*nearest or bilinear.*'cubic'"),
        ("up2s3", "column 1: .*one factor"),
        ("gap7", "column 4: gap has no kernel"),
        ("id3", "column 3: id has no kernel"),
        ('conv3@"a', 'column 7: a name is missing, or a " is not closed'),
        ('conv3@"\\x"', "column 7: .*is no name"),
        ('conv3@""', "column 7: '' is no name"),
        ('conv3@"\\n"', "column 7: .*can be printed"),
        ("conv3@\0", "column 7: .*can be printed"),
        ("relu", "column 1: unknown layer 'relu'; it sees one pixel"),
        ("linear", "column 1: unknown layer 'linear'; what sees the whole input is gap"),
        ("deconv3", "column 1: unknown layer 'deconv'; write tconv"),
    ],
)
def test_a_fault_is_named_with_its_column(text: str, message: str) -> None:
    with pytest.raises(LayerError, match=message):
        read_layer(text, 0, Reading())
