"""Frames laid out for their transform."""

from __future__ import annotations

import numpy as np
import pytest

from dilcli import files
from dilcli.core.kernels import parse_kernel
from dilcli.core.starlet_plan import plan_starlet
from dilcli.errors import ArgumentError
from dilcli.features.starlet_transform import Transform, laid_out
from dilcli.features.streaming import in_memory

TRANSFORM = Transform(3, parse_kernel("linear"), "constant", 7.0, 2)


def test_a_plan_has_the_settings_and_knows_the_span_of_the_colours() -> None:
    pixels = np.array([[[5, 900], [-6, 900]]], np.int32)
    (rows,) = in_memory(files.Picture((pixels,), alpha=True, format="npy")).frames
    plan = laid_out(rows, TRANSFORM, alpha=True).plan
    settings = {"kernel": "linear", "boundary": "constant", "fill": 7.0, "generation": 2}
    wanted = plan_starlet((1, 2), "int32", 3, span=(-6, 5), **settings)  # type: ignore[arg-type]
    names = ("shape", "taps", "generation", "boundary", "fill", "grain", "levels")
    for name in names:
        assert getattr(plan, name) == getattr(wanted, name)
    assert plan.grain != plan_starlet((1, 2), "int32", 3, span=(-6, 900)).grain


def test_samples_that_float64_cannot_tell_apart_are_refused() -> None:
    picture = in_memory(files.Picture((np.array([[1 << 60]]),), alpha=False, format="npy"))
    with pytest.raises(ArgumentError):
        laid_out(picture.frames[0], TRANSFORM, alpha=False)
