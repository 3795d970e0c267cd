"""Reports as plain values."""

from __future__ import annotations

import csv
import io
import json
from typing import Any

import pytest

from dilcli.features.field_checks import judge, parse_condition
from dilcli.features.field_record import LAYER_KEYS, as_record, csv_rows
from tests.field_reports import report


def _summary(text: str, axes: int | None = None, **settings: Any) -> dict[str, Any]:
    record = as_record(report(text, axes, **settings))
    summary: dict[str, Any] = record["summary"]
    return summary


SUMMARY_KEYS = [
    *("layer", "input_size", "rf", "rf_by_phase", "whole_input", "effective_stride"),
    *("effective_padding", "start", "center0", "aligned", "coverage", "gap", "lattice"),
    *("output_size", "rf_fraction", "hole_free", "hdc_m2", "parameters", "macs", "sigma", "erf"),
    "luo_size",
]

NETWORKS = [
    "",
    "conv3",
    "conv3x5s2@a (conv1|id) pool2",
    "conv3 gap",
    "conv3s2ps",
    "conv3 up2 conv3",
    "tconv4s2p1",
    "conv3 cat(conv3d3|gap)",
    "conv3p2:0 (conv3p2:0|conv3p0:2)",
]


@pytest.mark.parametrize("text", NETWORKS)
@pytest.mark.parametrize("settings", [{}, {"input_size": (32,)}, {"erf": True, "cell": (0, 0)}])
def test_keys_are_the_same_for_every_network(text: str, settings: dict[str, Any]) -> None:
    if "cell" in settings and ("gap" in text or "ps" in text):
        settings = {"erf": True}
    record = as_record(report(text, **settings))
    assert list(record)[:4] == ["name", "layers", "summary", "warnings"]
    assert list(record["summary"]) == SUMMARY_KEYS
    assert all(tuple(layer) == LAYER_KEYS for layer in record["layers"])
    assert json.loads(json.dumps(record, allow_nan=False)) == record


@pytest.mark.parametrize("text", NETWORKS)
def test_the_summary_is_the_last_layer_and_lists_have_one_member_for_each_axis(text: str) -> None:
    for axes in (1, 2, 3) if "x" not in text else (2,):
        record = as_record(report(text, axes))
        summary = record["summary"]
        for layer in record["layers"][-1:]:
            shared = [k for k in layer if k in summary and k not in ("parameters", "macs")]
            assert {k: layer[k] for k in shared} == {k: summary[k] for k in shared}
        for key in ("effective_stride", "effective_padding", "start", "center0", "gap", "lattice"):
            assert len(summary[key]) == axes
        assert (summary["rf"] is None) is summary["whole_input"]


def test_whole_numbers_are_whole_and_halves_are_floats() -> None:
    summary = _summary("conv3s2p1 conv4")
    assert [repr(n) for n in summary["rf"]] == ["9", "9"]
    assert [repr(n) for n in summary["start"]] == ["1.5", "1.5"]
    assert [repr(n) for n in summary["center0"]] == ["1", "1"]
    assert repr(summary["coverage"]) == "1"
    assert _summary("conv3d2")["coverage"] == 9 / 25
    assert _summary("up2")["effective_stride"] == [0.5, 0.5]


def test_what_is_unknown_is_null_inside_the_list() -> None:
    summary = _summary("conv3s2ps conv3")
    assert summary["effective_padding"] == [None, None]
    assert summary["start"] == [None, None]
    assert summary["aligned"] is None
    assert summary["rf"] == [7, 7]


def test_a_global_layer_sees_the_whole_input() -> None:
    summary = _summary("conv3 gap", input_size=(9,))
    assert summary["rf"] is None
    assert summary["whole_input"] is True
    assert summary["effective_stride"] == [None, None]
    assert summary["rf_fraction"] == [1, 1]
    assert summary["output_size"] == [1, 1]


def test_sizes_by_phase_are_given_with_the_largest_as_the_field() -> None:
    summary = _summary("conv3pv pool2 conv3pv up2 conv2pv", 1)
    assert summary["rf_by_phase"] == [[8, 10]]
    assert summary["rf"] == [10]
    assert _summary("conv3")["rf_by_phase"] is None


def test_a_meeting_has_no_sizes_but_a_field() -> None:
    layers = as_record(report("conv3 (conv3 conv3@b|) cat(|conv1)"))["layers"]
    assert [layer["kind"] for layer in layers] == ["conv", "conv", "conv", "add", "conv", "concat"]
    assert [layer["branch"] for layer in layers] == [[], [1], [1], [], [2], []]
    assert [layer["inputs"] for layer in layers] == [[0], [1], [2], [3, 1], [4], [4, 5]]
    assert [layer["name"] for layer in layers] == ["", "", "b", "", "", ""]
    meeting = layers[3]
    for key in ("kernel", "stride", "dilation", "padding", "effective_size"):
        assert meeting[key] is None
    assert meeting["rf"] == [7, 7]


def test_a_layer_is_echoed_with_all_its_sizes() -> None:
    (layer,) = as_record(report("conv3x5d2x1s2p1:2x0"))["layers"]
    assert layer["kernel"] == [3, 5]
    assert layer["stride"] == [2, 2]
    assert layer["dilation"] == [2, 1]
    assert layer["padding"] == [[1, 2], [0, 0]]
    assert layer["effective_size"] == [5, 5]
    assert as_record(report("conv3ps"))["layers"][0]["padding"] == "same"


def test_costs_are_numbers_where_channels_are_known_and_null_elsewhere() -> None:
    record = as_record(report("conv3 conv1", channels=(3, 8, 2), input_size=(10,)))
    assert [layer["parameters"] for layer in record["layers"]] == [216, 16]
    assert record["summary"]["parameters"] == 232
    assert record["summary"]["macs"] == 23200
    record = as_record(report("conv3 conv1"))
    assert record["summary"]["parameters"] is None
    assert record["layers"][0]["macs"] is None


def test_the_effective_field_is_four_sigma_and_luos_size_on_demand() -> None:
    summary = _summary("10xconv3", erf=True)
    assert summary["sigma"][0] == pytest.approx(2.582, abs=5e-4)
    assert summary["erf"] == [4 * sigma for sigma in summary["sigma"]]
    assert summary["luo_size"] == pytest.approx(11.70, abs=5e-3)
    assert _summary("10xconv3")["luo_size"] is None


def test_answers_are_there_where_they_were_asked_for() -> None:
    record = as_record(report("conv3", input_size=(5,), cell=(0, 4), pixel=(2, 2)))
    assert record["cell"] == {
        "position": [0, 4],
        "box": [[-1, 1], [3, 5]],
        "clipped": [[0, 1], [3, 4]],
        "lost": [[1, 0], [0, 1]],
        "reached": [[0, 1], [3, 4]],
    }
    assert record["pixel"] == {"position": [2, 2], "outputs": [[1, 3], [1, 3]], "count": 9}
    assert set(as_record(report("conv3"))) == {"name", "layers", "summary", "warnings"}


def test_notes_and_warnings_are_told_together() -> None:
    made = report("conv3d2")._replace(notes=("from memory",))
    first, second = as_record(made)["warnings"]
    assert first == "from memory"
    assert second.startswith("holes")


def test_conditions_are_recorded_with_what_was_found() -> None:
    made = report("conv3")
    verdicts = judge(made, [parse_condition("rf>=65"), parse_condition("aligned")])
    assert as_record(made, verdicts)["checks"] == [
        {"condition": "rf>=65", "holds": False, "found": "rf is 3"},
        {"condition": "aligned", "holds": True, "found": "aligned: yes"},
    ]


def test_numbers_beyond_any_double_stay_whole() -> None:
    summary = _summary("12xconv2s100000000pv")
    assert summary["effective_stride"] == [10**96] * 2
    assert isinstance(summary["start"][0], int)
    json.dumps(summary, allow_nan=False)


def test_csv_has_the_keys_of_a_layer_and_a_row_for_each() -> None:
    record = as_record(report("conv3x5 (conv3|)", input_size=(8, 9)))
    text = io.StringIO()
    csv.writer(text).writerows(csv_rows(record))
    rows = list(csv.DictReader(io.StringIO(text.getvalue())))
    assert [row["kind"] for row in rows] == ["conv", "conv", "add"]
    assert rows[0]["rf"] == "3x5"
    assert rows[0]["padding"] == "1x2"
    assert rows[1]["rf"] == "5x7"
    assert rows[1]["kernel"] == "3"
    assert rows[1]["branch"] == "1"
    assert rows[2]["kernel"] == ""
    assert rows[2]["inputs"] == "2 1"
    assert rows[2]["output_size"] == "8x9"
    assert rows[2]["aligned"] == "true"
    assert csv_rows(as_record(report(""))) == [list(LAYER_KEYS)]


def test_csv_joins_numbers_of_one_axis_by_colons() -> None:
    record = as_record(report("conv2pc conv3pv pool2 conv3pv up2 conv2pv", 1))
    rows = [dict(zip(LAYER_KEYS, row, strict=True)) for row in csv_rows(record)[1:]]
    assert rows[0]["padding"] == "1:0"
    assert rows[-1]["rf_by_phase"] == "9:11"
    assert rows[-1]["rf"] == "11"


def test_csv_leaves_what_is_unknown_empty() -> None:
    record = as_record(report("conv3x4s2x1ps"))
    (row,) = csv_rows(record)[1:]
    assert dict(zip(LAYER_KEYS, row, strict=True))["effective_padding"] == "?x1"
    (row,) = csv_rows(as_record(report("gap")))[1:]
    found = dict(zip(LAYER_KEYS, row, strict=True))
    assert found["rf"] == ""
    assert found["whole_input"] == "true"
    assert found["effective_stride"] == ""
