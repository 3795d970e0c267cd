"""What is said about an output: one line for people, one object for programs."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest

from dilcli.cli.report import Line, as_json, echo, lines, one_line, say, say_estimate
from dilcli.core.kernels import parse_kernel
from dilcli.core.recipe import Recipe
from dilcli.features.outcome import Outcome

DONE = Outcome(
    input="a.png",
    output="b.png",
    status="ok",
    recipe=Recipe(parse_kernel("sobel-y"), ((2, 3),)),
    response="abs",
    shape=(4, 5, 3),
    dtype="uint8",
    frames=1,
    clipped=15,
    samples=60,
    size=2**20,
    seconds=0.5,
)


def _record(**changes: Any) -> dict[str, Any]:
    record: dict[str, Any] = json.loads(as_json(replace(DONE, **changes)))
    return record


def test_json_is_one_line_of_ascii_with_every_key() -> None:
    assert as_json(replace(DONE, input="ä\n\udcff")).isascii()
    assert "\n" not in as_json(replace(DONE, input="ä\n"))
    assert _record(input="ä\n\udcff")["input"] == "ä\n\udcff"
    assert _record() == {
        "input": "a.png",
        "output": "b.png",
        "status": "ok",
        "error": None,
        "kernel": "sobel-y",
        "dilation": [2, 3],
        "effective_size": [5, 7],
        "taps": 6,
        "boundary": "reflect",
        "response": "abs",
        "shape": [4, 5, 3],
        "dtype": "uint8",
        "frames": 1,
        "clipped": 15,
        "clipped_fraction": 0.25,
        "seconds": 0.5,
    }


def test_combined_rates_have_a_list_of_dilations_and_of_sizes() -> None:
    recipe = Recipe(parse_kernel("box"), ((1, 1), (2, 4)), "max")
    record = _record(recipe=recipe)
    assert record["dilation"] == [[1, 1], [2, 4]]
    assert record["effective_size"] == [[3, 3], [5, 9]]


def test_what_is_not_known_is_null() -> None:
    failed = Outcome("a.png", None, "failed", DONE.recipe, "no such thing")
    record = json.loads(as_json(failed))
    assert list(record) == list(_record())
    for key in ("output", "response", "shape", "dtype", "frames", "clipped", "clipped_fraction"):
        assert record[key] is None
    assert _record(clipped=0)["clipped_fraction"] == 0
    assert _record(clipped=None)["clipped_fraction"] is None


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        (
            {"clipped": 0, "notes": ("turned", "flattened")},
            "a.png -> b.png: 4 x 5 x 3 uint8, response abs\n  note: turned\n  note: flattened\n",
        ),
        ({"clipped": 0, "frames": 7}, "a.png -> b.png: 4 x 5 x 3 uint8, 7 frames, response abs\n"),
        (
            {},
            "a.png -> b.png: 4 x 5 x 3 uint8, response abs; 15 of 60 samples (25.0%) clipped; "
            "what keeps them: --response offset or minmax, or --depth float with a .tif or .npy\n",
        ),
        ({"status": "skipped"}, "a.png -> b.png: skipped, it exists\n"),
        ({"status": "failed", "error": "a.png: cut off"}, "Error: a.png: cut off\n"),
        ({"status": "failed", "error": "b.png: exists"}, "Error: b.png: exists\n"),
        ({"status": "failed", "error": "no frame 3"}, "Error: a.png: no frame 3\n"),
        (
            {"status": "failed", "error": "no\nframe 3", "output": None},
            "Error: a.png: no\\nframe 3\n",
        ),
    ],
)
def test_people_read_one_line_an_output_on_standard_error(
    changes: dict[str, Any], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    say(replace(DONE, **changes))
    assert capsys.readouterr() == ("", said)


def test_a_line_has_a_level_and_an_entry_that_stands_alone() -> None:
    made = "a.png -> b.png: 4 x 5 x 3 uint8, response abs"
    assert lines(replace(DONE, clipped=0, notes=("turned", "flattened"))) == [
        Line("info", made, made),
        Line("warning", "  note: turned", "a.png -> b.png: note: turned"),
        Line("warning", "  note: flattened", "a.png -> b.png: note: flattened"),
    ]
    assert [line.level for line in lines(DONE)] == ["warning"], "samples were clipped"
    assert [line.level for line in lines(replace(DONE, status="skipped"))] == ["info"]
    failed = replace(DONE, status="failed", error="no frame 3")
    assert lines(failed) == [Line("error", "Error: a.png: no frame 3", "a.png: no frame 3")]


def test_lines_are_said_where_one_wants_them(capsys: pytest.CaptureFixture[str]) -> None:
    said: list[str] = []
    outcome = replace(DONE, notes=("turned",))
    say(outcome, said.append)
    assert said == [line.text for line in lines(outcome)]
    assert capsys.readouterr() == ("", "")


def test_a_line_stays_one_line_whatever_a_name_holds(capsys: pytest.CaptureFixture[str]) -> None:
    assert one_line("ä b\n\x1b[2J\udcff\u2028") == "ä b\\n\\x1b[2J\\udcff\\u2028"
    assert one_line(one_line("\n")) == one_line("\n")
    echo("a\nb")
    say(replace(DONE, input="a\n.png", status="skipped"))
    assert capsys.readouterr().err == "a\\nb\na\\n.png -> b.png: skipped, it exists\n"


def test_an_estimate_is_a_result_and_stands_on_standard_output(
    capsys: pytest.CaptureFixture[str],
) -> None:
    say_estimate(replace(DONE, clipped=None, samples=2_000_000, notes=("alpha goes",)))
    assert capsys.readouterr() == (
        "a.png -> b.png: 4 x 5 x 3 uint8, response abs, 6 multiply-adds a sample, "
        "12.0 million in all, 1.0 MiB of pixels\n  note: alpha goes\n",
        "",
    )
    say_estimate(replace(DONE, status="failed", error="a.png: cut off"))
    assert capsys.readouterr() == ("", "Error: a.png: cut off\n")
