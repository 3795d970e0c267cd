"""``python -m dilcli`` is the command."""

from __future__ import annotations

import subprocess
import sys

import dilcli


def test_the_module_runs_as_the_command_under_its_name() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "dilcli", "apply", "-k", "box"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 2
    assert done.stderr.startswith("Usage: dilcli apply [OPTIONS] [INPUTS]...\n")
    assert dilcli.__version__
