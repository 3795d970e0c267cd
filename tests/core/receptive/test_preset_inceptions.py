"""The Inception family, end point by end point."""

from __future__ import annotations

import pytest

from dilcli.core.receptive.preset_inceptions import INCEPTIONS
from dilcli.core.receptive.presets import Preset, preset
from tests.preset_numbers import seen
from tests.preset_reference import Reference


@pytest.mark.parametrize(
    ("name", "size", "maps"),
    [
        ("inception-v2", 224, {"MaxPool_3a_3x3": 28, "Mixed_4a": 14, "Mixed_5c": 7}),
        ("inception-v3", 299, {"MaxPool_5a_3x3": 35, "Mixed_6e": 17, "Mixed_7c": 8}),
        ("inception-v4", 299, {"Mixed_4a": 71, "Mixed_5e": 35, "Mixed_6h": 17, "Mixed_7d": 8}),
        ("inception-resnet-v2", 299, {"Block35": 35, "PreAuxLogits": 17, "Conv2d_7b_1x1": 8}),
        ("inception-resnet-v2-same", 321, {"Block35": 41, "PreAuxLogits": 21, "Conv2d_7b_1x1": 11}),
    ],
)
def test_end_points_have_the_sizes_that_the_source_remarks(
    name: str, size: int, maps: dict[str, int]
) -> None:
    fields = {row.node.name: row.field for row in seen(preset(name), size).rows}
    assert {end: fields[end].output_size for end in maps} == {
        end: (made, made) for end, made in maps.items()
    }


@pytest.mark.parametrize("entry", INCEPTIONS, ids=lambda entry: entry.name)
def test_rows_and_columns_see_alike_although_windows_of_1_x_7_do_not(entry: Preset) -> None:
    rows, columns = (Reference(entry.text, axis, 299).seen() for axis in (0, 1))
    assert rows == columns


@pytest.mark.parametrize(
    ("name", "blocks"), [("inception-v3", 11), ("inception-v4", 16), ("inception-v2", 10)]
)
def test_there_are_as_many_mixed_modules_as_in_the_source(name: str, blocks: int) -> None:
    names = Reference(preset(name).text, size=299).names
    extra = {"Mixed_3a", "Mixed_4a", "Mixed_5a"} if name == "inception-v4" else set()
    assert sum(end.startswith("Mixed") for end in names.keys() - extra) == blocks


def test_the_residual_one_has_10_20_and_10_residual_blocks() -> None:
    steps = Reference(preset("inception-resnet-v2").text).steps
    residual = [s for s in steps if s.kind == "meet" and steps[s.inputs[-1]].kind == "id"]
    assert len(residual) == 40


@pytest.mark.parametrize("name", ["inception-v3", "inception-v4"])
def test_crosses_of_1_x_3_and_3_x_1_leave_corners_unseen(name: str) -> None:
    summary = seen(preset(name)).summary
    assert summary.coverage is not None
    assert 0.99 < summary.coverage < 1
    assert summary.gap == (1, 1)


def test_padding_depends_on_the_size_only_where_same_is_strided() -> None:
    for entry in INCEPTIONS:
        known = seen(entry).summary.effective_padding != (None, None)
        assert known == ("s2ps" not in entry.text)
