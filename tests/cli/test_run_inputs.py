"""Words become inputs, and what is left aside of them is counted."""

from __future__ import annotations

import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import click
import pytest

from dilcli.cli.run_inputs import found_inputs, words_aside
from dilcli.errors import ArgumentError
from dilcli.features.inputs import Found


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Work in a folder with some names."""
    monkeypatch.chdir(tmp_path)
    for name in ("a.png", "b.png", "c.txt"):
        Path(name).touch()


def _found(*inputs: str, **options: Any) -> list[str]:
    known = {"files_from": None, "null": False, "recursive": False, "include": (), "exclude": ()}
    return [s.name for s in found_inputs(inputs, known | {"output_dir": None} | options).sources]


def test_names_of_lists_follow_the_words(monkeypatch: pytest.MonkeyPatch) -> None:
    Path("list").write_bytes(b"b.png\na.png\n")
    assert _found("a.png", files_from="list") == ["a.png", "b.png"]
    Path("list").write_bytes(b"b.png\0a.png\0")
    assert _found(files_from="list", null=True) == ["b.png", "a.png"]
    stream = SimpleNamespace(buffer=SimpleNamespace(read=lambda: b"a.png\n"))
    monkeypatch.setattr(sys, "stdin", stream)
    assert _found(files_from="-") == ["a.png"]


def test_what_is_reached_again_is_counted() -> None:
    Path("link.png").symlink_to("a.png")
    found = found_inputs(
        ("a.png", "link.png", "./a.png", "b.png"),
        {"files_from": None, "null": False, "recursive": False, "output_dir": None}
        | {"include": (), "exclude": ()},
    )
    assert ([s.name for s in found.sources], found.repeated) == (["a.png", "b.png"], 2)


def test_a_folder_is_searched_as_asked() -> None:
    assert _found(".", exclude=("b*",)) == ["a.png"]


@pytest.mark.parametrize(
    ("inputs", "options", "said"),
    [
        ((), {}, "no input is named"),
        (("a.png",), {"null": True}, "give --files-from FILE"),
        (("-", "-"), {}, "standard input can be read once"),
        (("-",), {"files_from": "-"}, "standard input can be read once"),
    ],
)
def test_words_that_contradict_each_other_are_refused(
    inputs: tuple[str, ...], options: dict[str, Any], said: str
) -> None:
    with pytest.raises(click.UsageError, match=said):
        _found(*inputs, **options)


def test_a_list_that_is_missing_and_standard_input_that_is_closed_are_named(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with pytest.raises(ArgumentError, match="--files-from no: No such file"):
        _found(files_from="no")
    monkeypatch.setattr(sys, "stdin", None)
    with pytest.raises(click.UsageError, match="standard input is closed"):
        _found("-")


def test_what_is_left_aside_is_counted_in_words() -> None:
    assert words_aside(Found(()), 0) == ()
    assert words_aside(Found((), 1, 1, 1, 1), 1) == (
        "1 file that is no picture",
        "1 excluded",
        "1 named twice",
        "1 output of an earlier run",
        "1 folder without --recursive",
    )
    assert words_aside(Found((), 2, 3, 4, 6), 5) == (
        "2 files that are no pictures",
        "3 excluded",
        "6 named twice",
        "5 outputs of an earlier run",
        "4 folders without --recursive",
    )
