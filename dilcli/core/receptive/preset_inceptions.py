"""Presets of the Inception family, as in TF-slim, with its names of end points."""

from __future__ import annotations

from functools import partial

from dilcli.core.receptive.preset import Preset

__all__ = ["INCEPTIONS"]

_DOUBLE_3 = "conv1|conv1 conv3|conv1 2xconv3"
_AVERAGE = "avgpool3s1ps conv1"
_CROSS_3 = "cat(conv1x3|conv3x1)"
_ONE_7 = "conv1 conv1x7 conv7x1"
_TWO_7 = "conv1 conv7x1 conv1x7 conv7x1 conv1x7"
_MIXED_17 = f"cat(conv1|{_ONE_7}|{_TWO_7}|{_AVERAGE})"


def _inception_v2() -> str:
    even = f"cat({_DOUBLE_3}|{_AVERAGE})"
    down = "cat(conv1 conv3s2ps|conv1 conv3 conv3s2ps|maxpool3s2ps)"
    return " ".join(
        (
            "dwconv7s2ps conv1@Conv2d_1a_7x7 maxpool3s2ps@MaxPool_2a_3x3",
            "conv1@Conv2d_2b_1x1 conv3@Conv2d_2c_3x3 maxpool3s2ps@MaxPool_3a_3x3",
            _numbered(even, "Mixed_3", "bc"),
            f"{down}@Mixed_4a",
            _numbered(even, "Mixed_4", "bcde"),
            f"{down}@Mixed_5a",
            f"{even}@Mixed_5b cat({_DOUBLE_3}|maxpool3s1ps conv1)@Mixed_5c",
        )
    )


def _stem(padding: str) -> str:
    return (
        f"conv3s2{padding}@Conv2d_1a_3x3 conv3{padding}@Conv2d_2a_3x3 conv3@Conv2d_2b_3x3 "
        f"maxpool3s2{padding}@MaxPool_3a_3x3 conv1@Conv2d_3b_1x1 conv3{padding}@Conv2d_4a_3x3 "
        f"maxpool3s2{padding}@MaxPool_5a_3x3"
    )


def _reduction_35(padding: str) -> str:
    return f"cat(conv3s2{padding}|conv1 conv3 conv3s2{padding}|maxpool3s2{padding})@Mixed_6a"


def _inception_v3() -> str:
    mixed_35 = f"cat(conv1|conv1 conv5|conv1 2xconv3|{_AVERAGE})"
    mixed_8 = f"cat(conv1|conv1 {_CROSS_3}|conv1 conv3 {_CROSS_3}|{_AVERAGE})"
    return " ".join(
        (
            _stem("pv"),
            _numbered(mixed_35, "Mixed_5", "bcd"),
            _reduction_35("pv"),
            _numbered(_MIXED_17, "Mixed_6", "bcde"),
            f"cat(conv1 conv3s2pv|{_ONE_7} conv3s2pv|maxpool3s2)@Mixed_7a",
            _numbered(mixed_8, "Mixed_7", "bc"),
        )
    )


def _inception_v4() -> str:
    mixed_35 = f"cat({_DOUBLE_3}|{_AVERAGE})"
    mixed_8 = f"cat(conv1|conv1 {_CROSS_3}|conv1 conv3x1 conv1x3 {_CROSS_3}|{_AVERAGE})"
    return " ".join(
        (
            "conv3s2pv@Conv2d_1a_3x3 conv3pv@Conv2d_2a_3x3 conv3@Conv2d_2b_3x3",
            "cat(maxpool3s2|conv3s2pv)@Mixed_3a",
            f"cat(conv1 conv3pv|{_ONE_7} conv3pv)@Mixed_4a",
            "cat(conv3s2pv|maxpool3s2)@Mixed_5a",
            _numbered(mixed_35, "Mixed_5", "bcde"),
            _reduction_35("pv"),
            _numbered(_MIXED_17, "Mixed_6", "bcdefgh"),
            f"cat(conv1 conv3s2pv|{_ONE_7} conv3s2pv|maxpool3s2)@Mixed_7a",
            _numbered(mixed_8, "Mixed_7", "bcd"),
        )
    )


def _inception_resnet_v2(padding: str) -> str:
    block_35 = f"(cat({_DOUBLE_3}) conv1|id)"
    block_17 = f"(cat(conv1|{_ONE_7}) conv1|id)"
    block_8 = "(cat(conv1|conv1 conv1x3 conv3x1) conv1|id)"
    down = f"conv3s2{padding}"
    return " ".join(
        (
            _stem(padding),
            f"cat(conv1|conv1 conv5|conv1 2xconv3|{_AVERAGE})@Mixed_5b",
            f"9x{block_35} {block_35}@Block35",
            _reduction_35(padding),
            f"19x{block_17} {block_17}@PreAuxLogits",
            f"cat(conv1 {down}|conv1 {down}|conv1 conv3 {down}|maxpool3s2{padding})@Mixed_7a",
            f"9x{block_8} {block_8}@Block8 conv1@Conv2d_7b_1x1",
        )
    )


def _numbered(block: str, name: str, letters: str) -> str:
    return " ".join(f"{block}@{name}{letter}" for letter in letters)


_SLIM = "tensorflow/models slim/nets"
_V4_PAPER = "Szegedy et al. 2016, arXiv:1602.07261"
_CORNERS = (
    "The corners of the box are not seen: the last modules have 1 x 3 and 3 x 1 convolutions side "
    "by side.",
)
_SAME = "Padding, and so the positions of the boxes, depends on the input's size."

INCEPTIONS = (
    Preset(
        "inception-v2",
        _inception_v2,
        "Inception v2 up to Mixed_5c.",
        f"Ioffe & Szegedy 2015, arXiv:1502.03167; {_SLIM}/inception_v2.py.",
        (_SAME,),
    ),
    Preset(
        "inception-v3",
        _inception_v3,
        "Inception v3 up to Mixed_7c.",
        f"Szegedy et al. 2015, arXiv:1512.00567; {_SLIM}/inception_v3.py.",
        _CORNERS,
    ),
    Preset(
        "inception-v4",
        _inception_v4,
        "Inception v4 up to Mixed_7d.",
        f"{_V4_PAPER}; {_SLIM}/inception_v4.py.",
        _CORNERS,
    ),
    Preset(
        "inception-resnet-v2",
        partial(_inception_resnet_v2, "pv"),
        "Inception-ResNet v2 up to Conv2d_7b.",
        f"{_V4_PAPER}; {_SLIM}/inception_resnet_v2.py.",
    ),
    Preset(
        "inception-resnet-v2-same",
        partial(_inception_resnet_v2, "ps"),
        "Inception-ResNet v2 with SAME padding throughout.",
        f"{_V4_PAPER}; {_SLIM}/inception_resnet_v2.py (align_feature_maps).",
        (_SAME,),
    ),
)
