"""Presets that go up again: U-Net, V-Net, feature pyramids, and UPSNet on one of them."""

from __future__ import annotations

from functools import partial

from dilcli.core.receptive.preset import Preset
from dilcli.core.receptive.preset_resnets import caffe_resnet, resnet

__all__ = ["DECODERS"]

_RESNET_50 = (3, 4, 6, 3)


def _unet() -> str:
    down = (f"conv3pv conv3pv@down{level} maxpool2" for level in range(1, 5))
    crops = ((4, 4), (3, 16), (2, 40), (1, 88))
    up = (
        f"cat(tconv2s2|from:down{level} crop{crop}) conv3pv conv3pv@up{level}"
        for level, crop in crops
    )
    return " ".join((*down, "conv3pv conv3pv@bottom", *up, "conv1@scores"))


def _vnet() -> str:
    left = (1, 2, 3, 3)
    down = (
        f"({_convolutions(count)}|id)@left{level} conv2s2p0" for level, count in enumerate(left, 1)
    )
    up = (
        f"tconv2s2@from{level} (cat(id|from:left{level}) {_convolutions(count)}|id)@right{level}"
        for level, count in ((4, 3), (3, 3), (2, 2), (1, 1))
    )
    return " ".join((*down, "(3xconv5|id)@left5", *up, "conv1@scores"))


def _convolutions(count: int) -> str:
    return "conv5" if count == 1 else f"{count}xconv5"


def _fpn(backbone: str, stages: str, top: str = "conv1@m5") -> str:
    """Write the pyramid on a backbone whose stages are called `stages` 1 to 4."""
    first = int(stages[-1])
    name = stages[:-1]
    ways = (f"(up2|from:{name}{first + level - 2} conv1)@m{level}" for level in (4, 3, 2))
    outputs = (f"from:m{level} conv3@p{level}" for level in (5, 4, 3, 2))
    return " ".join((backbone, top, *ways, *outputs))


def _upsnet(convolutions: int, top: str = "conv1@m5") -> str:
    pyramid = _fpn(caffe_resnet(_RESNET_50), "res2", top)
    head = f"{convolutions}xconv3"
    enlarged = (
        f"from:p{level} {head} up:k={factor},mode=bilinear"
        for level, factor in ((3, 2), (4, 4), (5, 8))
    )
    return f"{pyramid} cat(from:p2 {head}|{'|'.join(enlarged)})@semantic conv1@scores"


_UPSNET = (
    "Xiong et al. 2019, arXiv:1901.03784; uber-research/UPSNet upsnet/models/resnet.py, fpn.py, "
    "fcn.py, upsnet/experiments/{}."
)
_DEFORMABLE = (
    "The head's deformable convolutions are counted on their regular 3 x 3 grid; learned offsets "
    "can reach any pixel."
)
_PYRAMID = (
    "Input sizes must be multiples of 32.",
    "Nearest enlarging by 2 is not aligned with the stage it is added to.",
)

DECODERS = (
    Preset(
        "unet",
        _unet,
        "U-Net of 2015, without padding.",
        "Ronneberger, Fischer & Brox 2015, arXiv:1505.04597, figure 1.",
        ("572 pixels give 388 outputs, which see 188 or 204 pixels, depending on their place.",),
    ),
    Preset(
        "vnet",
        _vnet,
        "V-Net, in three dimensions.",
        "Milletari, Navab & Ahmadi 2016, arXiv:1606.04797, figure 2 and table 1.",
        ("The table's numbers of the right side are those of --tconv-rule paper.",),
        axes=3,
    ),
    Preset(
        "resnet50-fpn",
        lambda: _fpn(resnet(_RESNET_50), "layer1"),
        "Feature pyramid on ResNet-50, levels p2 to p5.",
        "Lin et al. 2017, arXiv:1612.03144; pytorch/vision "
        "torchvision/ops/feature_pyramid_network.py.",
        _PYRAMID,
        aliases=("fpn",),
    ),
    Preset(
        "upsnet-semantic",
        partial(_upsnet, 2),
        "UPSNet: ResNet-50, FPN and semantic head, Cityscapes.",
        _UPSNET.format("upsnet_resnet50_cityscapes.yaml"),
        (_DEFORMABLE, *_PYRAMID),
        aliases=("upsnet", "upsnet-cityscapes"),
    ),
    Preset(
        "upsnet-coco",
        partial(_upsnet, 3, "(conv1|gap conv1)@m5"),
        "UPSNet for COCO: a deeper head, global pooling in FPN.",
        _UPSNET.format("upsnet_resnet50_coco_16gpu.yaml"),
        (
            "Global pooling after the last stage sees the whole input.",
            _DEFORMABLE,
            *_PYRAMID,
        ),
    ),
)
