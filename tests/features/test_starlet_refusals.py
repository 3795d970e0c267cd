"""Outputs that are refused, and folders that are made."""

from __future__ import annotations

from pathlib import Path

import pytest

from dilcli.errors import ImageFileError
from dilcli.features.starlet_refusals import lies_in, refuse_outputs


def test_outputs_that_exist_or_have_no_folder_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "a"
    refuse_outputs([path], [], overwrite=False)
    path.touch()
    refuse_outputs([path], [], overwrite=True)
    with pytest.raises(ImageFileError, match="output exists"):
        refuse_outputs([path], [], overwrite=False)
    with pytest.raises(ImageFileError, match="is a folder"):
        refuse_outputs([tmp_path], [], overwrite=True)
    with pytest.raises(ImageFileError, match="does not exist"):
        refuse_outputs([tmp_path / "no" / "a"], [], overwrite=False)
    refuse_outputs([tmp_path / "no" / "a"], [], overwrite=False, makes_folder=True)
    with pytest.raises(ImageFileError, match="too long"):
        refuse_outputs([tmp_path / ("a" * 300)], [], overwrite=False)


@pytest.mark.parametrize(
    ("folder", "path", "inside"),
    [
        ("out", "out/sheet.png", True),
        ("./out", "out/deep/er.png", True),
        ("out", "out/../sheet.png", False),
        ("out", "outer/sheet.png", False),
        (None, "sheet.png", False),
    ],
)
def test_what_lies_in_a_folder(folder: str | None, path: str, inside: bool) -> None:
    assert lies_in(None if folder is None else Path(folder), Path(path)) is inside
