"""Strips laid aside until their page has its turn."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest

from dilcli.errors import ImageFileError
from dilcli.features.starlet_spool import Spool

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.parametrize("memory", [0, 1 << 20])
def test_pages_that_are_made_together_are_read_one_after_another(
    memory: int, tmp_path: Path
) -> None:
    rng = np.random.default_rng(0)
    pages = [
        rng.normal(size=(7, 3)).astype(np.float32),
        rng.integers(0, 256, (7, 3, 2), np.uint8),
        rng.normal(size=9),
    ]
    with Spool([(page.shape, page.dtype) for page in pages], tmp_path, memory) as spool:
        for first in (0, 3, 6):
            for number, page in enumerate(pages[:2]):
                spool.put(number, page[first : first + 3])
        spool.put(2, pages[2])
        assert list(tmp_path.iterdir()) == [], "what is laid aside has no name"
        for number, page in enumerate(pages):
            found = np.concatenate(list(spool.strips(number)))
            assert found.dtype == page.dtype
            np.testing.assert_array_equal(found, page)


def test_a_page_is_read_some_rows_at_a_time(tmp_path: Path) -> None:
    page = np.zeros((9, 1 << 20), np.uint16)
    with Spool([(page.shape, page.dtype)], tmp_path, 0) as spool:
        spool.put(0, page)
        assert [len(strip) for strip in spool.strips(0)] == [4, 4, 1]


def test_rows_too_many_or_too_few_are_faults(tmp_path: Path) -> None:
    with Spool([((2, 2), np.dtype(np.uint8))], tmp_path, 99) as spool:
        with pytest.raises(AssertionError, match="not complete"):
            next(spool.strips(0))
        with pytest.raises(AssertionError, match="more rows"):
            spool.put(0, np.zeros((3, 2), np.uint8))


def test_a_folder_that_cannot_be_written_to_is_said_in_one_line(tmp_path: Path) -> None:
    with pytest.raises(ImageFileError, match="no: cannot lay planes aside: No such file"):
        Spool([((2, 2), np.dtype(np.uint8))], tmp_path / "no", 0)
