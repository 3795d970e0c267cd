"""Residual networks: their stages, and how strides turn into dilation."""

from __future__ import annotations

import pytest

from dilcli.core.receptive.preset_resnets import RESNETS, caffe_resnet, resnet, stage
from dilcli.core.receptive.presets import Preset, preset
from dilcli.core.receptive.text import parse_items
from tests.preset_numbers import seen
from tests.preset_reference import Reference

#: Name, input size, stage, and its receptive field, stride and padding.
STAGES: tuple[tuple[str, int | None, str, tuple[int, int, int]], ...] = (
    ("resnet18", None, "layer1", (43, 4, 21)),
    ("resnet18", None, "layer2", (99, 8, 49)),
    ("resnet18", None, "layer3", (211, 16, 105)),
    ("resnet50", None, "layer1", (35, 4, 17)),
    ("resnet50", None, "layer2", (91, 8, 45)),
    ("resnet50", None, "layer3", (267, 16, 133)),
    ("resnet50-v1", 224, "block1", (35, 8, 15)),
    ("resnet50-v1", 224, "block2", (99, 16, 47)),
    ("resnet50-v1", 224, "block3", (291, 32, 143)),
    ("resnet50-v1", 321, "block1", (35, 8, 17)),
    ("resnet50-v1", 321, "block2", (99, 16, 49)),
    ("resnet50-v1", 321, "block3", (291, 32, 145)),
    ("resnet50-os16", None, "layer3", (267, 16, 133)),
    ("resnet50-os8", None, "layer2", (91, 8, 45)),
    ("resnet50-os8", None, "layer3", (267, 8, 133)),
)


@pytest.mark.parametrize(("name", "size", "end", "numbers"), STAGES)
def test_stages_see_what_is_published_or_summed(
    name: str, size: int | None, end: str, numbers: tuple[int, int, int]
) -> None:
    field = {row.node.name: row.field for row in seen(preset(name), size).rows}[end]
    assert (field.rf, field.effective_stride, field.effective_padding) == tuple(
        (number, number) for number in numbers
    )
    assert field.aligned


@pytest.mark.parametrize("entry", RESNETS, ids=lambda entry: entry.name)
def test_every_pixel_of_the_box_is_seen(entry: Preset) -> None:
    assert seen(entry).summary.coverage == 1


def test_a_network_has_the_layers_of_its_name() -> None:
    """Convolutions on the long way of each unit, the first one, and the classifier."""
    for entry in RESNETS:
        if entry.name.startswith("resnet"):
            depth = int(entry.name.removeprefix("resnet").partition("-")[0])
            steps = Reference(entry.text, size=224).steps
            convs = [step for step in steps if step.kind == "conv"]
            meetings = [step for step in steps if step.kind == "meet"]
            shortcuts = sum(steps[step.inputs[-1]].kind == "conv" for step in meetings)
            assert len(convs) - shortcuts + 1 == depth, entry.name


def test_drn_has_the_layers_of_its_name() -> None:
    for name, depth in (("drn-d-22", 22), ("drn-d-54", 54), ("drn-d-105", 105), ("drn-c-26", 26)):
        steps = Reference(preset(name).text).steps
        meetings = [step for step in steps if step.kind == "meet"]
        shortcuts = sum(steps[step.inputs[-1]].kind == "conv" for step in meetings)
        assert sum(step.kind == "conv" for step in steps) - shortcuts + 1 == depth


@pytest.mark.parametrize("units", [(3, 4, 6, 3), (3, 4, 23, 3), (2, 2, 2, 2)])
@pytest.mark.parametrize("stride", [16, 8, 4])
def test_dilation_in_place_of_strides_leaves_the_receptive_field(
    units: tuple[int, ...], stride: int
) -> None:
    plain, dilated = Reference(resnet(units)).seen(), Reference(resnet(units, stride)).seen()
    assert dilated.stride == stride
    assert (dilated.widths, dilated.padding) == (plain.widths, plain.padding)


def test_the_authors_and_slim_place_strides_elsewhere_and_see_as_much() -> None:
    units = (3, 4, 6, 3)
    authors = Reference(caffe_resnet(units)).seen()
    assert authors.widths == {483}
    assert authors.widths == Reference(preset("resnet50-v1").text, size=224).seen().widths


def test_a_stage_is_its_first_unit_others_and_the_last() -> None:
    assert stage(2, "a", "b", "c", "end") == "a c@end"
    assert stage(3, "a", "b", "c", "end") == "a b c@end"
    assert stage(5, "a", "b", "c", "end") == "a 3xb c@end"
    assert len(parse_items(stage(5, "conv1", "conv3", "conv5", "end"))) == 5
