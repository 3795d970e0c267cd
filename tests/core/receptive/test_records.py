"""Layers from the records of JSON and TOML."""

from __future__ import annotations

import json
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dilcli.core.receptive.layers import Layer, make_layer
from dilcli.core.receptive.network import MAX_DEPTH, Branch, From, Item, lay_out
from dilcli.core.receptive.reading import Reading
from dilcli.core.receptive.records import items_from, read_records
from dilcli.core.receptive.text import items_text, parse_items
from dilcli.errors import LayerError
from tests.receptive_items import items

CASES = json.loads((Path(__file__).parents[2] / "data" / "rf_cases.json").read_text())["cases"]
CONV = make_layer("conv", (3,))
RECORD = {"kind": "conv", "kernel": 3}


def as_record(item: Item) -> dict[str, Any]:
    """Write an item as a record, everything spelt out."""
    if isinstance(item, From):
        return {"kind": "from", "layer": item.layer}
    if isinstance(item, Branch):
        branches = [[as_record(each) for each in branch] for branch in item.branches]
        return {"kind": "branch", "branches": branches, "merge": item.merge, "name": item.name}
    record = {key: list(v) if isinstance(v, tuple) else v for key, v in item._asdict().items()}
    if item.padding != "same":
        record["padding"] = [list(pair) for pair in item.padding]
    if item.kind == "crop" and item.padding != "same" and max(map(max, item.padding)) > 0:
        record["kind"] = "id"
    return record


def without_padding_crops(item: Item) -> Item:
    if isinstance(item, Branch):
        return item._replace(
            branches=tuple(tuple(map(without_padding_crops, b)) for b in item.branches)
        )
    return item._replace(kind=as_record(item)["kind"]) if isinstance(item, Layer) else item


@given(items())
def test_records_are_read_as_the_items_they_spell_out(drawn: tuple[Item, ...]) -> None:
    records = json.loads(json.dumps([as_record(item) for item in drawn]))
    assert items_from(records) == tuple(map(without_padding_crops, drawn))


@given(items())
def test_text_may_stand_for_a_record_a_list_or_all_of_them(drawn: tuple[Item, ...]) -> None:
    text = items_text(drawn)
    assert items_from(text) == items_from([text]) == drawn
    assert items_from([{"branches": [text, []]}]) == (Branch((drawn, ())),)
    assert items_from([{"layers": text}]) == items_from([{"layers": [text]}]) == (Branch((drawn,)),)


@pytest.mark.parametrize("case", CASES, ids=lambda case: str(case["name"]))
def test_reference_networks_are_read_as_they_are_written(case: dict[str, Any]) -> None:
    found = items_from(case["layers"])
    assert parse_items(items_text(found)) == found
    assert lay_out(found).axes == 2
    assert [item.name for item in found if not isinstance(item, From)] == [
        record.get("name", "") for record in case["layers"]
    ]


@pytest.mark.parametrize(
    ("records", "text"),
    [
        ([RECORD | {"dilation": 2, "repeat": 3}], "3xconv3d2"),
        ([{"layers": [RECORD, "pool2"], "repeat": 2, "name": "a"}], "2x(conv3 pool2)@a"),
        ([{"kind": "group", "layers": [RECORD]}], "(conv3)"),
        ([{"branches": [[RECORD], []], "merge": "concat", "repeat": 2}], "2xcat(conv3|)"),
        ([{"kind": "Branch", "branches": [["conv3"], "pool2"]}], "(conv3 | pool2)"),
        ([RECORD | {"name": "a"}, {"layer": "a"}, "conv3 from:a"], "conv3@a from:a conv3 from:a"),
        ([RECORD | {"stride": None, "name": None}], "conv3"),
        ([{"kind": "POOL", "kernel": [2, 3], "padding": "Valid"}], "pool2x3"),
        ([{"kind": "globalpool"}, {"kind": "identity"}], "gap id"),
        ([{"kind": "crop", "padding": -4}], "crop4"),
        ([{"kind": "up", "kernel": 2, "mode": "bilinear"}], "up2:mode=bilinear"),
        ([], ""),
    ],
)
def test_records_mean_what_text_means(records: list[Any], text: str) -> None:
    assert items_from(records) == parse_items(text)


def test_defaults_reach_records_and_the_texts_in_them() -> None:
    records = [RECORD | {"dilation": 1}, {"layers": ["conv3d1", RECORD]}, RECORD | {"padding": 0}]
    expected = parse_items("conv3d2pv (conv3d2pv conv3pv) conv3p0")
    assert items_from(records, padding="valid", holes=True) == expected


@pytest.mark.parametrize(
    ("records", "message"),
    [
        (5, r"^layers: wants a list of layers \(got 5\)"),
        ({"kind": "conv"}, r"^layers: wants a list of layers \(got a table\)"),
        ([RECORD, [RECORD]], r"^layers\[1\]: wants .*\(got a list\)"),
        ([{"kind": "conv", "kernal": 3}], r"^layers\[0\]: unknown key 'kernal'; did you mean 'ke"),
        ([{1: 2}], r"^layers\[0\]: unknown key 1"),
        ([RECORD | {"merge": "add"}], r"^layers\[0\]: key 'merge' has no meaning in a layer"),
        ([{"layers": [], "merge": "add"}], r"^layers\[0\]: key 'merge' has no meaning in a group"),
        ([{"branches": [[]], "kernel": 3}], r"key 'kernel' has no meaning in a branch"),
        ([{"kind": "conv", "branches": [[]]}], r"a branch cannot be of kind 'conv'"),
        ([{"kind": "branch"}], r"^layers\[0\]: branches missing in a branch"),
        ([{"kind": "from"}], r"^layers\[0\]: layer missing in a from"),
        (
            [{"branches": []}],
            r"^layers\[0\].branches: wants a list of lists of layers \(got none\)",
        ),
        ([{"branches": 3}], r"^layers\[0\].branches: wants a list of lists of layers \(got 3\)"),
        ([{"branches": [RECORD]}], r"^layers\[0\].branches\[0\]: wants a list of layers"),
        ([{"branches": [[]], "merge": "mul"}], r"merge is add or concat \(got 'mul'\)"),
        ([{"branches": [[]], "merge": []}], r"merge is add or concat \(got a list\)"),
        (
            [RECORD] * 3 + [{"branches": [[RECORD, RECORD | {"dilation": 0}]]}],
            r"^layers\[3\].branches\[0\]\[1\]: conv3: dilation starts at 1 \(dense\)",
        ),
        ([{"layers": [{"kind": "conv"}]}], r"^layers\[0\].layers\[0\]: kernel missing"),
        ([{"layers": ["conv3 cnov"]}], r"^layers\[0\].layers\[0\]: column 7: unknown layer 'cnov'"),
        ("conv3\ncnov", "^layers: line 2, column 1: unknown layer"),
        ([RECORD | {"repeat": 0}], r"^layers\[0\].repeat: a count is at least 1"),
        ([RECORD | {"repeat": 99999999}], r"^layers\[0\].repeat: more than 20000 layers"),
        ([RECORD | {"repeat": 15000}] * 2, "^layers: more than 20000 layers"),
        ([RECORD | {"repeat": True}], r"^layers\[0\].repeat: wants a whole number \(got true\)"),
        ([{"kind": "from", "layer": "a"}], r"^layers\[0\]: no earlier layer is named 'a'"),
        ([{"kind": "from", "layer": 1}], r"^layers\[0\].layer: wants a text"),
        ([{"kind": ["a"], "kernel": 3}], r"^layers\[0\].kind: wants a text"),
        (
            [RECORD | {"kernel": [3, 5]}, "conv3x5x7"],
            r"^layers\[1\]: column 1: sizes for 3 axes, but layers\[0\] is for 2",
        ),
    ],
)
def test_a_fault_is_named_with_its_place(records: Any, message: str) -> None:
    with pytest.raises(LayerError, match=message) as caught:
        items_from(records)
    assert "\n" not in str(caught.value)


def test_records_are_nested_to_the_depth_of_a_network() -> None:
    records: list[Any] = ["conv3"]
    for _ in range(MAX_DEPTH):
        records = [{"layers": records}]
    assert len(lay_out(items_from(records)).nodes) == 1
    with pytest.raises(LayerError, match="nested more than 50 deep"):
        items_from([{"layers": records}])
    with pytest.raises(LayerError, match=r"column 1: .*nested more than 50 deep"):
        items_from(json.loads(json.dumps(records).replace("conv3", "(conv3)")))
    records.append({"layers": records})
    with pytest.raises(LayerError, match="nested more than 50 deep"):
        items_from(records)


def test_an_even_kernel_with_half_padding_is_noted_with_its_place() -> None:
    reading = Reading()
    read_records([RECORD, RECORD | {"kernel": 2, "dilation": 3}], reading)
    assert reading.notes == [
        "layers[1]: half padding of an even kernel is asymmetric, 1 before and 2 after"
    ]


KEYS = st.sampled_from(
    ["kind", "kernel", "padding", "branches", "layers", "layer", "repeat", "merge", "name", "x"]
)
VALUES: st.SearchStrategy[Any] = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.sampled_from(["conv", "branch", "gap", "conv3", "(conv3|id)", "same", "from", "", "up"]),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(KEYS, inner, max_size=5),
)


@given(VALUES)
def test_any_value_gives_items_or_one_line_with_a_place(value: Any) -> None:
    with suppress(LayerError):
        lay_out(items_from(value))
        return
    with pytest.raises(LayerError, match=r"\Alayers.*\Z"):
        items_from(value)
