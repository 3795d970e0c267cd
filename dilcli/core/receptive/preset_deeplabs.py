"""Presets of the DeepLab series: v1 and v2 on VGG-16 and ResNet-101, v3, and v3+."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from dilcli.core.receptive.preset import Preset
from dilcli.core.receptive.preset_resnets import caffe_resnet, resnet
from dilcli.core.receptive.preset_stacks import vgg

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["DEEPLABS"]

#: Caffe rounds the sizes of pooled maps up.
_CAFFE_POOL = "maxpool:k=3,s=2,p=1,ceil=1"
_UNITS = {50: (3, 4, 6, 3), 101: (3, 4, 23, 3)}


def _vgg() -> str:
    """Write VGG-16 with wider pools, the last two without stride, the last block dilated."""
    pools = (_CAFFE_POOL,) * 3 + ("maxpool3s1p1",) * 2
    return vgg((2, 2, 3, 3, 3), pools).replace("conv3@conv5", "conv3d2@conv5")


def _v1(kernel: int, rate: int) -> str:
    return f"{_vgg()} conv{kernel}d{rate}@fc6 conv1@fc7 conv1@fc8"


def _v2_vgg(rates: tuple[int, ...]) -> str:
    branches = (
        f"conv3d{rate}@fc6_{number} conv1@fc7_{number} conv1@fc8_{number}"
        for number, rate in enumerate(rates, 1)
    )
    return f"{_vgg()} add({'|'.join(branches)})@fc8"


def _v2_resnet(rates: tuple[int, ...]) -> str:
    stem = f"conv7s2@conv1 {_CAFFE_POOL}@pool1"
    branches = (f"conv3d{rate}@fc1_c{number}" for number, rate in enumerate(rates))
    return f"{caffe_resnet(_UNITS[101], (1, 1, 2, 4), stem)} add({'|'.join(branches)})@fc1"


def _aspp(rates: tuple[int, ...], pooling: bool, conv: str = "conv3d{}") -> str:
    """Write the pyramid of v3: also a 1 x 1 convolution, and what is pooled over the image."""
    branches = ["conv1", *(conv.format(rate) for rate in rates)]
    if pooling:
        branches.append("gap conv1@image_pooling")
    return f"cat({'|'.join(branches)})@aspp conv1@projection"


def _v3(depth: int, stride: int, pooling: bool) -> str:
    if stride == 16:
        return f"{resnet(_UNITS[depth], 16)} {_aspp((6, 12, 18), pooling)} conv1@classifier"
    pyramid = _aspp((12, 24, 36), pooling)
    return f"{resnet(_UNITS[depth], 8)} {pyramid} conv3@head conv1@classifier"


def _xception() -> str:
    """Write Xception-65 dilated to output stride 16; ``low_level`` is at stride 4."""
    two = "2x(dwconv3 conv1)"
    unit = f"({two} dwconv3 conv1|id)"
    return " ".join(
        (
            "conv3s2@conv1_1 conv3@conv1_2",
            f"({two} dwconv3s2 conv1|conv1s2)@entry_block1",
            "(dwconv3 conv1 dwconv3 conv1@low_level dwconv3s2 conv1|conv1s2)@entry_block2",
            f"({two} dwconv3s2 conv1|conv1s2)@entry_block3",
            f"15x{unit} {unit}@middle_block1",
            f"({two} dwconv3 conv1|conv1)@exit_block1",
            "2x(dwconv3d2 conv1) dwconv3d2 conv1@exit_block2",
        )
    )


def _v3plus(backbone: str, low_level: str, conv: str, pyramid: str) -> str:
    return (
        f"{backbone} {pyramid} cat(up:k=4,mode=bilinear|from:{low_level} conv1)@concat "
        f"{conv}@decoder1 {conv}@decoder2 conv1@classifier"
    )


def _v3plus_xception(pooling: bool) -> str:
    pyramid = _aspp((6, 12, 18), pooling, "dwconv3d{} conv1")
    return _v3plus(_xception(), "low_level", "dwconv3 conv1", pyramid)


def _v3plus_resnet(pooling: bool) -> str:
    return _v3plus(resnet(_UNITS[101], 16), "layer1", "conv3", _aspp((6, 12, 18), pooling))


_V1_SOURCE = "Chen et al. 2015, arXiv:1412.7062, table 2; the released prototxt files."
_V2_SOURCE = "Chen et al. 2016, arXiv:1606.00915; the released prototxt files."
_V3_PAPER = "Chen et al. 2017, arXiv:1706.05587"
_V3_SOURCE = f"{_V3_PAPER}; pytorch/vision torchvision/models/segmentation/deeplabv3.py."
_V3PLUS_SOURCE = (
    "Chen et al. 2018, arXiv:1802.02611; tensorflow/models research/deeplab model.py, "
    "core/feature_extractor.py, core/xception.py."
)
_FIELD_OF_VIEW = (
    "The paper's field of view of {} is no receptive field: 8 rate (kernel - 1) + 32 counts each "
    "cell before fc6 as a tile of 32 pixels."
)
_POOLING = "Image pooling sees the whole input; {}-no-image-pooling leaves it out."
_NO_POOLING = "The branch that pools over the whole image is left out."
_NO_GRID = "The paper's multi-grid in the last stage is left out, as in torchvision."
_ENLARGED = (
    "The map is enlarged by 4 with half-pixel centres, so sizes must be multiples of 16. It is "
    "then not aligned with the low-level features; resizing that aligns corners, as the authors' "
    "does, aligns them.",
)
_V3_ALIASES = {
    "deeplab-v3-resnet50-os8": ("deeplab-v3-resnet50",),
    "deeplab-v3-resnet101-os8": ("deeplab-v3", "deeplab-v3-resnet101"),
    "deeplab-v3-resnet50-os16-no-image-pooling": ("deeplab-v3-r50-os16",),
    "deeplab-v3-resnet50-os8-no-image-pooling": ("deeplab-v3-r50-os8",),
    "deeplab-v3-resnet101-os8-no-image-pooling": (
        "deeplab-v3-r101-os8",
        "deeplab-v3-no-image-pooling",
    ),
}


def _v3_preset(depth: int, stride: int, pooling: bool) -> Preset:
    full = f"deeplab-v3-resnet{depth}-os{stride}"
    name = full if pooling else f"{full}-no-image-pooling"
    return Preset(
        name,
        partial(_v3, depth, stride, pooling),
        f"DeepLab v3 on ResNet-{depth}, output stride {stride}.",
        _V3_SOURCE if stride == 8 else f"{_V3_PAPER}, section 3.",
        (_POOLING.format(full) if pooling else _NO_POOLING, _NO_GRID),
        aliases=_V3_ALIASES.get(name, ()),
    )


def _v3plus_preset(
    name: str, backbone: str, layers: Callable[[bool], str], pooling: bool
) -> Preset:
    return Preset(
        name if pooling else f"{name}-no-image-pooling",
        partial(layers, pooling),
        f"DeepLab v3+ on {backbone}, output stride 16.",
        _V3PLUS_SOURCE,
        (_POOLING.format(name) if pooling else _NO_POOLING, *_ENLARGED),
    )


DEEPLABS = (
    Preset(
        "deeplab-v1",
        partial(_v1, 3, 12),
        "DeepLab-LargeFOV: VGG-16, fc6 of 3 x 3 at rate 12.",
        _V1_SOURCE,
        (_FIELD_OF_VIEW.format(224),),
        aliases=("deeplab-largefov",),
    ),
    Preset(
        "deeplab-v1-7x7",
        partial(_v1, 7, 4),
        "DeepLab-CRF-7x7: VGG-16, fc6 of 7 x 7 at rate 4.",
        _V1_SOURCE,
        (_FIELD_OF_VIEW.format(224),),
    ),
    Preset(
        "deeplab-v1-4x4",
        partial(_v1, 4, 8),
        "DeepLab-CRF-4x4: VGG-16, fc6 of 4 x 4 at rate 8.",
        _V1_SOURCE,
        (_FIELD_OF_VIEW.format(224),),
    ),
    Preset(
        "deeplab-v1-4x4-rate4",
        partial(_v1, 4, 4),
        "DeepLab-CRF: VGG-16, fc6 of 4 x 4 at rate 4.",
        _V1_SOURCE,
        (_FIELD_OF_VIEW.format(128),),
    ),
    Preset(
        "deeplab-v2",
        partial(_v2_vgg, (6, 12, 18, 24)),
        "DeepLab v2 on VGG-16 with ASPP-L.",
        _V2_SOURCE,
        aliases=("deeplab-v2-aspp-l",),
    ),
    Preset(
        "deeplab-v2-aspp-s",
        partial(_v2_vgg, (2, 4, 8, 12)),
        "DeepLab v2 on VGG-16 with ASPP-S.",
        _V2_SOURCE,
    ),
    Preset(
        "deeplab-v2-resnet101",
        partial(_v2_resnet, (6, 12, 18, 24)),
        "DeepLab v2 on ResNet-101 with ASPP.",
        "Chen et al. 2016, arXiv:1606.00915; kazuto1011/deeplab-pytorch libs/models/deeplabv2.py.",
    ),
    *(
        _v3_preset(depth, stride, pooling)
        for depth, stride in ((50, 16), (50, 8), (101, 8))
        for pooling in (True, False)
    ),
    *(_v3plus_preset("deeplab-v3plus", "Xception-65", _v3plus_xception, p) for p in (True, False)),
    *(
        _v3plus_preset("deeplab-v3plus-resnet101", "ResNet-101", _v3plus_resnet, p)
        for p in (True, False)
    ),
)
