"""What commands of ``atrous`` have in common."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from dilcli.cli.atrous_options import (
    GENERATION,
    KERNEL,
    LEVELS,
    named_fill,
    note,
)
from dilcli.cli.filter_options import with_options

if TYPE_CHECKING:
    import pytest


def test_options_stand_in_the_order_that_they_are_given_in() -> None:
    @click.command()
    @with_options((LEVELS, KERNEL, GENERATION))
    def command(**options: Any) -> dict[str, Any]:
        return options

    assert [option.name for option in command.params] == ["levels", "kernel", "generation"]
    found = command.main([], standalone_mode=False)
    assert (found["levels"], found["kernel"].name, found["generation"]) == (4, "b3", "1")


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
