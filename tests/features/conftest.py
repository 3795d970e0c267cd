"""What the tests of this floor share."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest
from PIL import Image

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Work where a.png and b.tif (three pages) lie."""
    monkeypatch.chdir(tmp_path)
    pages = [Image.fromarray(np.full((4, 5), value, np.uint8)) for value in (10, 20, 30)]
    pages[0].save("a.png")
    pages[0].save("b.tif", save_all=True, append_images=pages[1:])
    return tmp_path
