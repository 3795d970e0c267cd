"""``dilcli atrous``: a group like the main one."""

from __future__ import annotations

import importlib
import re

import click

from dilcli.cli.atrous import ATROUS_COMMANDS
from tests.cli.running import dilcli


def test_every_command_is_in_the_help_with_the_first_line_of_its_own() -> None:
    text = dilcli("atrous", "--help").out.decode()
    for name, summary in ATROUS_COMMANDS.items():
        assert re.search(rf"^  {name} +{re.escape(summary)}$", text, re.MULTILINE)
        command = getattr(importlib.import_module(f"dilcli.cli.atrous_{name}"), name)
        assert isinstance(command, click.Command)
        assert (command.help or "").splitlines()[0] == summary


def test_a_mistyped_command_gets_the_nearest() -> None:
    done = dilcli("atrous", "inof")
    assert done.code == 2
    assert done.err.endswith("Error: No such command 'inof'. Did you mean 'info'?\n")


def test_nothing_said_shows_the_help() -> None:
    done = dilcli("atrous")
    assert done.code == 2
    assert "Commands:" in done.err


def test_the_help_of_each_command_fits_a_terminal() -> None:
    for name in ATROUS_COMMANDS:
        done = dilcli("atrous", name, "-h")
        assert done.code == 0
        assert max(map(len, done.out.decode().splitlines())) <= 80
