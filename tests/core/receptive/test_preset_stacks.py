"""AlexNet, VGG, MobileNet and the discriminators of pix2pix, layer by layer."""

from __future__ import annotations

import pytest

from dilcli.core.receptive.preset_stacks import STACKS, vgg
from dilcli.core.receptive.presets import preset
from tests.preset_numbers import seen
from tests.receptive_cases import CASES


@pytest.mark.parametrize(
    "record",
    [c for c in CASES if c["name"].startswith(("alexnet_v2", "vgg_16@", "vgg_a"))],
    ids=lambda record: record["name"],
)
def test_end_points_see_what_the_published_table_says(record: dict[str, object]) -> None:
    network, _, end_point = str(record["name"]).partition("@None/")
    name = {"alexnet_v2": "alexnet-slim", "vgg_16": "vgg16", "vgg_a": "vgg11"}[network]
    rows = {row.node.name: row.field for row in seen(preset(name)).rows}
    field = rows[end_point.rpartition("/")[2]]
    expected = record["expected"]
    assert isinstance(expected, dict)
    assert field.rf == (expected["rf"],) * 2
    assert field.effective_stride == (expected["effective_stride"],) * 2
    assert field.effective_padding == (expected["effective_padding"],) * 2


@pytest.mark.parametrize("number", range(1, 6))
def test_a_discriminator_sees_what_is_counted_back_from_its_output(number: int) -> None:
    size = 1
    for stride in [1, 1] + [2] * number:
        size = (size - 1) * stride + 4
    assert seen(preset(f"patchgan{size}")).summary.rf == (size, size)


def test_alexnet_and_its_slim_kin_differ_in_padding_alone() -> None:
    ours, slim = (seen(preset(name)).summary for name in ("alexnet", "alexnet-slim"))
    assert ours.rf == slim.rf
    assert ours.effective_padding != slim.effective_padding


def test_an_image_of_224_gives_the_maps_that_are_taught() -> None:
    sizes = {"alexnet": 6, "vgg11": 7, "vgg16": 7, "vgg19": 7, "mobilenet-v1": 7}
    for name, size in sizes.items():
        assert seen(preset(name), 224).summary.output_size == (size, size)


def test_vgg_has_as_many_convolutions_as_its_name_says_with_three_to_come() -> None:
    for depth in (11, 16, 19):
        assert preset(f"vgg{depth}").text.count("conv3@") == depth - 3


def test_blocks_end_with_the_pools_that_are_asked_for() -> None:
    assert vgg((1, 2), ("maxpool2", "avgpool3s1p1")) == (
        "conv3@conv1_1 maxpool2@pool1 conv3@conv2_1 conv3@conv2_2 avgpool3s1p1@pool2"
    )


def test_mobilenet_has_thirteen_depthwise_convolutions() -> None:
    (entry,) = (entry for entry in STACKS if entry.name == "mobilenet-v1")
    assert entry.text.count("dwconv3") == 13
