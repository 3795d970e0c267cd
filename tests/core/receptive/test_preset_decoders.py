"""Networks that go up again: phases, levels of pyramids, and what papers print of them."""

from __future__ import annotations

from fractions import Fraction

import pytest

from dilcli.core.receptive.fields import receptive_field
from dilcli.core.receptive.network import lay_out
from dilcli.core.receptive.presets import preset
from dilcli.core.receptive.text import parse_items
from tests.preset_numbers import seen
from tests.preset_reference import Reference


def test_the_unet_of_the_paper_makes_388_of_572() -> None:
    result = seen(preset("unet"), 572)
    assert result.summary.output_size == (388, 388)
    sizes = {row.node.name: row.field.output_size for row in result.rows}
    names = ("down1", "down2", "down3", "down4", "bottom", "up4", "up3", "up2", "up1")
    expected = (568, 280, 136, 64, 28, 52, 100, 196, 388)
    assert [sizes[name] for name in names] == [(n, n) for n in expected]


def test_four_of_sixteen_outputs_of_a_unet_see_188_pixels_and_twelve_204() -> None:
    reference = Reference(preset("unet").text)
    boxes = [reference.box(reference.output, u) for u in range(16)]
    widths = [last - first + 1 for first, last, _ in boxes]
    assert (widths.count(188), widths.count(204)) == (4, 12)
    assert seen(preset("unet")).summary.rf_by_phase == ((188, 204),) * 2


def test_vnet_sees_what_table_1_says_by_the_rule_of_papers_and_less_in_truth() -> None:
    network = lay_out(parse_items(preset("vnet").text), 3)
    exact, paper = (receptive_field(network, tconv_rule=rule) for rule in ("exact", "paper"))
    table = {"left1": 5, "left2": 22, "left3": 72, "left4": 172, "left5": 372}
    right = {"right4": 476, "right3": 528, "right2": 546, "right1": 551}
    fields = {row.node.name: row.field for row in paper.rows}
    assert {name: fields[name].rf for name in (*table, *right)} == {
        name: (rf,) * 3 for name, rf in (table | right).items()
    }
    fields = {row.node.name: row.field for row in exact.rows}
    truth = {"right4": 468, "right3": 516, "right2": 532, "right1": 548}
    assert {name: fields[name].rf for name in truth} == {
        name: (rf,) * 3 for name, rf in truth.items()
    }
    assert fields["right1"].rf_by_phase == ((532, 548),) * 3


def test_vnet_gives_a_volume_of_the_size_it_takes() -> None:
    result = receptive_field(
        lay_out(parse_items(preset("vnet").text), 3), input_size=(128, 128, 64)
    )
    assert result.summary.output_size == (128, 128, 64)


@pytest.mark.parametrize("name", ["resnet50-fpn", "upsnet-semantic"])
def test_levels_of_a_pyramid_have_the_strides_of_their_stages(name: str) -> None:
    fields = {row.node.name: row.field for row in seen(preset(name), 512).rows}
    for level, stride in ((2, 4), (3, 8), (4, 16), (5, 32)):
        assert fields[f"p{level}"].effective_stride == (stride, stride)
        assert fields[f"p{level}"].output_size == (512 // stride,) * 2


def test_the_top_of_a_pyramid_sees_its_last_stage_and_one_window_of_3() -> None:
    ours = {row.node.name: row.field for row in seen(preset("resnet50-fpn")).rows}
    assert ours["p5"].rf == (427 + 2 * 32,) * 2
    assert ours["p5"].effective_padding == (213 + 32,) * 2
    upsnet = {row.node.name: row.field for row in seen(preset("upsnet-semantic")).rows}
    assert upsnet["res5"].rf == (483, 483)
    assert upsnet["p5"].rf == (483 + 2 * 32,) * 2


def test_finer_levels_see_one_or_two_cells_of_the_top() -> None:
    fields = {row.node.name: row.field for row in seen(preset("resnet50-fpn")).rows}
    for level, sizes in ((2, (427, 459)), (3, (427, 459)), (4, (459,))):
        assert fields[f"p{level}"].rf_by_phase == (sizes, sizes)
        assert fields[f"p{level}"].aligned is False


def test_the_head_of_upsnet_sees_p5_through_two_convolutions_and_two_cells_enlarged() -> None:
    summary = seen(preset("upsnet-semantic")).summary
    assert summary.rf == (483 + 2 * 32 * (1 + 2) + 32,) * 2
    assert summary.effective_stride == (Fraction(4),) * 2
    assert any("deformable" in note for note in preset("upsnet").notes)


def test_upsnet_for_coco_sees_the_whole_image_through_its_top() -> None:
    fields = {row.node.name: row.field for row in seen(preset("upsnet-coco"), 512).rows}
    assert fields["res5"].rf == (483, 483)
    assert all(fields[f"p{level}"].whole_input for level in (2, 3, 4, 5))
    assert fields["scores"].output_size == (128, 128)
