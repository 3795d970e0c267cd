"""Run the command line inside this process, as a shell would."""

from __future__ import annotations

import json
from typing import Any, NamedTuple

from click.testing import CliRunner

from dilcli.cli import main

__all__ = ["Done", "dilcli"]


class Done(NamedTuple):
    """An exit code and what was written to the two streams."""

    code: int
    out: bytes
    err: str

    @property
    def records(self) -> list[dict[str, Any]]:
        """The JSON Lines on standard output."""
        return [json.loads(line) for line in self.out.decode().splitlines()]


def dilcli(*arguments: object, stdin: bytes = b"") -> Done:
    """Call the entry point with these words."""
    with CliRunner().isolation(input=stdin) as (out, err, _):
        try:
            main([str(argument) for argument in arguments])
        except SystemExit as end:
            code = end.code
        else:
            raise AssertionError("the entry point returned instead of exiting")
        return Done(int(code or 0), out.getvalue(), err.getvalue().decode())
