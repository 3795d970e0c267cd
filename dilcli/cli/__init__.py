"""The terminal's face: one group, one file a command, one place where errors become exits."""

from __future__ import annotations

import os
import sys
from enum import IntEnum
from typing import TYPE_CHECKING

import click

from dilcli.cli.apply import apply
from dilcli.errors import DilcliError

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["Exit", "group", "main"]


class Exit(IntEnum):
    """What the exit codes mean."""

    DONE = 0
    FAILED = 1
    USAGE = 2
    CONDITION = 3
    INTERRUPTED = 130


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="dilcli", message="%(prog)s %(version)s")
def group() -> None:
    """Filter image files with dilated (atrous) kernels."""


group.add_command(apply)


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the command line and leave with its exit code."""
    # Strips are spread over threads here; BLAS would fight over the same cores. It reads this
    # when NumPy is imported, which no module has done yet.
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    sys.exit(_run(arguments))


def _run(arguments: Sequence[str] | None) -> int:
    try:
        code = group.main(arguments, prog_name="dilcli", standalone_mode=False)
        sys.stdout.flush()
    except click.ClickException as error:
        error.show()
        return error.exit_code
    except DilcliError as error:
        click.echo(f"Error: {error}", err=True)
        return Exit.FAILED
    except (click.Abort, KeyboardInterrupt):
        click.echo("Interrupted", err=True)
        return Exit.INTERRUPTED
    except BrokenPipeError:
        # The reader of standard output went away; Python would complain again at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return Exit.FAILED
    return code if isinstance(code, int) else Exit.DONE
