"""Frames put together strip by strip: the picture of the whole, bit for bit."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dilcli import files, inverse_starlet, starlet
from dilcli.core.boundary import BOUNDARIES
from dilcli.core.scaling import scaling_taps
from dilcli.features.starlet_joining import Joining, join, joining_plan
from dilcli.features.starlet_sidecar import Sidecar
from dilcli.features.starlet_storage import Storage
from dilcli.features.starlet_stored import StoredFrame
from dilcli.features.streaming import in_memory

Array = np.ndarray[Any, np.dtype[Any]]


def stored(planes: Array, alpha: Array | None = None) -> StoredFrame:
    rows = in_memory(files.Picture(tuple(planes), alpha=False, format="npy")).frames
    opacity = None
    if alpha is not None:
        opacity = in_memory(files.Picture((alpha,), alpha=False, format="npy")).frames[0]
    return StoredFrame(rows, opacity, planes[0].shape)


def record(levels: int, boundary: Any, generation: int, kernel: str) -> Sidecar:
    taps = scaling_taps(kernel)
    return Sidecar(
        *(kernel, taps, levels, generation, boundary, 3.0, "a", "float64", (1,), False),
        *("float64", 0.0, 1.0, False, ()),
    )


def joined(frame: StoredFrame, height: int, how: Joining) -> tuple[Array, int]:
    plan = joining_plan(frame, how.sidecar)
    rows = plan.shape[0]
    strips = [(first, min(first + height, rows)) for first in range(0, rows, height)]
    found = list(join(frame, plan, strips, how))
    return np.concatenate([samples for samples, _ in found]), sum(count for _, count in found)


@given(
    size=st.tuples(st.integers(1, 24), st.integers(1, 9)),
    channels=st.sampled_from([None, 1, 3]),
    levels=st.integers(1, 4),
    boundary=st.sampled_from(BOUNDARIES),
    kernel=st.sampled_from(["b3", "linear", "-1 6 -1 / 4"]),
    generation=st.sampled_from([1, 2]),
    height=st.integers(1, 9),
    gain=st.sampled_from([1.0, 0.3]),
    seed=st.integers(0, 99),
)
def test_strips_of_any_height_give_the_picture_of_the_whole(
    *,
    size: tuple[int, int],
    channels: int | None,
    levels: int,
    boundary: Any,
    kernel: str,
    generation: int,
    height: int,
    gain: float,
    seed: int,
) -> None:
    shape = size if channels is None else (*size, channels)
    pixels = np.random.default_rng(seed).normal(size=shape)
    settings: dict[str, Any] = {"kernel": kernel, "boundary": boundary, "fill": 3.0}
    settings["generation"] = generation
    planes = starlet(pixels, levels, **settings)
    factors = (*[gain] * levels, 0.5)
    sidecar = record(levels, boundary, generation, kernel)
    how = Joining(Storage("float64"), factors, "float64", "same", None, sidecar)
    found, clipped = joined(stored(planes), height, how)
    wanted = inverse_starlet(planes, gains=gain, residual_gain=0.5, **settings)
    np.testing.assert_array_equal(found.reshape(shape), wanted)
    assert clipped == 0


def test_without_a_record_planes_are_summed_and_clipped_samples_counted() -> None:
    planes = np.array([[[10.0, -20.0]], [[250.0, 10.0]]], np.float32)
    how = Joining(Storage("float64"), (1.0, 1.0), "float32", "8", None)
    found, clipped = joined(stored(planes), 1, how)
    assert (found[..., 0].tolist(), clipped) == ([[255, 0]], 2)


@pytest.mark.parametrize("depth", ["same", "16"])
def test_alpha_is_the_last_channel_in_the_depth_of_the_picture(depth: Any) -> None:
    planes, alpha = np.zeros((2, 3, 4)), np.arange(12, dtype=np.uint8).reshape(3, 4)
    how = Joining(Storage("float64"), (1.0, 1.0), "uint8", depth, None)
    found, _ = joined(stored(planes, alpha), 2, how)
    np.testing.assert_array_equal(found[..., 1], alpha * np.uint16(1 if depth == "same" else 257))


def test_planes_of_integers_are_decoded() -> None:
    planes = np.array([[[32768 + 100]], [[32768 + 300]]], np.uint16)
    how = Joining(Storage.sixteen_bits(100.0), (1.0, 1.0), "float64", "same", None)
    assert joined(stored(planes), 1, how)[0].tolist() == [[[4.0]]]
