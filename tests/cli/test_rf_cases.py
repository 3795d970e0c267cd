"""Published receptive fields through the command line: files, standard input, JSON, checks."""

from __future__ import annotations

import json
from fractions import Fraction
from typing import TYPE_CHECKING, Any

import pytest

from tests.cli.running import Done, dilcli
from tests.receptive_cases import CASES, case, per_axis

if TYPE_CHECKING:
    from pathlib import Path

LAWFUL = [record for record in CASES if "error" not in record["expected"]]
SIZED = [record for record in LAWFUL if "input_size" in record]
SAME_KEYS = {
    "rf": "rf",
    "effective_stride": "effective_stride",
    "effective_padding": "effective_padding",
    "output_size": "output_size",
    "start_center": "start",
    "max_gap": "gap",
    "lattice": "lattice",
}


def named(records: list[dict[str, Any]]) -> pytest.MarkDecorator:
    return pytest.mark.parametrize("record", records, ids=lambda record: record["name"])


@pytest.fixture
def file(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    """Write the case to a file, as it is."""
    path = tmp_path / "case.json"
    path.write_text(json.dumps(request.getfixturevalue("record")), encoding="utf-8")
    return path


def summary(done: Done) -> dict[str, Any]:
    assert done.code == 0, done.err
    found: dict[str, Any] = json.loads(done.out)["summary"]
    return found


def assert_is_expected(found: dict[str, Any], expected: dict[str, Any]) -> None:
    for key, own in SAME_KEYS.items():
        if key in expected:
            assert found[own] == list(per_axis(expected[key])), key
    if "aligned" in expected:
        assert found["aligned"] is expected["aligned"]
    if "coverage_2d" in expected:
        assert found["coverage"] == pytest.approx(float(Fraction(*expected["coverage_2d"])))
    if "rf_exact_by_phase" in expected:
        assert found["rf_by_phase"] == [expected["rf_exact_by_phase"]] * 2


@named(LAWFUL)
def test_a_case_read_from_a_file_gives_its_numbers(record: dict[str, Any], file: Path) -> None:
    found = summary(dilcli("rf", "--file", file, "--format", "json"))
    assert_is_expected(found, record["expected"])


@named(LAWFUL[::6])
def test_a_case_read_from_standard_input_gives_its_numbers(record: dict[str, Any]) -> None:
    done = dilcli("rf", "--file", "-", "--format", "json", stdin=json.dumps(record).encode())
    assert_is_expected(summary(done), record["expected"])


@named(LAWFUL[::9])
def test_a_file_may_stand_where_layers_do(record: dict[str, Any], file: Path) -> None:
    assert_is_expected(summary(dilcli("rf", file, "--json")), record["expected"])


@named(SIZED)
def test_the_size_may_be_given_on_the_command_line(record: dict[str, Any], tmp_path: Path) -> None:
    path = tmp_path / "layers.json"
    path.write_text(json.dumps({"layers": record["layers"]}), encoding="utf-8")
    size = "x".join(map(str, per_axis(record["input_size"])))
    done = dilcli("rf", "--file", path, "--input-size", size, "--format", "json")
    assert_is_expected(summary(done), record["expected"])


@named(LAWFUL[3::9])
def test_a_bare_list_of_layers_is_a_network_too(record: dict[str, Any]) -> None:
    arguments = ["--input-size", record["input_size"]] if "input_size" in record else []
    done = dilcli(
        "rf", "--file", "-", "--json", *arguments, stdin=json.dumps(record["layers"]).encode()
    )
    assert_is_expected(summary(done), record["expected"])


def toml(value: Any) -> str:
    """Write data as TOML on one line."""
    if isinstance(value, dict):
        return "{" + ", ".join(f"{key} = {toml(member)}" for key, member in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(toml, value)) + "]"
    return json.dumps(value)


@named(LAWFUL[5::11])
def test_a_case_written_as_toml_gives_its_numbers(record: dict[str, Any], tmp_path: Path) -> None:
    path = tmp_path / "case.toml"
    keys = {key: record[key] for key in ("input_size", "layers") if key in record}
    path.write_text("".join(f"{k} = {toml(v)}\n" for k, v in keys.items()), encoding="utf-8")
    done = dilcli("rf", "--file", path, "--format", "json")
    assert_is_expected(summary(done), record["expected"])
    piped = dilcli("rf", "-", "--format", "json", stdin=path.read_bytes())
    assert_is_expected(summary(piped), record["expected"])


@named([record for record in CASES if "erf_variance" in record["expected"]])
def test_sigma_is_the_root_of_the_expected_variance(record: dict[str, Any], file: Path) -> None:
    found = summary(dilcli("rf", "--file", file, "--erf", "--format", "json"))
    variance = float(Fraction(*record["expected"]["erf_variance"]))
    assert found["sigma"] == pytest.approx([variance**0.5] * 2)


@named([record for record in CASES if "hdc_M2" in record["expected"]])
def test_m2_and_the_rule_for_holes_are_told(record: dict[str, Any], file: Path) -> None:
    found = summary(dilcli("rf", "--file", file, "--format", "json"))
    expected = record["expected"]
    assert found["hdc_m2"] == [expected["hdc_M2"]] * 2
    assert found["hole_free"] is (expected["coverage_2d"][0] == expected["coverage_2d"][1])


@named([record for record in CASES if "rf_naive_tconv" in record["expected"]])
def test_the_papers_rule_gives_the_published_numbers(record: dict[str, Any], file: Path) -> None:
    done = dilcli("rf", "--file", file, "--tconv-rule", "paper", "--format", "json")
    assert summary(done)["rf"] == list(per_axis(record["expected"]["rf_naive_tconv"]))


@named(LAWFUL[::10])
def test_checks_of_a_cases_numbers_hold_and_of_one_pixel_more_fail(
    record: dict[str, Any], file: Path
) -> None:
    largest = max(per_axis(record["expected"]["rf"]))
    least = min(per_axis(record["expected"]["rf"]))
    good = dilcli("rf", file, "--check", f"rf>={least}", "--check", f"rf<={largest}")
    bad = dilcli("rf", file, "--check", f"rf>={least}", "--check", f"rf>={least + 1}")
    assert good.code == 0
    assert bad.code == 3
    assert f"rf>={least + 1}" in bad.err


def test_different_strides_are_refused_and_both_are_named() -> None:
    record = case("rf_test_network_3_misaligned_strides")
    done = dilcli("rf", "-", "--json", stdin=json.dumps(record).encode())
    assert done.code == 2
    assert done.out == b""
    assert "2x2" in done.err
    assert "1x1" in done.err


def test_misaligned_branches_see_their_hull_or_under_strict_nothing() -> None:
    record = case("misaligned_same_stride_hull")
    data, expected = json.dumps(record).encode(), record["expected"]
    done = dilcli("rf", "-", "--json", stdin=data)
    found = summary(done)
    assert found["rf"] == [expected["hull_rf"]] * 2
    assert found["effective_padding"] == [expected["hull_padding"]] * 2
    assert found["aligned"] is False
    assert "centres differ" in done.err
    assert dilcli("rf", "-", "--check", "aligned", stdin=data).code == 3
    strict = dilcli("rf", "-", "--strict", stdin=data)
    assert strict.code == 2
    assert "centres differ" in strict.err


def test_network_4_of_the_toolbox_at_8_and_9_pixels() -> None:
    layers = {"layers": case("rf_test_network_4_unknown_size")["layers"]}
    data = json.dumps(layers).encode()
    for size, aligned, padding in ((None, None, None), (9, True, 1), (8, False, None)):
        arguments = [] if size is None else ["--input-size", size]
        found = summary(dilcli("rf", "-", "--json", *arguments, stdin=data))
        assert found["aligned"] is aligned
        assert aligned is False or found["effective_padding"] == [padding] * 2
    assert dilcli("rf", "-", "--strict", "--input-size", 8, stdin=data).code == 2


def test_a_cell_of_alexnet_sees_the_published_box() -> None:
    record = case("torchvision_alexnet_features8_unit6")
    done = dilcli("rf", "-", "--json", "--cell", "6,6", stdin=json.dumps(record).encode())
    assert done.code == 0, done.err
    assert json.loads(done.out)["cell"]["box"] == [record["expected"]["box_of_output_6"]] * 2


def test_deeplabs_published_field_of_view_is_not_given_as_its_receptive_field() -> None:
    record = case("deeplab_v1_DeepLab-CRF-LargeFOV")
    found = summary(dilcli("rf", "-", "--json", stdin=json.dumps(record).encode()))
    assert found["rf"] == [419, 419] != [record["expected"]["fov_published_formula"]] * 2


def test_dilation_0_is_refused_in_a_file_as_well() -> None:
    record = {"layers": [{"kind": "conv", "kernel": 3, "dilation": 0}]}
    done = dilcli("rf", "-", stdin=json.dumps(record).encode())
    assert done.code == 2
    assert "layers[0]" in done.err
    assert "dilation" in done.err
    holes = dilcli("rf", "-", "--holes", "--json", stdin=json.dumps(record).encode())
    assert summary(holes)["rf"] == [3, 3]
