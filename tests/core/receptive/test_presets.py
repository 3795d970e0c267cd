"""The list of named networks: what they see, held against papers and found once more backwards."""

from __future__ import annotations

import re
from itertools import chain
from typing import TYPE_CHECKING

import pytest

from dilcli.core.receptive.layers import Layer
from dilcli.core.receptive.network import lay_out
from dilcli.core.receptive.presets import Preset, preset, presets
from dilcli.core.receptive.reading import Reading
from dilcli.core.receptive.text import items_text, parse_items, read_text
from dilcli.errors import LayerError
from tests.preset_numbers import BY_HAND, PUBLISHED, Known, seen
from tests.preset_reference import Reference

if TYPE_CHECKING:
    from collections.abc import Iterable

EACH = pytest.mark.parametrize("entry", presets(), ids=lambda entry: entry.name)

#: Sizes that pools and enlarging divide; any other would do for the rest.
SIZES = {"unet": 572, "vnet": 64}


def same_size(entry: Preset) -> int | None:
    """Give a size where the padding needs one."""
    return 224 if "ps" in entry.text else None


@pytest.mark.parametrize("row", PUBLISHED + BY_HAND, ids=lambda row: f"{row[0]}@{row[3]}")
def test_the_numbers_of_papers_and_of_hands_are_met(row: Known) -> None:
    name, rf, stride, size, padding, source = row
    entry = preset(name)
    summary = seen(entry, size).summary
    axes = entry.axes
    assert summary.rf == (None if rf is None else (rf,) * axes), source
    assert summary.whole_input == (rf is None), source
    assert summary.effective_stride == (stride,) * axes, source
    assert summary.effective_padding == (padding,) * axes, source


def test_the_rest_is_told_by_phases_or_by_layers_in_tests_of_its_family() -> None:
    held = {preset(row[0]).name for row in PUBLISHED + BY_HAND}
    rest = {entry.name for entry in presets()} - held
    assert rest == {
        "deeplab-v3plus-no-image-pooling",
        "unet",
        "vnet",
        "resnet50-fpn",
        "upsnet-semantic",
    }


@EACH
def test_each_named_layer_sees_what_is_found_backwards(entry: Preset) -> None:
    size = same_size(entry)
    result = seen(entry, size)
    for axis in range(min(entry.axes, 2)):
        reference = Reference(entry.text, axis, size)
        named = {row.node.name: row.field for row in result.rows if row.node.name}
        assert list(named) == [name for name in reference.names if name]
        for name, field in (*named.items(), ("", result.summary)):
            if field.effective_stride[axis] is None:
                assert field.whole_input
                continue
            found = reference.seen(name or None)
            assert field.whole_input == found.whole, name
            assert field.effective_stride[axis] == found.stride, name
            assert field.effective_padding[axis] == found.padding, name
            if field.rf is not None:
                phases = field.rf_by_phase[axis] if field.rf_by_phase else (field.rf[axis],)
                assert set(phases) == found.widths, name


@EACH
def test_each_is_aligned_where_the_centres_agree_backwards(entry: Preset) -> None:
    size = same_size(entry)
    assert seen(entry, size).summary.aligned == Reference(entry.text, size=size).aligned()


@EACH
def test_each_gives_an_output_of_the_size_that_is_counted_once_more(entry: Preset) -> None:
    size = SIZES.get(entry.name, 512)
    reference = Reference(entry.text, size=size)
    made = reference.sizes[reference.output]
    assert seen(entry, size).summary.output_size == (made,) * entry.axes


@EACH
def test_each_is_read_without_a_remark_and_written_as_it_is_read(entry: Preset) -> None:
    reading = Reading(None, False)
    items, _ = read_text(entry.text, reading)
    assert reading.notes == []
    assert parse_items(items_text(items)) == items


@EACH
def test_each_name_of_a_layer_is_there_once(entry: Preset) -> None:
    names = [node.name for node in lay_out(parse_items(entry.text), entry.axes).nodes]
    given = [name for name in names if name]
    assert len(given) == len(set(given))


@EACH
def test_each_says_what_it_is_and_where_it_is_from(entry: Preset) -> None:
    assert re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", entry.name)
    for sentence in (entry.summary, entry.source, *entry.notes):
        assert sentence.isascii()
        assert sentence.endswith(".")
        assert "  " not in sentence
    assert len(entry.summary) <= 60
    assert re.search(r"arXiv:\d{4}\.\d{5}\b|arXiv:\d{4}\.\d{4}\b", entry.source)


@EACH
def test_each_is_for_as_many_axes_as_its_layers(entry: Preset) -> None:
    nodes = lay_out(parse_items(entry.text), entry.axes).nodes
    assert {len(node.layer.kernel) for node in nodes if isinstance(node.layer, Layer)} == {
        entry.axes
    }


def keys(entries: Iterable[Preset]) -> list[str]:
    words = chain.from_iterable((entry.name, *entry.aliases) for entry in entries)
    return [re.sub("[^a-z0-9]", "", word) for word in words]


def test_no_name_is_given_twice_however_it_is_written() -> None:
    assert len(keys(presets())) == len(set(keys(presets())))


@pytest.mark.parametrize(
    ("written", "name"),
    [
        ("resnet50", "resnet50"),
        ("ResNet-50", "resnet50"),
        ("vgg_16", "vgg16"),
        ("vgg_a", "vgg11"),
        ("inception_resnet_v2", "inception-resnet-v2"),
        ("deeplab-v1", "deeplab-v1"),
        ("deeplab-largefov", "deeplab-v1"),
        ("deeplab-v2", "deeplab-v2"),
        ("deeplab-v3", "deeplab-v3-resnet101-os8"),
        ("deeplabv3_resnet50", "deeplab-v3-resnet50-os8"),
        ("deeplabv3-r101-os8", "deeplab-v3-resnet101-os8-no-image-pooling"),
        ("DeepLab v3+", "deeplab-v3plus"),
        ("UPSNet", "upsnet-semantic"),
        ("fpn", "resnet50-fpn"),
        ("aspp", "aspp-l"),
        ("patchgan", "patchgan70"),
    ],
)
def test_names_are_found_as_people_write_them(written: str, name: str) -> None:
    assert preset(written).name == name


@pytest.mark.parametrize(
    ("written", "message"),
    [
        ("resnet5", "unknown preset 'resnet5'; did you mean 'resnet"),
        ("depelab-v2", "did you mean 'deeplab-v2'?"),
        ("upsnett", "did you mean 'upsnet'?"),
        ("zzz", r"unknown preset 'zzz' \(--list-presets shows all\)"),
        ("", "unknown preset ''"),
    ],
)
def test_an_unknown_name_is_refused_with_the_nearest(written: str, message: str) -> None:
    with pytest.raises(LayerError, match=message) as caught:
        preset(written)
    assert "\n" not in str(caught.value)
