"""Receptive fields as a table in the terminal, and in Markdown."""

from __future__ import annotations

import io
import re
import sys

import pytest

from dilcli.cli.field_columns import columns
from dilcli.cli.field_table import fitted, markdown, report_lines, show
from tests.field_reports import report

TEXTS = [
    "conv3",
    "conv7s2p3@stem maxpool3s2p1 3x(conv1 conv3 conv1|id)",
    "conv3x5d2x1s2p1:2x0@a_rather_long_name_of_a_layer cat(conv3|(conv5|conv7x3) conv3)",
    "conv3pv pool2 conv3pv up2 conv2pv gap",
    "12xconv3s7d90",
]


def test_a_table_reads_as_it_should() -> None:
    lines = report_lines(report("conv3 (conv3d2 conv1|id)", input_size=(32,)), 80)
    assert lines == [
        "# layer   kernel stride pad dil k_eff RF jump start cover gap out RF/in",
        "─ ─────── ────── ────── ─── ─── ───── ── ──── ───── ───── ─── ─── ─────",
        "1 conv         3      1   1   1     3  3    1   0.5  100%   1  32  9.4%",
        "2 1: conv      3      1   2   2     5  7    1   0.5  100%   1  32 21.9%",
        "3    conv      1      1   0   1     1  7    1   0.5  100%   1  32 21.9%",
        "4 2: id                                3    1   0.5  100%   1  32  9.4%",
        "5 add                                  7    1   0.5  100%   1  32 21.9%",
        "",
        "receptive field    7 (21.9% of the input)",
        "effective stride   1",
        "effective padding  3",
        "start              0.5",
        "coverage           100%, no holes",
        "aligned            yes",
        "output             32×32",
    ]


@pytest.mark.parametrize("text", TEXTS)
@pytest.mark.parametrize("width", [40, 60, 80, 100, 200])
@pytest.mark.parametrize("everything", [False, True])
def test_a_table_fits_its_width_and_cuts_no_number(text: str, width: int, everything: bool) -> None:
    made = report(text, input_size=(10**8,) if everything else None, erf=everything)
    shown, space = fitted(columns(made, erf=everything), width)
    complete = {c.head: c.texts for c in columns(made, erf=everything)}
    for column in shown:
        if column.head != "layer":
            assert column.texts == complete[column.head]
    assert {"#", "layer", "RF"} <= {column.head for column in shown}
    if width >= 60:
        lines = report_lines(made, width, erf=everything)
        table = lines[: len(made.result.rows) + 2]
        assert max(map(len, table)) <= width
        assert all(len(re.split(r" +", line)) <= 40 for line in table)
        assert space in (1, 2)


def test_columns_go_in_the_order_that_help_says_and_are_named() -> None:
    made = report("conv3 pool2", input_size=(32,), erf=True)
    wide = report_lines(made, 200, erf=True)
    assert not any(line.startswith("Left out") for line in wide)
    assert report_lines(made, 70, erf=True)[-1] == "Left out at 70 columns: k_eff, gap."


def test_a_long_name_is_shortened_before_a_column_goes() -> None:
    made = report(f"conv3@{'n' * 200} conv3")
    lines = report_lines(made, 80)
    assert len(lines[2]) <= 80
    assert "…" in lines[2]
    assert "k_eff" in lines[0]
    assert "n" * 200 in report_lines(made, 300)[2]


def test_an_empty_network_has_facts_and_no_table() -> None:
    assert report_lines(report(""), 80)[0] == "receptive field    1"


def test_what_four_sigma_holds_for_is_said_below_the_table() -> None:
    note = "σ: linear layers with uniform weights, max-pooling counted as a mean."
    assert note in report_lines(report("conv3", erf=True), 80, erf=True)
    assert note in markdown(report("conv3", erf=True), erf=True)
    assert note not in report_lines(report("conv3"), 80)


def test_markdown_has_every_column_and_the_facts_as_a_list() -> None:
    lines = markdown(report("conv3@a*b (conv3x5|id)", input_size=(9,))).splitlines()
    table = [line for line in lines if line.startswith("|")]
    assert {line.count(" | ") for line in table} == {13}
    assert table[1].startswith("| --: | :-- | --: |")
    assert r"| 1 | conv @a\*b | 3 |" in table[2]
    assert "| 2 | 1: conv | 3×5 |" in table[3]
    assert "- receptive field: 5×7 (55.6%×77.8% of the input)" in lines


def test_markdown_keeps_the_indent_of_branches() -> None:
    assert "| 2 | &nbsp;&nbsp;&nbsp;conv |" in markdown(report("(conv3 conv3|id)"))


class _Stream(io.TextIOWrapper):
    def __init__(self, encoding: str, terminal: bool) -> None:
        super().__init__(io.BytesIO(), encoding=encoding)
        self.terminal = terminal

    def isatty(self) -> bool:
        return self.terminal

    @property
    def shown(self) -> str:
        self.flush()
        assert isinstance(self.buffer, io.BytesIO)
        return self.buffer.getvalue().decode(self.encoding)


def test_where_there_is_no_unicode_plain_letters_stand_in(monkeypatch: pytest.MonkeyPatch) -> None:
    stream = _Stream("ascii", terminal=False)
    monkeypatch.setattr(sys, "stdout", stream)
    show(["7×5 188–204 4σ ← …", "──"])
    assert stream.shown == "7x5 188-204 4s < ~\n--\n"


def test_the_head_is_bold_on_a_terminal_only(monkeypatch: pytest.MonkeyPatch) -> None:
    for terminal in (False, True):
        stream = _Stream("utf-8", terminal)
        monkeypatch.setattr(sys, "stdout", stream)
        monkeypatch.setenv("TERM", "xterm")
        show(["head", "row"])
        assert ("\x1b[1mhead\x1b[0m" in stream.shown) is terminal
        assert re.sub(r"\x1b\[\d*m", "", stream.shown) == "head\nrow\n"
