"""Options that commands share say and do the same everywhere."""

from __future__ import annotations

import click
import pytest

from dilcli.cli.apply import apply
from dilcli.cli.compare import compare

SHARED = ("kernel", "holes", "boundary", "fill", "origin", "convolve")


@pytest.mark.parametrize("name", SHARED)
def test_a_shared_option_has_one_spelling_default_and_meaning(name: str) -> None:
    one, other = (
        next(p for p in command.params if isinstance(p, click.Option) and p.name == name)
        for command in (apply, compare)
    )
    assert (one.opts, one.default, one.metavar) == (other.opts, other.default, other.metavar)
    assert type(one.type) is type(other.type)
    assert one.help
    assert other.help
