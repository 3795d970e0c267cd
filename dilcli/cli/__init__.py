"""The terminal's face: one group, one file a command, one place where errors become exits."""

from __future__ import annotations

import atexit
import gc
import importlib
import os
import signal
import sys
from enum import IntEnum
from io import TextIOWrapper
from typing import TYPE_CHECKING, Any

import click

from dilcli import __version__
from dilcli.errors import DilcliError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

__all__ = ["COMMANDS", "Exit", "LazyGroup", "group", "main"]


class Exit(IntEnum):
    """What the exit codes mean."""

    DONE = 0
    FAILED = 1
    USAGE = 2
    CONDITION = 3
    INTERRUPTED = 130


#: Every command and what it is for. The commands themselves are loaded when they are called, for
#: ``--help`` and ``--version`` are asked for often and need none of them.
COMMANDS = {
    "apply": "Filter image files with a dilated kernel.",
    "atrous": "Take pictures apart by scale, and put them together again.",
    "compare": "Compare dilated filtering with downsample, filter, upsample.",
    "rf": "Calculate the receptive fields of a stack of layers.",
}


#: Objects after which Python looks for garbage, and how often it looks further.
_LOADING = (100_000, 10, 10)


class LazyGroup(click.Group):
    """A group whose commands live in modules of their names.

    Parameters
    ----------
    table : mapping of str to str
        Every command and what it is for.
    prefix : str
        What stands before a command's name in the name of its module.
    """

    def __init__(self, *args: Any, table: Mapping[str, str], prefix: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.table = table
        self.prefix = prefix

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 -- click's signature
        """List the names of the commands, in the order of the table."""
        return list(self.table)

    def get_command(
        self,
        ctx: click.Context,  # noqa: ARG002 -- click's signature
        cmd_name: str,
    ) -> click.Command | None:
        """Load a command from its module."""
        if cmd_name not in self.table:
            return None
        module = importlib.import_module(f"{self.prefix}{cmd_name}")
        command: click.Command = getattr(module, cmd_name)
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Find a command; a mistyped one gets the nearest named."""
        try:
            return super().resolve_command(ctx, args)
        except click.NoSuchCommand as error:
            name = error.command_name
            raise click.NoSuchCommand(name, possibilities=self.table, ctx=ctx) from None

    def format_commands(
        self,
        ctx: click.Context,  # noqa: ARG002 -- click's signature
        formatter: click.HelpFormatter,
    ) -> None:
        """Write the table into the help; no command is loaded for it."""
        with formatter.section("Commands"):
            formatter.write_dl(list(self.table.items()))


@click.group(
    cls=LazyGroup,
    table=COMMANDS,
    prefix="dilcli.cli.",
    context_settings={"help_option_names": ["-h", "--help"]},
)
@click.version_option(__version__, message="%(prog)s %(version)s")
def group() -> None:
    """Filter image files with dilated (atrous) kernels."""


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the command line and leave with its exit code."""
    # Strips are spread over threads here; BLAS would fight over the same cores. It reads this
    # when NumPy is imported, which no module has done yet.
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    # Loading makes many objects and next to no garbage, and looking for it again and again takes
    # a tenth of the time of a small picture; at the end the process goes with all it holds.
    gc.set_threshold(*_LOADING)
    atexit.register(gc.freeze)
    # A file's name need not be text that standard output can spell.
    if isinstance(sys.stdout, TextIOWrapper):
        sys.stdout.reconfigure(errors="backslashreplace")
    # To be told to stop is to clean up, as an interrupt is; who ignores a hang-up goes on.
    for name in ("SIGTERM", "SIGHUP"):
        number = getattr(signal, name, None)
        if number is not None and signal.getsignal(number) == signal.SIG_DFL:
            signal.signal(number, _stop)
    sys.exit(_run(arguments))


def _stop(number: int, _: object) -> None:
    raise SystemExit(128 + number)


def _run(arguments: Sequence[str] | None) -> int:
    try:
        code = group.main(arguments, prog_name="dilcli", standalone_mode=False)
        if sys.stdout is not None:
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
    except OSError as error:
        # Files have their own errors: this is standard output, whose reader went away or whose
        # disk is full. Python would complain again at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        if not isinstance(error, BrokenPipeError):
            click.echo(f"Error: standard output: {error.strerror or error}", err=True)
        return Exit.FAILED
    return code if isinstance(code, int) else Exit.DONE
