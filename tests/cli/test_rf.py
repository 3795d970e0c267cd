"""``dilcli rf`` from the words of the command line to its tables, records and exit codes."""

from __future__ import annotations

import csv
import io
import json
import math
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image

from dilcli.core.receptive.presets import presets
from tests.cli.running import Done, dilcli
from tests.receptive_cases import CASES, case, per_axis

SAMPLES = Path(__file__).parents[2] / "sample_images"


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Work in an empty folder."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


def _record(*words: object, **streams: bytes) -> dict[str, Any]:
    done = dilcli("rf", *words, "--format", "json", **streams)
    assert done.code == 0, done.err
    (record,) = done.records
    return record


def _summary(*words: object) -> dict[str, Any]:
    summary: dict[str, Any] = _record(*words)["summary"]
    return summary


def _refused(*words: object, **streams: bytes) -> str:
    """Give the message of a wrong call: one line, after Click's two."""
    done = dilcli("rf", *words, **streams)
    assert done.code == 2, done.err
    assert done.out == b""
    usage, hint, blank, message = done.err.splitlines()
    assert (usage[:6], hint[:4], blank) == ("Usage:", "Try ", "")
    return message.removeprefix("Error: ")


# -- the numbers of the literature --------------------------------------------------------------


def _as_given(record: dict[str, Any]) -> bytes:
    kept = {key: record[key] for key in ("layers", "input_size") if key in record}
    return json.dumps(kept).encode()


@pytest.mark.parametrize("record", CASES, ids=lambda record: str(record["name"]))
def test_every_reference_case_comes_back_through_standard_input(record: dict[str, Any]) -> None:
    expected = record["expected"]
    if "path_stride" in expected and len(set(expected["path_stride"])) > 1:
        message = _refused("-", stdin=_as_given(record))
        assert "2x2" in message
        assert "1x1" in message
        return
    summary = _record("-", stdin=_as_given(record))["summary"]
    wanted = {key: per_axis(expected[key]) for key in ("rf", "effective_stride") if key in expected}
    renamed = {"max_gap": "gap", "start_center": "start", "hull_rf": "rf"}
    renamed |= {"hull_padding": "effective_padding", "hdc_M2": "hdc_m2"}
    names = ("effective_padding", "output_size", "lattice", *renamed)
    wanted |= {renamed.get(n, n): per_axis(expected[n]) for n in names if n in expected}
    assert {key: tuple(summary[key]) for key in wanted} == wanted
    if "aligned" in expected:
        assert summary["aligned"] is expected["aligned"]
    if "coverage_2d" in expected:
        assert summary["coverage"] == float(Fraction(*expected["coverage_2d"]))
    if "erf_variance" in expected:
        sigma = math.sqrt(Fraction(*expected["erf_variance"]))
        assert summary["sigma"] == pytest.approx([sigma, sigma])
    if "rf_exact_by_phase" in expected:
        assert summary["rf_by_phase"] == [expected["rf_exact_by_phase"]] * 2


def test_the_papers_rule_gives_the_numbers_of_the_papers_table() -> None:
    for name in ("vnet_R4", "vnet_R3"):
        record = case(name)
        done = _record("-", "--tconv-rule", "paper", stdin=_as_given(record))
        assert done["summary"]["rf"] == [record["expected"]["rf_naive_tconv"]] * 2


@pytest.mark.parametrize(
    ("rates", "coverage", "expected", "variance"),
    [
        ((1, 1, 1), Fraction(49, 49), (7, 1, 1, 1), Fraction(2, 1)),
        ((2, 2, 2), Fraction(49, 169), (13, 2, 2, 2), Fraction(8, 1)),
        ((3, 3, 3), Fraction(49, 361), (19, 3, 3, 3), Fraction(18, 1)),
        ((1, 2, 3), Fraction(1, 1), (13, 1, 1, 2), Fraction(28, 3)),
        ((1, 2, 5), Fraction(1, 1), (17, 1, 1, 2), Fraction(20, 1)),
        ((1, 2, 9), Fraction(441, 625), (25, 3, 1, 5), Fraction(172, 3)),
        ((1, 2, 4, 8), Fraction(1, 1), (31, 1, 1, 2), Fraction(170, 3)),
        ((2, 4, 8), Fraction(225, 841), (29, 2, 2, 4), Fraction(56, 1)),
        ((2, 4, 6), Fraction(169, 625), (25, 2, 2, 4), Fraction(112, 3)),
        ((1, 3, 9), Fraction(1, 1), (27, 1, 1, 3), Fraction(182, 3)),
        ((2, 3), Fraction(81, 121), (11, 2, 1, 3), Fraction(26, 3)),
        ((9, 2, 1), Fraction(441, 625), (25, 3, 1, 3), Fraction(172, 3)),
        ((2, 2, 2, 2, 1, 1), Fraction(1, 1), (21, 1, 1, 2), Fraction(12, 1)),
        ((12,), Fraction(9, 625), (25, 12, 12, None), Fraction(96, 1)),
    ],
)
def test_holes_of_stacks_of_3x3_are_those_of_the_literature(
    rates: tuple[int, ...],
    coverage: Fraction,
    expected: tuple[int, int, int, int | None],
    variance: Fraction,
) -> None:
    """Expected are receptive field, gap, lattice and M2."""
    summary = _summary(*(f"conv3d{rate}" for rate in rates))
    found = tuple(summary[key] for key in ("rf", "gap", "lattice", "hdc_m2"))
    assert found == tuple([value, value] for value in expected)
    assert summary["coverage"] == float(coverage)
    assert summary["hole_free"] is (coverage == 1)
    assert summary["sigma"] == pytest.approx([math.sqrt(variance)] * 2)


@pytest.mark.parametrize(
    ("text", "right", "wrong"),
    [
        ("conv3d4", 9, 3 + 4),
        ("conv5d2", 9, 5 + 2),
        ("conv3s2 conv3", 7, 9),
        ("conv3d1 conv3d2 conv3d4 conv3d8 conv3d16 conv3d32", 127, 2 * 63 + 2),
        (" ".join(f"conv3d{2**i}pc" for i in range(10)), 2047, 1024),
        (" ".join(3 * [f"conv2d{2**i}pc" for i in range(10)]), 3070, 3072),
        (" ".join(3 * [f"2xconv8d{d}pc" for d in (1, 2, 4, 8)]), 631, 192),
        (" ".join(f"2xconv4d{2**i}pc" for i in range(7)), 763, 2 * 4 * 127),
    ],
)
def test_known_wrong_results_are_not_ours(text: str, right: int, wrong: int) -> None:
    assert _summary(text, "--axis", 1)["rf"] == [right]
    assert right != wrong


def test_start_looks_at_dilation() -> None:
    assert _summary("conv3d2p2")["start"] == [0.5, 0.5]


def test_published_fields_of_view_are_not_receptive_fields() -> None:
    assert _summary("--preset", "deeplab-largefov")["rf"] == [419, 419]


@pytest.mark.parametrize("preset", [p.name for p in presets()])
def test_every_preset_is_a_table_within_80_columns(
    preset: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    done = dilcli("rf", "--preset", preset)
    assert done.code == 0, done.err
    lines = done.out.decode().splitlines()
    assert max(map(len, lines)) <= 80
    assert any(line.startswith("receptive field  ") for line in lines)


# -- where layers come from ---------------------------------------------------------------------


def test_words_are_joined_by_blanks() -> None:
    assert _record("conv3", "2x(conv3", "pool2)") == _record("conv3 2x(conv3 pool2)")


def test_layers_come_from_words_files_presets_and_standard_input() -> None:
    Path("net.rf").write_text("conv3\nconv3d2  # wide\n")
    Path("net.toml").write_text('layers = ["conv3", "conv3d2"]\n')
    Path("net.json").write_text('["conv3", "conv3d2"]')
    expected = _record("conv3 conv3d2")["layers"]
    for words in (["net.rf"], ["net.toml"], ["net.json"], ["--file", "net.rf"]):
        assert _record(*words)["layers"] == expected
    for words in (["-"], ["--file", "-"]):
        assert _record(*words, stdin=b"conv3 conv3d2")["layers"] == expected
        assert _record(*words, stdin=b'{"layers": ["conv3", "conv3d2"]}')["layers"] == expected
    assert _record("--preset", "hdc")["name"] == "hdc"
    assert _record("net.toml")["name"] == "net"


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ([], "no layers: write some, such as conv3 conv3d2, or give --preset"),
        (["conv3", "--preset", "hdc"], "LAYERS and --preset exclude each other"),
        (["--file", "-", "--preset", "hdc"], "--file and --preset exclude each other"),
        (["--preset", "resnet5"], "unknown preset 'resnet5'; did you mean 'resnet50'?"),
        (["missing.json"], "layer file missing.json: No such file"),
        (["--file", "missing.rf"], "layer file missing.rf: No such file"),
        (["conv3 convv3"], "column 7: unknown layer 'convv'; did you mean 'conv'?"),
        (["conv3d0"], "column 1: conv3: dilation starts at 1"),
        (["conv3x3x3", "--axis", "2"], ""),
        (["(conv3s2|conv3)"], "layer 3 (add): branches of different effective strides meet"),
        (["conv3p2:0 (conv3p2:0|conv3p0:2)", "--strict"], "layer 4 (add): misaligned"),
        (["conv9pv", "--input-size", "5"], "layer 1 (conv9)"),
    ],
)
def test_layers_that_cannot_be_used_are_refused_in_one_line(words: list[str], said: str) -> None:
    assert _refused(*words).startswith(said)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.text("conv3dps2x1()| @-gaidut:,;0=k", max_size=25) | st.text(max_size=12))
def test_no_text_gives_a_traceback(text: str) -> None:
    done = dilcli("rf", "--json", "--", text)
    assert done.code in (0, 2)
    if done.code == 2:
        assert len(done.err.splitlines()) == 4


def test_defaults_of_padding_and_the_count_of_holes_are_settings() -> None:
    assert _summary("conv3 conv3", "--padding", "valid")["effective_padding"] == [0, 0]
    assert _summary("conv3 conv3", "--padding", "causal")["effective_padding"] == [4, 4]
    assert _summary("conv3s2", "--padding", "same")["effective_padding"] == [None, None]
    assert _summary("conv3d0 conv3d1", "--holes")["rf"] == [7, 7]
    assert "did you mean 'valid'" in _refused("conv3", "--padding", "vali").lower()


@pytest.mark.parametrize("axes", [1, 2, 3])
def test_a_network_may_have_one_to_three_axes(axes: int) -> None:
    size = "x".join(["16"] * axes)
    at = ",".join(["0"] * axes)
    words = ("conv3s2 conv3", "--axis", axes, "--input-size", size, "--cell", at, "--pixel", at)
    record = _record(*words)
    assert record["summary"]["rf"] == [7] * axes
    assert record["summary"]["output_size"] == [8] * axes
    assert record["cell"]["box"] == [[-3, 3]] * axes
    assert len(record["pixel"]["outputs"]) == axes
    assert _summary("conv3", "--axis", axes, "--input-size", 16)["output_size"] == [16] * axes
    assert dilcli("rf", *words).code == 0


# -- what is shown ------------------------------------------------------------------------------


def test_warnings_go_to_standard_error_and_into_the_record() -> None:
    done = dilcli("rf", "conv3d2", "--json")
    assert done.err.startswith("warning: holes: ")
    assert done.err == "".join(f"warning: {w}\n" for w in done.records[0]["warnings"])
    done = dilcli("rf", "conv2d3", "--json")
    assert "note: " in done.err
    assert dilcli("rf", "conv3").err == ""


def test_misaligned_branches_are_a_hull_and_a_warning() -> None:
    done = dilcli("rf", "(conv3p2:0|conv3p0:2)", "--json")
    assert "centres differ" in done.err
    assert done.records[0]["summary"]["aligned"] is False
    assert done.records[0]["summary"]["rf"] == [5, 5]


def test_a_field_larger_than_the_input_is_a_warning() -> None:
    assert "exceeds the input 5x5" in dilcli("rf", "conv7", "--input-size", 5).err


def test_formats_show_the_same_numbers() -> None:
    words = ("conv3x5@a pool2 (conv3d2|)", "--input-size", "32x48", "--channels", "3,8,8")
    record = _record(*words)
    shown = dilcli("rf", *words, "--format", "csv").out.decode()
    rows = list(csv.DictReader(io.StringIO(shown)))
    assert [int(row["index"]) for row in rows] == [layer["index"] for layer in record["layers"]]
    for row, layer in zip(rows, record["layers"], strict=True):
        assert row["rf"] == "x".join(map(str, layer["rf"]))
        assert row["parameters"] == str(layer["parameters"])
    table = dilcli("rf", *words).out.decode()
    markdown = dilcli("rf", *words, "--format", "markdown").out.decode()
    for layer in record["layers"]:
        field = "×".join(map(str, layer["rf"]))
        assert field in table
        assert f"| {field} |" in markdown
    assert dilcli("rf", *words, "--json").out == dilcli("rf", *words, "--format", "json").out
    assert "contradict" in _refused("conv3", "--json", "--format", "csv")


def test_a_layer_in_the_middle_is_summed_up() -> None:
    assert _summary("conv3@a conv3 pool2", "--at", "a")["rf"] == [3, 3]
    assert _summary("conv3@a conv3 pool2", "--at", 2)["rf"] == [5, 5]
    assert _summary("conv3@a conv3 pool2", "--at", 2)["layer"] == 2
    assert (
        "at layer           2 conv\n" in dilcli("rf", "conv3 conv3 pool2", "--at", 2).out.decode()
    )
    assert _refused("conv3", "--at", "b") == "there is no layer 'b'; numbers go from 1 to 1"


def test_the_effective_field_is_shown_with_what_it_holds_for() -> None:
    shown = dilcli("rf", "10xconv3", "--erf").out.decode()
    assert "4σ 10.33" in shown
    assert "uniform weights, max-pooling counted as a mean" in shown
    assert _summary("10xconv3", "--erf")["luo_size"] == pytest.approx(11.70, abs=0.005)


def test_costs_do_not_depend_on_the_rate() -> None:
    dense, dilated = (
        _summary(text, "--channels", "64,64,64", "--input-size", 56)
        for text in ("conv3 conv3", "conv3 conv3d9")
    )
    assert dense["parameters"] == dilated["parameters"] == 2 * 9 * 64 * 64
    assert dense["macs"] == dilated["macs"] == 2 * 9 * 64 * 64 * 56 * 56
    assert "2 channels given, 3 needed" in _refused("conv3 conv3", "--channels", "3,8")


def test_a_cell_and_a_pixel_are_looked_up() -> None:
    alexnet = "conv11s4p2 pool3s2 conv5 pool3s2 conv3 conv3"
    record = _record(alexnet, "--input-size", 224, "--cell", "6,6", "--at", "5")
    assert record["cell"]["box"] == [[62, 160], [62, 160]]
    assert record["cell"]["lost"] == [[0, 0], [0, 0]]
    shown = dilcli("rf", "conv3", "--pixel", "0,4", "--input-size", 9).out.decode()
    assert "pixel 0,4 is in    6 outputs: rows 0 to 1, columns 3 to 5\n" in shown
    message = _refused("conv3", "--cell", "5,0", "--input-size", 5)
    assert message == "there is no output 5,0: they go from 0,0 to 4,4"
    assert "2 numbers" in _refused("conv3", "--cell", "5")
    assert "is not a position" in _refused("conv3", "--cell", "-1,0")


def test_lists_need_no_layers() -> None:
    assert dilcli("rf", "--list-presets").out.decode().startswith("alexnet")
    listed = json.loads(dilcli("rf", "--list-presets", "--json").out)["presets"]
    assert len(listed) == len(presets())


# -- conditions ---------------------------------------------------------------------------------


def _checked(text: str, *conditions: str) -> Done:
    return dilcli("rf", text, *(word for c in conditions for word in ("--check", c)))


def test_conditions_that_hold_are_silent() -> None:
    done = _checked("conv3 conv3d2", "rf>=7", "coverage=100", "aligned", "jump=1")
    assert (done.code, done.err) == (0, "")
    assert done.out == dilcli("rf", "conv3 conv3d2").out


def test_each_condition_that_fails_is_named_with_what_was_found() -> None:
    done = _checked("conv3d2", "rf>=65", "aligned", "coverage=100", "gap=1")
    assert done.code == 3
    assert done.err.splitlines()[1:] == [
        "check failed: rf>=65 does not hold: rf is 5",
        "check failed: coverage=100 does not hold: coverage is 36%",
        "check failed: gap=1 does not hold: gap is 2",
    ]
    assert done.out


def test_conditions_are_recorded() -> None:
    done = dilcli("rf", "conv3", "--check", "rf>=65", "--json")
    assert done.code == 3
    assert done.records[0]["checks"][0]["holds"] is False


def test_a_condition_on_sigma_is_calculated_for_tables_too() -> None:
    assert _checked("10xconv3", "sigma>2.5", "erf<10.4").code == 0


def test_a_wrong_condition_is_wrong_usage() -> None:
    assert "did you mean 'coverage'" in _refused("conv3", "--check", "coverge=100")


# -- suggestions --------------------------------------------------------------------------------


def test_a_suggestion_can_be_pasted_back_and_holds_what_it_says() -> None:
    found = json.loads(dilcli("rf", "--suggest", 65, "--json").out)["suggestions"]
    assert [s["layers"] for s in found] == sorted(s["layers"] for s in found)
    for suggestion in found:
        done = _checked(suggestion["text"], "rf>=65", "coverage=100")
        assert done.code == 0
        assert _summary(suggestion["text"])["rf"] == [suggestion["rf"]] * 2
    shown = dilcli("rf", "--suggest", 65).out.decode()
    assert all(suggestion["text"] in shown for suggestion in found)


def test_suggestions_have_their_own_settings() -> None:
    found = json.loads(dilcli("rf", "--suggest", 100, "--kernel", 5, "--layers", 4, "--json").out)[
        "suggestions"
    ]
    assert [s["layers"] for s in found] == [4]
    assert all(word.startswith("conv5") for word in found[0]["text"].split())
    assert "65 needs 4 layers" in _refused("--suggest", 65, "--layers", 2)
    assert _refused("conv3", "--kernel", 5) == "--kernel has no use without --suggest"
    assert "exclude each other" in _refused("conv3", "--suggest", 5)


# -- pictures -----------------------------------------------------------------------------------


def test_a_plot_follows_the_table() -> None:
    table = dilcli("rf", "conv3d2").out
    done = dilcli("rf", "conv3d2", "--plot")
    assert done.out.startswith(table)
    assert len(done.out) > len(table)
    assert "--plot does not go with json" in _refused("conv3", "--plot", "--json")


def test_a_map_is_a_picture_that_is_never_overwritten_unasked() -> None:
    assert dilcli("rf", "conv3d2 conv3d2", "--map", "map.png").code == 0
    first = Path("map.png").read_bytes()
    with Image.open("map.png") as picture:
        assert picture.size[0] > 100
    done = dilcli("rf", "conv3", "--map", "map.png")
    assert done.code == 1
    assert "map.png" in done.err
    assert Path("map.png").read_bytes() == first
    assert dilcli("rf", "conv3", "--map", "map.png", "--overwrite").code == 0
    assert Path("map.png").read_bytes() != first


def test_a_map_on_standard_output_stands_alone() -> None:
    done = dilcli("rf", "conv3d2", "--map", "-")
    assert done.code == 0
    assert Image.open(io.BytesIO(done.out)).format == "PNG"
    assert "leaves standard output" in _refused("conv3", "--map", "-", "--json")


def test_a_map_lies_over_a_photograph() -> None:
    words = ("--preset", "vgg16", "--image", SAMPLES / "cat.png", "--map", "over.png")
    assert dilcli("rf", *words, "--cell", "2,2").code == 0
    with Image.open("over.png") as picture:
        assert picture.size[0] > 300
    assert _refused(*words) == "--image has no use without --cell"
    assert _refused("conv3", "--image", "a.png") == "--image has no use without --map"
    done = dilcli("rf", "conv3", "--cell", "0,0", "--image", "none.png", "--map", "b.png")
    assert done.code == 1
    assert "none.png" in done.err


def test_a_picture_is_the_input_whose_size_tells_same_padding(tmp_path: Path) -> None:
    words = ("--image", SAMPLES / "cat.png", "--cell", "1,1", "--map", tmp_path / "over.png")
    done = dilcli("rf", "conv3s2ps", *words, "--json")
    assert done.code == 0, done.err
    record = json.loads(done.out)
    assert record["summary"]["input_size"] == [300, 451]
    assert record["cell"]["lost"] == [[0, 0], [0, 0]]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--suggest", "9", "--format", "csv"), "lists are printed as table or json, not csv"),
        (("--list-presets", "--format", "markdown"), "table or json, not markdown"),
        (("--suggest", "9", "--check", "rf>=3"), "--suggest knows no --check"),
        (("conv3", "--format", "csv", "--cell", "0,0"), "csv has rows of layers only"),
    ],
)
def test_what_a_format_or_a_list_cannot_say_is_refused(words: tuple[str, ...], said: str) -> None:
    assert said in (_refused(*words) or "")
