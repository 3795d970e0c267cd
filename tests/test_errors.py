"""Errors are few, and each is also what a Python caller would catch."""

from __future__ import annotations

import pytest

from dilcli import errors


@pytest.mark.parametrize("name", errors.__all__)
def test_every_error_can_be_caught_as_dilclis_own(name: str) -> None:
    assert issubclass(getattr(errors, name), errors.DilcliError)


@pytest.mark.parametrize(
    ("error", "builtin"),
    [
        (errors.ArgumentError, ValueError),
        (errors.KernelError, ValueError),
        (errors.LayerError, ValueError),
        (errors.ImageFileError, OSError),
    ],
)
def test_an_error_is_also_the_builtin_that_fits_it(
    error: type[Exception], builtin: type[Exception]
) -> None:
    with pytest.raises(builtin, match="why"):
        raise error("why")


def test_an_image_file_error_shows_its_sentence_alone() -> None:
    assert str(errors.ImageFileError("no such file: a.png")) == "no such file: a.png"
