"""The one place where errors become exits."""

from __future__ import annotations

import importlib
import re
import signal
import subprocess
import sys
import time
from typing import TYPE_CHECKING
from unittest import mock

import click
import numpy as np
import pytest

import dilcli as package
from dilcli.cli import COMMANDS, Exit, group
from dilcli.errors import ImageFileError
from tests.cli.running import dilcli

if TYPE_CHECKING:
    from pathlib import Path


def test_the_version_is_that_of_the_package() -> None:
    done = dilcli("--version")
    assert (done.code, done.out.decode()) == (0, f"dilcli {package.__version__}\n")


def test_every_command_is_in_the_help_with_the_first_line_of_its_own() -> None:
    text = dilcli("--help").out.decode()
    for name, summary in COMMANDS.items():
        assert re.search(rf"^  {name} +{re.escape(summary)}$", text, re.MULTILINE)
        command = getattr(importlib.import_module(f"dilcli.cli.{name}"), name)
        assert isinstance(command, click.Command)
        assert (command.help or "").splitlines()[0] == summary


def test_help_is_asked_for_by_two_names_and_is_shown_to_who_says_nothing() -> None:
    assert dilcli("-h").out == dilcli("--help").out
    nothing = dilcli()
    assert nothing.code == 2
    assert "Commands:" in nothing.err


def test_a_mistyped_command_gets_the_nearest() -> None:
    done = dilcli("aply")
    assert done.code == 2
    assert done.err.endswith("Error: No such command 'aply'. Did you mean 'apply'?\n")
    assert "No such command 'x'." in dilcli("x").err
    assert "No such option" in dilcli("--aply").err


@pytest.mark.parametrize(
    ("error", "code", "said"),
    [
        (ImageFileError("a.png: cut off"), Exit.FAILED, "Error: a.png: cut off\n"),
        (click.UsageError("no"), Exit.USAGE, "Error: no\n"),
        (click.ClickException("no"), Exit.FAILED, "Error: no\n"),
        (click.Abort(), Exit.INTERRUPTED, "Interrupted\n"),
        (KeyboardInterrupt(), Exit.INTERRUPTED, "Interrupted\n"),
    ],
)
def test_an_error_becomes_its_exit_code_and_one_line(
    error: BaseException, code: Exit, said: str
) -> None:
    with mock.patch.object(group, "invoke", side_effect=error):
        done = dilcli("apply")
    assert (done.code, done.out, done.err.lstrip("\n")) == (code, b"", said)


@pytest.mark.parametrize(("value", "code"), [(0, 0), (1, 1), (3, 3), (None, 0)])
def test_what_a_command_returns_is_the_exit_code(value: int | None, code: int) -> None:
    with mock.patch.object(group, "invoke", return_value=value):
        assert dilcli("apply").code == code


def test_the_codes_are_those_that_the_documents_promise() -> None:
    assert [int(code) for code in Exit] == [0, 1, 2, 3, 130]


@pytest.mark.parametrize("name", ["SIGTERM", "SIGHUP"])
def test_who_is_told_to_stop_cleans_up(name: str, tmp_path: Path) -> None:
    np.save(tmp_path / "a.npy", np.zeros((20_000, 3000), np.uint8))
    words = ("a.npy", "-k", "gaussian:sigma=4", "-d", "3", "-o", "b.tif", "--memory-limit", "120MB")
    running = subprocess.Popen(
        [sys.executable, "-m", "dilcli", "apply", *words],
        cwd=tmp_path,
        stderr=subprocess.PIPE,
        text=True,
    )
    while not list(tmp_path.glob(".dilcli-*")):
        assert running.poll() is None, running.communicate()
        time.sleep(0.005)
    running.send_signal(getattr(signal, name))
    _, said = running.communicate()
    assert running.returncode == 128 + getattr(signal, name)
    assert said == ""
    assert [path.name for path in tmp_path.iterdir()] == ["a.npy"]


def test_garbage_is_hardly_looked_for_while_the_command_is_loaded() -> None:
    code = (
        "import gc\n"
        "from dilcli.cli import main\n"
        "try:\n    main(['--version'])\n"
        "except SystemExit:\n    print(gc.get_threshold()[0])"
    )
    done = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
    assert int(done.stdout.split()[-1]) > 10_000
