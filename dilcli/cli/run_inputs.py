"""The inputs of a run: words of the command line, lists, and what is left aside of them."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from dilcli.errors import ArgumentError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from dilcli.features.inputs import Found

__all__ = ["found_inputs", "words_aside"]


def found_inputs(inputs: Sequence[str], options: dict[str, Any]) -> Found:
    """Find the inputs that the words of a command line stand for.

    Parameters
    ----------
    inputs : sequence of str
        Files, folders, globs, lists, ``-``.
    options : dict
        ``files_from``, ``null``, ``recursive``, ``include``, ``exclude``, ``output_dir``.

    Returns
    -------
    Found

    Raises
    ------
    click.UsageError
        If nothing is named, or standard input is asked for twice or is closed.
    ArgumentError
        If a list cannot be read.
    """
    from dilcli.features.inputs import find_inputs, names_in_list

    listed = options["files_from"]
    if not inputs and listed is None:
        raise click.UsageError("no input is named; give picture files, or - for standard input")
    if options["null"] and listed is None:
        raise click.UsageError("--null says how names of --files-from end; give --files-from FILE")
    if list(inputs).count("-") + (listed == "-") > 1:
        raise click.UsageError("standard input can be read once; give - once")
    names: list[str] = []
    if listed is not None:
        data = _standard_input() if listed == "-" else _read_list(listed)
        names = names_in_list(data, null=options["null"], title=f"--files-from {listed}")
    return find_inputs(
        inputs,
        names,
        recursive=options["recursive"],
        include=options["include"],
        exclude=options["exclude"],
        skip_folder=options["output_dir"],
        standard_input=_standard_input() if "-" in inputs else None,
    )


def _read_list(name: str) -> bytes:
    try:
        return Path(name).read_bytes()
    except OSError as error:
        raise ArgumentError(f"--files-from {name}: {error.strerror or error}") from None


def _standard_input() -> bytes:
    if sys.stdin is None:
        raise click.UsageError("standard input is closed, so - cannot be read")
    return sys.stdin.buffer.read()


def words_aside(found: Found, outputs: int) -> tuple[str, ...]:
    """Say what was not taken as an input.

    Parameters
    ----------
    found : Found
        What the words stand for.
    outputs : int
        Files that an earlier run made, which are left out.

    Returns
    -------
    tuple of str
        How many, of what.
    """
    counts = (
        (found.passed_over, "file that is no picture", "files that are no pictures"),
        (found.excluded, "excluded", "excluded"),
        (found.repeated, "named twice", "named twice"),
        (outputs, "output of an earlier run", "outputs of an earlier run"),
        (found.not_entered, "folder without --recursive", "folders without --recursive"),
    )
    return tuple(f"{n} {one if n == 1 else many}" for n, one, many in counts if n)
