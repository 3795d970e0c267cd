"""The cases of ``data/atrous_cases.json``, for the tests of the starlet transform.

The file is a copy of ``reference/atrous_cases.json`` of the project's design: planes that dense
zero-stuffed ``scipy.ndimage.convolve``, separable ``convolve1d`` and pure ``Fraction`` arithmetic
agree on bit for bit, computed without dilcli.
"""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

__all__ = ["atrous", "case_input", "starlet_settings"]


@cache
def atrous() -> dict[str, Any]:
    """Give the whole file."""
    path = Path(__file__).parent / "data" / "atrous_cases.json"
    cases: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return cases


def starlet_settings(case: dict[str, Any]) -> dict[str, Any]:
    """Give a case's keyword arguments for `dilcli.starlet` and `dilcli.inverse_starlet`."""
    names = {"b3spline": "b3", "linear": "linear"}
    return {
        "kernel": names[case["kernel"]],
        "boundary": case["boundary"],
        "generation": case["generation"],
    }


def case_input(name: str) -> np.ndarray[Any, np.dtype[Any]]:
    """Give the input that a threshold or gain case names."""
    data = atrous()
    found = [case["input"] for case in data["cases"] if case["name"] == name]
    return np.array(found[0] if found else data["inputs"][name])
