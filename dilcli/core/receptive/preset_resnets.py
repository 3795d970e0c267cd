"""Presets of residual networks: ResNets of three makers, dilated or not, and DRN."""

from __future__ import annotations

from functools import partial

from dilcli.core.receptive.preset import Preset

__all__ = ["RESNETS", "caffe_resnet", "resnet", "stage"]

_STEM = "conv7s2@conv1 maxpool3s2p1@maxpool"


def stage(units: int, first: str, other: str, last: str, name: str) -> str:
    """Write the units of a stage one after another; the last one bears its name."""
    middle = "" if units == 2 else other if units == 3 else f"{units - 2}x{other}"
    return " ".join(filter(None, (first, middle, f"{last}@{name}")))


def bottleneck(stride: int = 1, dilation: int = 1, shortcut: str = "id") -> str:
    """Write a residual unit whose 3 x 3 convolution has the stride (ResNet v1.5)."""
    return f"(conv1 conv3{_options(stride, dilation)} conv1|{shortcut})"


def basic(stride: int = 1, dilation: int = 1, shortcut: str = "id") -> str:
    """Write a residual unit of two 3 x 3 convolutions."""
    return f"(conv3{_options(stride, dilation)} conv3{_options(1, dilation)}|{shortcut})"


def _options(stride: int, dilation: int) -> str:
    return (f"s{stride}" if stride > 1 else "") + (f"d{dilation}" if dilation > 1 else "")


def _projection(stride: int) -> str:
    return f"conv1{_options(stride, 1)}"


def resnet(units: tuple[int, ...], output_stride: int = 32) -> str:
    """Write a ResNet as in torchvision, strides beyond `output_stride` replaced by dilation.

    The first unit of a stage without its stride keeps the dilation of the stage before.
    """
    stages, reached, dilation = [], 4, 1
    for number, count in enumerate(units, 1):
        stride, before = (1 if number == 1 else 2), dilation
        if reached * stride > output_stride:
            stride, dilation = 1, dilation * 2
        reached *= stride
        first, other = bottleneck(stride, before, _projection(stride)), bottleneck(1, dilation)
        stages.append(stage(count, first, other, other, f"layer{number}"))
    return " ".join((_STEM, *stages))


def basic_resnet(units: tuple[int, ...]) -> str:
    """Write a ResNet of basic units as in torchvision."""
    stages = []
    for number, count in enumerate(units, 1):
        first = basic() if number == 1 else basic(2, shortcut=_projection(2))
        stages.append(stage(count, first, basic(), basic(), f"layer{number}"))
    return " ".join((_STEM, *stages))


def caffe_resnet(
    units: tuple[int, ...],
    dilations: tuple[int, ...] = (1, 1, 1, 1),
    stem: str = _STEM,
) -> str:
    """Write a ResNet as its authors released it: strides in the first 1 x 1 convolutions."""
    stages = []
    for number, (count, dilation) in enumerate(zip(units, dilations, strict=True), 2):
        down = "s2" if number > 2 and dilation == 1 else ""
        first = f"(conv1{down} conv3{_options(1, dilation)} conv1|conv1{down})"
        other = bottleneck(1, dilation)
        stages.append(stage(count, first, other, other, f"res{number}"))
    return " ".join((stem, *stages))


def slim_resnet(units: tuple[int, ...]) -> str:
    """Write a ResNet as in TF-slim: strides in the last units, sampled shortcuts."""
    stages = []
    for number, count in enumerate(units, 1):
        first, other = bottleneck(shortcut="conv1"), bottleneck()
        last = other if number == len(units) else bottleneck(2, shortcut="maxpool1s2")
        stages.append(stage(count, first, other, last, f"block{number}"))
    return " ".join(("conv7s2@conv1 maxpool3s2ps@pool1", *stages))


def drn_c(units: tuple[int, ...]) -> str:
    """Write a DRN-C of basic units; the last two stages have no shortcuts."""
    return " ".join(
        (
            "conv7@conv1",
            f"{basic()}@layer1",
            f"{basic(2, shortcut='conv1s2')}@layer2",
            *_drn_middle(units),
            "conv3d2 conv3d2@layer7 conv3 conv3@layer8",
        )
    )


def drn_d(units: tuple[int, ...], bottlenecks: bool = False) -> str:
    """Write a DRN-D: plain convolutions in stages 1, 2, 7 and 8, residual units between."""
    return " ".join(
        (
            "conv7@layer0 conv3@layer1 conv3s2@layer2",
            *_drn_middle(units, bottlenecks),
            "conv3d2@layer7 conv3@layer8",
        )
    )


def _drn_middle(units: tuple[int, ...], bottlenecks: bool = False) -> list[str]:
    stages = []
    for number, (count, stride, dilation) in enumerate(
        zip(units, (2, 2, 1, 1), (1, 1, 2, 4), strict=True), 3
    ):
        if bottlenecks:
            first = bottleneck(stride, dilation, _projection(stride))
            other = bottleneck(1, dilation)
        else:
            first = basic(stride, dilation, _projection(stride))
            other = basic(1, dilation)
        stages.append(stage(count, first, other, other, f"layer{number}"))
    return stages


_PAPER = "He et al. 2016, arXiv:1512.03385"
_TORCHVISION = f"{_PAPER}; pytorch/vision torchvision/models/resnet.py."
_SLIM = f"{_PAPER}; tensorflow/models slim/nets/resnet_v1.py, resnet_utils.py."
_DRN_SOURCE = "Yu, Koltun & Funkhouser 2017, arXiv:1705.09914; fyu/drn drn.py."
_V15 = "The stride is in the 3 x 3 convolution (ResNet v1.5), which makes it see less than v1."
_SLIM_NOTES = (
    "The stride is in the last unit of a block. The published ResNet and ResNet v2 have the same "
    "receptive field.",
    "Padding depends on the input's size: pool1 has TensorFlow's SAME.",
)
_REPLACED = (
    "Strides are replaced by dilation (torchvision: replace_stride_with_dilation), which leaves "
    "the receptive field as it is.",
)

_UNITS = {50: (3, 4, 6, 3), 101: (3, 4, 23, 3), 152: (3, 8, 36, 3), 200: (3, 24, 36, 3)}

RESNETS = (
    Preset(
        "resnet18",
        partial(basic_resnet, (2, 2, 2, 2)),
        "ResNet-18, as in torchvision.",
        _TORCHVISION,
    ),
    Preset(
        "resnet34",
        partial(basic_resnet, (3, 4, 6, 3)),
        "ResNet-34, as in torchvision.",
        _TORCHVISION,
    ),
    *(
        Preset(
            f"resnet{depth}",
            partial(resnet, _UNITS[depth]),
            f"ResNet-{depth}, as in torchvision.",
            _TORCHVISION,
            (_V15,),
        )
        for depth in (50, 101, 152)
    ),
    *(
        Preset(
            f"resnet{depth}-v1",
            partial(slim_resnet, _UNITS[depth]),
            f"ResNet-{depth}, as in TF-slim.",
            _SLIM,
            _SLIM_NOTES,
            aliases=(f"resnet{depth}-v2",),
        )
        for depth in (50, 101, 152, 200)
    ),
    *(
        Preset(
            f"resnet{depth}-os{stride}",
            partial(resnet, _UNITS[depth], stride),
            f"ResNet-{depth}, dilated to output stride {stride}.",
            _TORCHVISION,
            _REPLACED,
        )
        for depth, stride in ((50, 16), (50, 8), (101, 16), (101, 8))
    ),
    Preset(
        "drn-c-26",
        partial(drn_c, (2, 2, 2, 2)),
        "Dilated residual network C-26.",
        _DRN_SOURCE,
    ),
    Preset(
        "drn-d-22",
        partial(drn_d, (2, 2, 2, 2)),
        "Dilated residual network D-22.",
        _DRN_SOURCE,
    ),
    Preset(
        "drn-d-54",
        partial(drn_d, (3, 4, 6, 3), bottlenecks=True),
        "Dilated residual network D-54.",
        _DRN_SOURCE,
    ),
    Preset(
        "drn-d-105",
        partial(drn_d, (3, 4, 23, 3), bottlenecks=True),
        "Dilated residual network D-105.",
        _DRN_SOURCE,
    ),
)
