"""Presets that are about dilation itself: context modules, pyramids, causal stacks, gridding."""

from __future__ import annotations

from functools import partial

from dilcli.core.receptive.preset import Preset

__all__ = ["DILATED"]


def _pyramid(rates: tuple[int, ...]) -> str:
    return f"add({'|'.join(f'conv3d{rate}' for rate in rates)})"


def _front_end() -> str:
    """Write VGG-16 without its last two pools, without padding, as a dense predictor."""
    blocks = []
    for block, (count, options) in enumerate(((2, ""), (2, ""), (3, ""), (3, ""), (3, "d2")), 1):
        names = (f"conv3{options}pv@conv{block}_{number}" for number in range(1, count + 1))
        blocks.append(" ".join(names) + (f" maxpool2@pool{block}" if block < 4 else ""))
    return " ".join((*blocks, "conv7d4pv@fc6 conv1@fc7 conv1@fc_final"))


def _context() -> str:
    return (
        "conv3@layer1 conv3@layer2 conv3d2@layer3 conv3d4@layer4 conv3d8@layer5 "
        "conv3d16@layer6 conv3@layer7 conv1@layer8"
    )


def _released_context() -> str:
    return (
        "conv3p33@ct_conv1_1 conv3pv@ct_conv1_2 conv3d2pv@ct_conv2_1 conv3d4pv@ct_conv3_1 "
        "conv3d8pv@ct_conv4_1 conv3d16pv@ct_conv5_1 conv3pv@ct_fc1 conv1@ct_final"
    )


def _wavenet(blocks: int) -> str:
    block = " ".join(f"conv:k=2,d={2**power},p=causal" for power in range(10))
    return " ".join(f"{block}@block{number}" for number in range(1, blocks + 1))


def _tcn() -> str:
    levels = ("conv3" + (f"d{2**i}" if i else "") + "pc" for i in range(6))
    return " ".join(f"{conv} {conv}@level{number}" for number, conv in enumerate(levels, 1))


_YU_KOLTUN = "Yu & Koltun 2016, arXiv:1511.07122"
_PASCAL = "fyu/dilation models/dilation8_pascal_voc_deploy.prototxt"
_HDC = "Wang et al. 2018, arXiv:1702.08502."
_ASPP = "Chen et al. 2017, arXiv:1606.00915, table 3."
_IN_CELLS = "Sizes are in cells of the feature map that the pyramid looks at."
_CAUSAL = "Shortcuts of residual units are left out: they see nothing more."

DILATED = (
    Preset(
        "yu-koltun-context",
        _context,
        "Context module: 3 x 3 convolutions, dilation up to 16.",
        f"{_YU_KOLTUN}, table 1.",
        (_IN_CELLS,),
    ),
    Preset(
        "yu-koltun-frontend",
        _front_end,
        "VGG-16 as a dense predictor, without padding.",
        f"{_YU_KOLTUN}; {_PASCAL}.",
        ("900 pixels give 66 outputs.",),
    ),
    Preset(
        "yu-koltun",
        lambda: f"{_front_end()} {_released_context()}",
        "Front end and context module, as released.",
        f"{_YU_KOLTUN}; {_PASCAL}.",
        ("All padding of the context module is in its first layer, as in the released network.",),
        aliases=("dilation8",),
    ),
    Preset(
        "aspp-s",
        partial(_pyramid, (2, 4, 8, 12)),
        "Atrous spatial pyramid, rates 2, 4, 8, 12.",
        _ASPP,
        (_IN_CELLS,),
    ),
    Preset(
        "aspp-l",
        partial(_pyramid, (6, 12, 18, 24)),
        "Atrous spatial pyramid, rates 6, 12, 18, 24.",
        _ASPP,
        (_IN_CELLS,),
        aliases=("aspp",),
    ),
    Preset(
        "hdc",
        "conv3 conv3d2 conv3d5",
        "Hybrid dilated convolution 1, 2, 5: no holes.",
        _HDC,
    ),
    Preset(
        "gridding-222",
        "conv3d2 conv3d2 conv3d2",
        "A bad example: equal rates see every other pixel.",
        _HDC,
    ),
    Preset(
        "gridding-248",
        "conv3d2 conv3d4 conv3d8",
        "A bad example: rates with a common divisor.",
        _HDC,
    ),
    Preset(
        "wavenet",
        partial(_wavenet, 1),
        "One block of WaveNet: causal, kernel 2, rates to 512.",
        "van den Oord et al. 2016, arXiv:1609.03499, section 2.1.",
        ("A causal convolution of kernel 2 before the block would add 1.", _CAUSAL),
        axes=1,
    ),
    Preset(
        "wavenet-3",
        partial(_wavenet, 3),
        "Three blocks of WaveNet, one after another.",
        "van den Oord et al. 2016, arXiv:1609.03499, section 2.1.",
        ("1 + 3 x 1023: the popular 3 x 1024 counts one pixel three times.", _CAUSAL),
        axes=1,
    ),
    Preset(
        "tcn",
        _tcn,
        "Temporal convolutional network, kernel 3, 6 levels.",
        "Bai, Kolter & Koltun 2018, arXiv:1803.01271; philipperemy/keras-tcn tcn/tcn.py.",
        ("1 + 2 (kernel - 1) (sum of the rates): a level has two convolutions.", _CAUSAL),
        axes=1,
    ),
)
