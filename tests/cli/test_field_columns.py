"""The columns of a table of receptive fields, and the facts below it."""

from __future__ import annotations

from typing import Any

import pytest

from dilcli.cli.field_columns import columns, facts, labels
from tests.field_reports import report


def _columns(text: str, *, erf: bool = False, **settings: Any) -> dict[str, list[str]]:
    made = columns(report(text, **settings), erf=erf)
    assert all(c.width == max(map(len, (c.head, *c.texts))) for c in made)
    return {c.head: c.texts for c in made}


def _labels(text: str) -> list[str]:
    return labels(report(text).result.network)


def test_the_columns_are_those_of_the_field_and_more_on_demand() -> None:
    always = ["#", "layer", "kernel", "stride", "pad", "dil", "k_eff"]
    always += ["RF", "jump", "start", "cover", "gap"]
    assert list(_columns("conv3")) == always
    assert list(_columns("conv3", input_size=(9,))) == [*always, "out", "RF/in"]
    assert list(_columns("conv3", erf=True)) == [*always, "σ", "4σ"]
    assert list(_columns("conv3", channels=(3, 8))) == [*always, "params"]
    everything = _columns("conv3", erf=True, channels=(3, 8), input_size=(9,))
    assert list(everything) == [*always, "out", "RF/in", "σ", "4σ", "params", "MACs"]


def test_a_row_echoes_the_layer_and_what_it_sees() -> None:
    row = {h: texts[0] for h, texts in _columns("conv3x5d2x1s2p1:2x0@stem").items()}
    assert list(row.values()) == [
        *("1", "conv @stem", "3×5", "2", "1:2×0", "2×1", "5"),
        *("5", "2", "1.5×2.5", "60%", "2×1"),
    ]


def test_layers_without_a_window_leave_its_cells_empty() -> None:
    made = _columns("id up2 crop1 conv3 (conv1|id) gap")
    assert made["layer"] == ["id", "up", "crop", "conv", "1: conv", "2: id", "add", "gap"]
    assert made["kernel"] == ["", "", "", "3", "1", "", "", ""]
    assert made["stride"] == ["", "2", "", "1", "1", "", "", ""]
    assert made["pad"] == ["", "", "-1", "1", "0", "", "", ""]
    assert made["RF"][-1] == "all"
    assert made["start"][-1] == "?"


def test_costs_of_the_same_kernel_are_the_same_at_any_rate() -> None:
    made = _columns("conv3 conv3d2 conv3d8", channels=(64, 64, 64, 64), input_size=(32,))
    assert made["params"] == ["36864"] * 3
    assert made["MACs"] == ["37.75M"] * 3


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            "conv3 (conv3 conv1|conv1) conv3",
            ["conv", "1: conv", "   conv", "2: conv", "add", "conv"],
        ),
        ("conv3 (conv3|) conv3", ["conv", "1: conv", "add ← 2, 1", "conv"]),
        ("(|conv3)", ["2: conv", "add ← 0, 1"]),
        (
            "((conv1|conv3)|(conv5|conv7) conv1)",
            [
                *("1: 1: conv", "   2: conv", "   add"),
                *("2: 1: conv", "   2: conv", "   add", "   conv", "add"),
            ],
        ),
        (
            "conv3@a conv3 (cat(id|from:a) conv3|id)",
            [
                *("conv @a", "conv", "1: 1: id", "   concat ← 3, 1", "   conv", "2: id", "add"),
            ],
        ),
        ("conv3@a conv3 from:a conv3", ["conv @a", "conv", "conv ← 1"]),
        (
            "conv3@a conv3 cat(id|from:a conv1)",
            ["conv @a", "conv", "1: id", "2: conv ← 1", "concat"],
        ),
        (
            "(conv3|conv5)@m (conv3|conv5)",
            ["1: conv", "2: conv", "add @m", "1: conv", "2: conv", "add"],
        ),
    ],
)
def test_branches_are_numbered_and_jumps_say_what_is_read(text: str, expected: list[str]) -> None:
    assert _labels(text) == expected


def test_a_name_from_a_file_stays_on_its_line() -> None:
    made = report("conv3")
    network = made.result.network
    node = network.nodes[0]._replace(name="a\nb\x1b[31m")
    assert labels(network._replace(nodes=(node,))) == ["conv @a\\nb\\x1b[31m"]


def _facts(text: str, **settings: Any) -> dict[str, str]:
    return dict(facts(report(text, **settings)))


def test_the_facts_sum_the_network_up() -> None:
    assert _facts("conv3d2 conv3d2 conv3d2") == {
        "receptive field": "13",
        "effective stride": "1",
        "effective padding": "6",
        "start": "0.5",
        "coverage": "28.99%, with holes",
        "aligned": "yes",
        "HDC M2 (paper)": "2",
    }


def test_the_facts_tell_what_was_asked_for() -> None:
    asked = {"input_size": (9, 12), "channels": (3, 8, 8), "erf": True}
    found = _facts("conv3 conv3", **asked)
    assert found["receptive field"] == "5 (55.6%×41.7% of the input)"
    assert found["output"] == "9×12"
    assert found["effective σ"] == "1.15, 4σ 4.62"
    assert found["parameters"] == "792"
    assert found["multiply-adds"] == "85,536"
    assert _facts("conv3 pool2 conv3", at="1")["at layer"] == "1 conv"
    assert "at layer" not in _facts("conv3 pool2 conv3", at="3")


def test_unknown_values_are_question_marks() -> None:
    found = _facts("conv3s2ps conv3")
    assert (found["effective padding"], found["start"], found["aligned"]) == ("?", "?", "?")
    found = _facts("gap", input_size=(9,))
    assert found["receptive field"] == "all (100% of the input)"
    assert found["coverage"] == "?"


def test_a_cell_is_traced_to_the_input() -> None:
    found = _facts("conv3 conv3", cell=(0, 4), input_size=(9,))
    assert found["cell 0,4 sees"] == "rows -2 to 2, columns 2 to 6"
    assert found["  of the input"] == "rows 0 to 2, columns 2 to 6"
    assert found["  of the padding"] == "rows 2 before, 0 after; columns 0 before, 0 after"
    assert "  of the input" not in _facts("conv3", cell=(0, 4))
    found = _facts("conv3pv", cell=(0, 4), input_size=(9,))
    assert found["  of the padding"] == "nothing"
    assert _facts("conv1p5", cell=(0, 0), input_size=(9,))["  of the input"] == "nothing"


def test_a_pixel_is_traced_to_the_outputs() -> None:
    found = _facts("conv3", pixel=(0, 4), input_size=(9,))
    assert found["pixel 0,4 is in"] == "6 outputs: rows 0 to 1, columns 3 to 5"
    assert _facts("conv1s2", pixel=(1, 1))["pixel 1,1"] == "is seen by no output"
    assert _facts("conv1s2", pixel=(2, 2))["pixel 2,2 is in"] == "1 output: rows 1, columns 1"
