"""The public names of the package, loaded when they are first used."""

from __future__ import annotations

import importlib
import subprocess
import sys

import numpy as np
import pytest

import dilcli


def test_dir_lists_the_public_names_and_loads_none_of_them() -> None:
    script = "import dilcli, sys; print(*dir(dilcli)); print(*sys.modules)"
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True
    )
    names, loaded = (line.split() for line in done.stdout.splitlines())
    assert sorted(names) == sorted(dilcli.__all__)
    assert [name for name in loaded if name.startswith("dilcli.")] == []


@pytest.mark.parametrize("name", [name for name in dilcli.__all__ if name[0] != "_"])
def test_each_public_name_is_found_at_its_home_and_documented(name: str) -> None:
    value = getattr(dilcli, name)
    home = importlib.import_module(value.__module__)
    assert getattr(home, value.__name__) is value
    assert value.__doc__
    assert getattr(dilcli, name) is value


def test_a_name_that_is_not_there_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="module 'dilcli' has no attribute 'corelate'"):
        dilcli.corelate  # noqa: B018


def test_the_names_work_together() -> None:
    kernel = dilcli.parse_kernel("1 2 3")
    assert isinstance(kernel, dilcli.Kernel)
    row = dilcli.correlate([0.0, 0, 1, 0, 0], kernel.weights[0], dilation=2, boundary="zero")
    assert isinstance(row, np.ndarray)
    assert row.tolist() == [3, 0, 2, 0, 1]
    for error in (dilcli.KernelError, dilcli.ArgumentError, dilcli.ImageFileError):
        assert issubclass(error, dilcli.DilcliError)
