"""Presets without branches: AlexNet, VGG, MobileNet, and the discriminators of pix2pix."""

from __future__ import annotations

from functools import partial

from dilcli.core.receptive.preset import Preset

__all__ = ["STACKS", "vgg"]


def vgg(convolutions: tuple[int, ...], pools: tuple[str, ...] = ("maxpool2",) * 5) -> str:
    """Write VGG's blocks: some 3 x 3 convolutions and a pool each, with the paper's names.

    Parameters
    ----------
    convolutions : tuple of int
        How many there are in each block.
    pools : tuple of str
        The pool after each block.
    """
    return " ".join(
        " ".join(f"conv3@conv{block}_{number}" for number in range(1, count + 1))
        + f" {pool}@pool{block}"
        for block, (count, pool) in enumerate(zip(convolutions, pools, strict=True), 1)
    )


def _mobilenet() -> str:
    strides = (1, 2, 1, 2, 1, 2, 1, 1, 1, 1, 1, 2, 1)
    units = (
        f"dwconv3s{stride}ps@Conv2d_{number}_depthwise conv1@Conv2d_{number}_pointwise"
        for number, stride in enumerate(strides, 1)
    )
    return " ".join(("conv3s2ps@Conv2d_0", *units))


def _patchgan(downsampling: int) -> str:
    return " ".join((*["conv4s2p1"] * downsampling, "conv4p1 conv4p1@scores"))


_VGG = "Simonyan & Zisserman 2014, arXiv:1409.1556; tensorflow/models slim/nets/vgg.py."
_PATCHGAN = "Isola et al. 2017, arXiv:1611.07004; phillipi/pix2pix scripts/receptive_field_sizes.m."

STACKS = (
    Preset(
        "alexnet",
        "conv11s4p2@conv1 maxpool3s2@pool1 conv5@conv2 maxpool3s2@pool2 "
        "conv3@conv3 conv3@conv4 conv3@conv5 maxpool3s2@pool5",
        "AlexNet up to its last pool, as in torchvision.",
        "Krizhevsky 2014, arXiv:1404.5997; pytorch/vision torchvision/models/alexnet.py.",
    ),
    Preset(
        "alexnet-slim",
        "conv11s4pv@conv1 maxpool3s2@pool1 conv5@conv2 maxpool3s2@pool2 "
        "conv3@conv3 conv3@conv4 conv3@conv5 maxpool3s2@pool5",
        "AlexNet as in TF-slim: no padding before conv1.",
        "Krizhevsky 2014, arXiv:1404.5997; tensorflow/models slim/nets/alexnet.py.",
    ),
    Preset(
        "vgg11",
        partial(vgg, (1, 1, 2, 2, 2)),
        "VGG configuration A up to pool5.",
        _VGG,
        aliases=("vgg-a",),
    ),
    Preset(
        "vgg16",
        partial(vgg, (2, 2, 3, 3, 3)),
        "VGG configuration D up to pool5.",
        _VGG,
        aliases=("vgg-d", "vgg"),
    ),
    Preset(
        "vgg19",
        partial(vgg, (2, 2, 4, 4, 4)),
        "VGG configuration E up to pool5.",
        _VGG,
        aliases=("vgg-e",),
    ),
    Preset(
        "mobilenet-v1",
        _mobilenet,
        "MobileNet with depthwise convolutions, TensorFlow's SAME.",
        "Howard et al. 2017, arXiv:1704.04861; tensorflow/models slim/nets/mobilenet_v1.py.",
        ("Padding, and so the positions of the boxes, depends on the input's size.",),
        aliases=("mobilenet",),
    ),
    *(
        Preset(
            f"patchgan{size}",
            _patchgan(number),
            f"Discriminator of pix2pix that judges patches of {size}.",
            _PATCHGAN,
            aliases=("patchgan",) if size == 70 else (),
        )
        for number, size in enumerate((16, 34, 70, 142, 286), 1)
    ),
)
