"""What commands of ``atrous`` have in common."""

from __future__ import annotations

import os
import threading
from typing import TYPE_CHECKING, Any

import click
import pytest

from dilcli.cli.atrous_options import (
    GENERATION,
    KERNEL,
    LEVELS,
    input_content,
    named_fill,
    note,
    with_options,
)

if TYPE_CHECKING:
    from pathlib import Path


def test_options_stand_in_the_order_that_they_are_given_in() -> None:
    @click.command()
    @with_options((LEVELS, KERNEL, GENERATION))
    def command(**options: Any) -> dict[str, Any]:
        return options

    assert [option.name for option in command.params] == ["levels", "kernel", "generation"]
    found = command.main([], standalone_mode=False)
    assert (found["levels"], found["kernel"].name, found["generation"]) == (4, "b3", "1")


def test_a_file_is_left_to_be_read_and_a_pipe_is_read_once(tmp_path: Path) -> None:
    path, pipe = tmp_path / "a.png", tmp_path / "pipe"
    path.write_bytes(b"x")
    assert input_content(str(path)) == path
    os.mkfifo(pipe)
    writer = threading.Thread(target=pipe.write_bytes, args=(b"abc",))
    writer.start()
    assert input_content(str(pipe)) == b"abc"
    writer.join()


def test_an_input_without_a_name_is_refused() -> None:
    with pytest.raises(click.UsageError, match="is empty"):
        input_content("")


def test_a_fill_is_0_if_nothing_is_said_and_noted_if_it_has_no_use(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert named_fill(None, "reflect") == 0
    assert named_fill(2.5, "constant") == 2.5
    assert capsys.readouterr().err == ""
    named_fill(2.5, "reflect")
    assert capsys.readouterr().err.startswith("note: --fill 2.5 is for -b constant")


def test_a_note_is_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    note("a\nb")
    assert capsys.readouterr().err == "note: a\\nb\n"
