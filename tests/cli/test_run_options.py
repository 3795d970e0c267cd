"""Commands that make pictures of pictures share the options of the run, each written once."""

from __future__ import annotations

import click
import pytest

from dilcli.cli.apply import apply
from dilcli.cli.atrous_denoise import denoise
from dilcli.cli.atrous_enhance import enhance
from dilcli.cli.run_options import DEPTH, RUN_OPTIONS


def _named() -> list[str]:
    @click.command()
    def command() -> None:
        pass

    for option in (*RUN_OPTIONS, DEPTH):
        command = option(command)
    return [str(param.name) for param in command.params]


@pytest.mark.parametrize("command", [apply, denoise, enhance], ids=lambda each: str(each.name))
def test_each_command_has_every_option_of_the_run(command: click.Command) -> None:
    names = [param.name for param in command.params]
    assert len(set(names)) == len(names)
    assert set(_named()) <= set(names)
