"""How many levels a transform has, and a value for each of them."""

from __future__ import annotations

import operator
from typing import TYPE_CHECKING

import numpy as np

from dilcli.errors import ArgumentError

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["checked_levels", "level_values"]


def checked_levels(levels: int) -> int:
    """Refuse a number of levels below 1."""
    try:
        count = operator.index(levels)
    except TypeError:
        raise ArgumentError(f"levels must be a whole number (got {levels!r})") from None
    if isinstance(levels, bool) or count < 1:
        raise ArgumentError(
            f"levels must be >= 1 (got {levels!r}); details count, not the residual"
        )
    return count


def level_values(name: str, values: float | Sequence[float], levels: int) -> tuple[float, ...]:
    """Give each level its value; the last one repeats over the levels that follow.

    Parameters
    ----------
    name : str
        Said in errors.
    values : float or sequence of float
        From level 1 on.
    levels : int
        How many there are.

    Returns
    -------
    tuple of float
        One a level.

    Raises
    ------
    ArgumentError
        If there are none or more than levels, or one is no finite number.
    """
    try:
        given = tuple(np.atleast_1d(np.asarray(values, np.float64)).tolist())
    except (TypeError, ValueError):
        raise ArgumentError(f"{name} must be numbers, level 1 first (got {values!r})") from None
    if not 1 <= len(given) <= levels:
        raise ArgumentError(
            f"{len(given)} values of {name} for {levels} levels; "
            "want at least one and at most one a level, the last one repeats"
        )
    if not all(map(np.isfinite, given)):
        raise ArgumentError(f"{name} must be finite (got {values!r})")
    return given + given[-1:] * (levels - len(given))
