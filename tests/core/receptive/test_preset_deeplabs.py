"""The DeepLab series: fields of view that are none, pyramids, decoders."""

from __future__ import annotations

import pytest

from dilcli.core.receptive.preset_deeplabs import DEEPLABS
from dilcli.core.receptive.presets import Preset, preset
from tests.preset_numbers import seen


@pytest.mark.parametrize(
    ("name", "kernel", "rate", "published"),
    [
        ("deeplab-v1-7x7", 7, 4, 224),
        ("deeplab-v1-4x4-rate4", 4, 4, 128),
        ("deeplab-v1-4x4", 4, 8, 224),
        ("deeplab-v1", 3, 12, 224),
    ],
)
def test_the_published_field_of_view_is_said_to_be_no_receptive_field(
    name: str, kernel: int, rate: int, published: int
) -> None:
    entry = preset(name)
    assert f"conv{kernel}d{rate}@fc6" in entry.text
    assert 8 * rate * (kernel - 1) + 32 == published
    assert f"field of view of {published} " in entry.notes[0]
    assert seen(entry).summary.rf != (published, published)


@pytest.mark.parametrize(
    "name", ["deeplab-v1", "deeplab-v1-7x7", "deeplab-v2", "deeplab-v2-resnet101"]
)
def test_321_pixels_give_maps_of_41_as_in_the_released_networks(name: str) -> None:
    assert seen(preset(name), 321).summary.output_size == (41, 41)


def test_caffe_rounds_the_sizes_of_pooled_maps_up() -> None:
    fields = {row.node.name: row.field for row in seen(preset("deeplab-v1"), 320).rows}
    assert fields["pool1"].output_size == (161, 161)


@pytest.mark.parametrize(
    "entry", [e for e in DEEPLABS if e.name.endswith("-no-image-pooling")], ids=lambda e: e.name
)
def test_image_pooling_is_what_makes_the_receptive_field_the_whole_image(entry: Preset) -> None:
    whole = preset(entry.name.removesuffix("-no-image-pooling"))
    assert whole.text == entry.text.replace(")@aspp", "|gap conv1@image_pooling)@aspp")
    assert seen(whole).summary.whole_input
    assert not seen(entry).summary.whole_input
    assert entry.name in whole.notes[0]


@pytest.mark.parametrize("entry", DEEPLABS, ids=lambda entry: entry.name)
def test_behind_a_backbone_a_pyramid_has_no_holes(entry: Preset) -> None:
    summary = seen(entry).summary
    assert summary.coverage == (None if summary.whole_input else 1)


@pytest.mark.parametrize("name", ["deeplab-v3plus", "deeplab-v3plus-resnet101"])
def test_the_decoder_works_at_stride_4(name: str) -> None:
    fields = {row.node.name: row.field for row in seen(preset(name), 512).rows}
    low_level = fields["low_level" if name == "deeplab-v3plus" else "layer1"]
    assert low_level.output_size == fields["classifier"].output_size == (128, 128)
    assert fields["aspp"].output_size == (32, 32)
    assert low_level.effective_stride == (4, 4)
    assert fields["aspp"].effective_stride == (16, 16)


def test_xception_is_summed_by_hand() -> None:
    """Three separable convolutions a unit; the last stage has rate 2 at stride 16."""
    fields = {row.node.name: row.field for row in seen(preset("deeplab-v3plus")).rows}
    entry_flow = 1 + 2 * (1 + 2) + 2 * (3 * 2) + 2 * (3 * 4) + 2 * (3 * 8)
    middle_flow = 16 * 2 * 3 * 16
    assert fields["entry_block3"].rf == (entry_flow,) * 2
    assert fields["middle_block1"].rf == (entry_flow + middle_flow,) * 2
    assert fields["exit_block2"].rf == (entry_flow + middle_flow + 2 * 3 * 16 * (1 + 2),) * 2
    assert fields["low_level"].rf == (1 + 2 * (1 + 2) + 2 * (3 * 2) + 2 * (2 * 4),) * 2
