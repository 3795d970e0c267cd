"""What is known of the named networks: numbers of papers, and sums by hand."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dilcli.core.receptive.fields import ReceptiveField, receptive_field
from dilcli.core.receptive.network import lay_out
from dilcli.core.receptive.text import parse_items

if TYPE_CHECKING:
    from dilcli.core.receptive.presets import Preset

__all__ = ["BY_HAND", "PUBLISHED", "Known", "seen"]

TABLE = "google-research/receptive_field RECEPTIVE_FIELD_TABLE.md"
PIX2PIX = "phillipi/pix2pix scripts/receptive_field_sizes.m"
TOOLBOX = "MLRichter/receptive_field_analysis_toolbox"

#: Name, receptive field (None: the whole input), effective stride, input size, effective padding
#: (None: unknown, or no one number), and who says so.
Known = tuple[str, int | None, int, int | None, int | None, str]

PUBLISHED: tuple[Known, ...] = (
    ("alexnet-slim", 195, 32, None, 64, TABLE),
    ("vgg11", 150, 32, None, 59, TABLE),
    ("vgg16", 212, 32, None, 90, TABLE),
    ("mobilenet-v1", 315, 32, None, None, TABLE),
    ("mobilenet-v1", 315, 32, 224, 126, TABLE),
    ("mobilenet-v1", 315, 32, 321, 157, TABLE),
    ("resnet50-v1", 483, 32, None, None, TABLE),
    ("resnet50-v1", 483, 32, 224, 239, TABLE),
    ("resnet50-v1", 483, 32, 321, 241, TABLE),
    ("resnet101-v1", 1027, 32, 224, 511, TABLE),
    ("resnet101-v1", 1027, 32, 321, 513, TABLE),
    ("resnet152-v1", 1507, 32, 224, 751, TABLE),
    ("resnet152-v1", 1507, 32, 321, 753, TABLE),
    ("resnet200-v1", 1763, 32, 224, 879, TABLE),
    ("resnet200-v1", 1763, 32, 321, 881, TABLE),
    ("inception-v2", 699, 32, None, None, TABLE),
    ("inception-v2", 699, 32, 224, 318, TABLE),
    ("inception-v2", 699, 32, 321, 349, TABLE),
    ("inception-v3", 1311, 32, None, 618, TABLE),
    ("inception-v3", 1311, 32, 321, 618, TABLE),
    ("inception-v4", 2071, 32, None, 998, TABLE),
    ("inception-resnet-v2", 3039, 32, None, 1482, TABLE),
    ("inception-resnet-v2-same", 3039, 32, None, None, TABLE),
    ("inception-resnet-v2-same", 3039, 32, 224, 1488, TABLE),
    ("inception-resnet-v2-same", 3039, 32, 321, 1519, TABLE),
    ("resnet18", 435, 32, None, 217, f"{TOOLBOX} tests/test_graph/test_dynamic_graph.py"),
    ("resnet50", 427, 32, None, 213, f"{TOOLBOX} README.md"),
    ("yu-koltun-context", 67, 1, None, 33, "arXiv:1511.07122, table 1"),
    ("wavenet", 1024, 1, None, 1023, "arXiv:1609.03499, section 2.1"),
    ("tcn", 253, 1, None, 252, "philipperemy/keras-tcn 3.5.7, receptive_field"),
    ("patchgan16", 16, 2, None, 5, PIX2PIX),
    ("patchgan34", 34, 4, None, 11, PIX2PIX),
    ("patchgan70", 70, 8, None, 23, PIX2PIX),
    ("patchgan142", 142, 16, None, 47, PIX2PIX),
    ("patchgan286", 286, 32, None, 95, PIX2PIX),
)

#: VGG-16 before fc6 in DeepLab: windows of 3 in five blocks and their pools, at jumps 1 to 8.
DEEPLAB_VGG = 1 + 2 * ((2 + 1) + (2 + 1) * 2 + (3 + 1) * 4 + (3 + 1) * 8 + (3 * 2 + 1) * 8)
#: DRN between its first three and last stages: basic units, and bottlenecks in D-54.
DRN_BASIC = (2 + 3 * 4) + (4 + 3 * 8) + 4 * 2 * 8 + 4 * 4 * 8
DRN_54 = (2 + 2 * 4) + (4 + 3 * 8) + 6 * 2 * 8 + 3 * 4 * 8

#: Sums by hand, 2 x dilation x jump for each window of 3; columns as above.
BY_HAND: tuple[Known, ...] = (
    ("alexnet", 195, 32, None, 64 + 2, "conv1 has padding 2"),
    ("vgg19", 212 + 2 * (4 + 8 + 16), 32, None, 90 + 4 + 8 + 16, "a convolution more in 3 blocks"),
    ("resnet34", 11 + 2 * (6 * 4 + 4 + 7 * 8 + 8 + 11 * 16 + 16 + 5 * 32), 32, None, 449, "sum"),
    ("resnet101", 11 + 2 * (3 * 4 + 4 + 3 * 8 + 8 + 22 * 16 + 16 + 2 * 32), 32, None, 485, "sum"),
    ("resnet152", 11 + 2 * (3 * 4 + 4 + 7 * 8 + 8 + 35 * 16 + 16 + 2 * 32), 32, None, 725, "sum"),
    ("resnet50-os16", 427, 16, None, 213, "dilation in place of stride"),
    ("resnet50-os8", 427, 8, None, 213, "dilation in place of stride"),
    ("resnet101-os16", 971, 16, None, 485, "dilation in place of stride"),
    ("resnet101-os8", 971, 8, None, 485, "dilation in place of stride"),
    ("yu-koltun-frontend", 380, 8, 900, 0, "900 pixels give 66 outputs: 900 - 8 * 65"),
    ("yu-koltun", 380 + 8 * (67 - 1), 8, None, 8 * 33, "front end, then context"),
    ("deeplab-v1", DEEPLAB_VGG + 8 * 12 * 2, 8, None, 209, "3 x 3 at rate 12"),
    ("deeplab-v1-7x7", DEEPLAB_VGG + 8 * 4 * 6, 8, None, 209, "7 x 7 at rate 4"),
    ("deeplab-v1-4x4", DEEPLAB_VGG + 8 * 8 * 3, 8, None, 209, "4 x 4 at rate 8"),
    ("deeplab-v1-4x4-rate4", DEEPLAB_VGG + 8 * 4 * 3, 8, None, 161, "4 x 4 at rate 4"),
    ("deeplab-v2", DEEPLAB_VGG + 8 * 24 * 2, 8, None, 305, "the largest rate is 24"),
    ("deeplab-v2-aspp-s", DEEPLAB_VGG + 8 * 12 * 2, 8, None, 209, "the largest rate is 12"),
    ("deeplab-v2-resnet101", 1027 + 8 * 24 * 2, 8, None, 705, "ResNet-101 v1, then rate 24"),
    ("deeplab-v3", None, 8, None, 781, "image pooling"),
    ("deeplab-v3-resnet50-os16", None, 16, None, 501, "image pooling"),
    ("deeplab-v3-resnet50-os8", None, 8, None, 509, "image pooling"),
    ("deeplab-v3-resnet50-os16-no-image-pooling", 427 + 16 * 2 * 18, 16, None, 501, "sum"),
    ("deeplab-v3-resnet50-os8-no-image-pooling", 427 + 8 * 2 * 37, 8, None, 509, "sum"),
    ("deeplab-v3-resnet101-os8-no-image-pooling", 971 + 8 * 2 * 37, 8, None, 781, "sum"),
    ("deeplab-v3plus", None, 4, None, None, "image pooling"),
    ("deeplab-v3plus-resnet101", None, 4, None, None, "image pooling"),
    (
        "deeplab-v3plus-resnet101-no-image-pooling",
        971 + 16 * 2 * 18 + 16 + 4 * 2 * 2,
        4,
        None,
        None,
        "rate 18, two cells where enlarged, two convolutions",
    ),
    ("upsnet-coco", None, 4, None, None, "global pooling"),
    ("aspp-s", 1 + 2 * 12, 1, None, 12, "the largest rate"),
    ("aspp-l", 1 + 2 * 24, 1, None, 24, "the largest rate"),
    ("drn-c-26", 7 + 2 * (2 + 3 + DRN_BASIC + 2 * 2 * 8 + 2 * 8), 8, None, 290, "sum"),
    ("drn-d-22", 7 + 2 * (1 + 1 + DRN_BASIC + 2 * 8 + 8), 8, None, 263, "sum"),
    ("drn-d-54", 7 + 2 * (1 + 1 + DRN_54 + 2 * 8 + 8), 8, None, 259, "sum"),
    ("drn-d-105", 519 + 2 * 17 * 2 * 8, 8, None, 531, "17 units more than D-54"),
    ("hdc", 1 + 2 * (1 + 2 + 5), 1, None, 8, "sum"),
    ("gridding-222", 1 + 2 * (2 + 2 + 2), 1, None, 6, "sum"),
    ("gridding-248", 1 + 2 * (2 + 4 + 8), 1, None, 14, "sum"),
    ("wavenet-3", 1 + 3 * 1023, 1, None, 3069, "sum"),
)


def seen(entry: Preset, size: int | None = None) -> ReceptiveField:
    """Work a preset out, for an input of `size` along each axis."""
    network = lay_out(parse_items(entry.text), entry.axes)
    return receptive_field(network, input_size=None if size is None else (size,) * entry.axes)
