"""How parameters are typed, and what is refused."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from dilcli.core.kernel_parameters import (
    number,
    one_of,
    optional,
    pair_of_positives,
    positive,
    size,
    whole,
)

if TYPE_CHECKING:
    from collections.abc import Callable


@pytest.mark.parametrize(
    ("read", "text", "value"),
    [
        (number, "-1/4", -0.25),
        (positive, "1e-3", 0.001),
        (pair_of_positives, "2", (2.0, 2.0)),
        (pair_of_positives, "1.5x3", (1.5, 3.0)),
        (size, "7", (7, 7)),
        (size, "5x7", (5, 7)),
        (whole(1, 9), "9", 9),
        (whole(1, 9), "3.0", 3),
        (one_of(4, 8), "8", 8),
        (optional(positive), "auto", None),
        (optional(size), "3", (3, 3)),
    ],
)
def test_what_is_typed_is_read(read: Callable[[str], Any], text: str, value: object) -> None:
    assert read(text) == value


@pytest.mark.parametrize(
    ("read", "text", "message"),
    [
        (number, "x", "must be a number"),
        (number, "nan", "must be a number"),
        (number, "1/0", "must be a number"),
        (number, "1e400", "must be a number"),
        (number, "", "must be a number"),
        (positive, "0", "greater than 0"),
        (positive, "inf", "must be a number"),
        (positive, "4097", "at most 4096"),
        (pair_of_positives, "1x-1", "greater than 0"),
        (pair_of_positives, "1x2x3", "must be a number"),
        (size, "0", "from 1 to 4096, or two of them"),
        (size, "5x", "from 1 to 4096, or two of them"),
        (size, "2.5", "from 1 to 4096, or two of them"),
        (whole(2, 31), "1", "from 2 to 31"),
        (whole(2, 31), "abc", "from 2 to 31"),
        (one_of(4, 8), "5", "4 or 8"),
        (optional(positive), "0", "or auto"),
    ],
)
def test_what_is_out_of_range_is_refused_with_the_range(
    read: Callable[[str], Any], text: str, message: str
) -> None:
    with pytest.raises(ValueError, match=message):
        read(text)
