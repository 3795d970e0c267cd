"""Pictures and responses for tests of the two ways."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from dilcli.core.comparison import compare
from dilcli.core.kernels import parse_kernel

if TYPE_CHECKING:
    from dilcli.core.comparison import Setup

__all__ = ["SOBEL", "noise", "responses"]

SOBEL = parse_kernel("sobel-y")


def noise(shape: tuple[int, ...], dtype: str = "float64") -> np.ndarray[Any, np.dtype[Any]]:
    """Make the same noise of deviation 100 each time."""
    return (np.random.default_rng(5).normal(size=shape) * 100).astype(dtype)


def responses(pixels: np.ndarray[Any, np.dtype[Any]], setup: Setup) -> dict[str, Any]:
    """Keep each way's response."""
    kept: dict[str, Any] = {}
    compare(pixels, setup, kept.__setitem__)
    return kept
