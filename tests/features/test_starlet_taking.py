"""Frames taken apart strip by strip: the planes of the whole, bit for bit."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dilcli import files, inverse_starlet, starlet
from dilcli.core.boundary import BOUNDARIES
from dilcli.core.starlet_plan import plan_starlet
from dilcli.features.starlet_source import StarletSource, colour_shape, span_of
from dilcli.features.starlet_storage import Storage
from dilcli.features.starlet_taking import planes_of, take_apart
from dilcli.features.streaming import in_memory

Array = np.ndarray[Any, np.dtype[Any]]

STORAGES = [Storage("float32"), Storage("float64"), Storage.sixteen_bits(32767 / 255)]


def frame_of(pixels: Array, levels: int, *, alpha: bool = False, **settings: Any) -> StarletSource:
    picture = in_memory(files.Picture((pixels,), alpha=alpha, format="npy"))
    rows = picture.frames[0]
    shape, span = colour_shape(pixels.shape, alpha=alpha), span_of(rows, alpha=alpha)
    return StarletSource(
        rows, plan_starlet(shape, pixels.dtype, levels, span=span, **settings), alpha
    )


def strips_of(frame: StarletSource, height: int) -> list[tuple[int, int]]:
    rows = frame.plan.shape[0]
    return [(first, min(first + height, rows)) for first in range(0, rows, height)]


def taken(frame: StarletSource, height: int, storage: Storage) -> tuple[list[Array], float | None]:
    """Take a frame apart, and give what is stored of planes and alpha."""
    parts: dict[int, list[Array]] = {}
    firsts: dict[int, int] = {}

    def take(plane: int, first: int, values: Array | None, stored: Array) -> None:
        assert first == firsts.get(plane, 0)
        assert values is None or values.shape == stored.shape
        firsts[plane] = first + len(stored)
        parts.setdefault(plane, []).append(stored)

    difference = take_apart(frame, strips_of(frame, height), storage, take)
    planes = [np.concatenate(parts[plane]) for plane in sorted(parts)]
    return [plane.reshape(frame.shape) for plane in planes[: frame.plan.levels + 1]] + planes[
        frame.plan.levels + 1 :
    ], difference


@given(
    size=st.tuples(st.integers(1, 24), st.integers(1, 12)),
    channels=st.sampled_from([None, 1, 2, 3]),
    dtype=st.sampled_from(["uint8", "uint16", "int16", "uint32", "float32", "float64"]),
    levels=st.integers(1, 5),
    boundary=st.sampled_from(BOUNDARIES),
    kernel=st.sampled_from(["b3", "linear", "1 6 15 20 15 6 1 / 64", "-1 6 -1 / 4"]),
    generation=st.sampled_from([1, 2]),
    height=st.integers(1, 9),
    storage=st.sampled_from(STORAGES),
    seed=st.integers(0, 99),
)
def test_strips_of_any_height_give_the_planes_and_the_proof_of_the_whole(
    *,
    size: tuple[int, int],
    channels: int | None,
    dtype: str,
    levels: int,
    boundary: str,
    kernel: str,
    generation: int,
    height: int,
    storage: Storage,
    seed: int,
) -> None:
    shape = size if channels is None else (*size, channels)
    pixels = np.random.default_rng(seed).integers(0, 200, shape).astype(dtype)
    settings: dict[str, Any] = {"kernel": kernel, "boundary": boundary, "fill": 3.0}
    settings["generation"] = generation
    planes, difference = taken(frame_of(pixels, levels, **settings), height, storage)
    wanted = starlet(pixels, levels, **settings)
    for plane, each in zip(planes, wanted, strict=True):
        np.testing.assert_array_equal(plane, storage.encode(each.copy()))
    back = inverse_starlet([storage.decode(plane) for plane in planes], **settings)
    if pixels.dtype.kind in "ui":
        limits = np.iinfo(pixels.dtype)
        back = np.clip(np.rint(back), limits.min, limits.max)
    back = back.astype(dtype).astype(np.float64)
    assert difference == np.abs(back - pixels).max()


@pytest.mark.parametrize("colours", [1, 3])
def test_alpha_is_handed_out_as_it_is(colours: int) -> None:
    pixels = np.random.default_rng(0).integers(0, 256, (9, 5, colours + 1), np.uint8)
    *planes, alpha = taken(frame_of(pixels, 2, alpha=True), 4, STORAGES[0])[0]
    np.testing.assert_array_equal(alpha[..., 0], pixels[..., -1])
    assert alpha.dtype == np.uint8
    wanted = starlet(pixels[..., 0] if colours == 1 else pixels[..., :-1], 2)
    np.testing.assert_array_equal(planes, wanted.astype(np.float32))


def test_what_is_handed_out_is_not_changed_afterwards() -> None:
    pixels = np.random.default_rng(0).normal(size=(12, 7))
    for generation in (1, 2):
        planes, _ = taken(frame_of(pixels, 2, generation=generation), 5, Storage("float64"))
        np.testing.assert_array_equal(planes, starlet(pixels, 2, generation=generation))


@pytest.mark.parametrize("value", [np.nan, np.inf])
def test_a_difference_that_is_not_finite_is_none(value: float) -> None:
    pixels = np.ones((20, 6))
    pixels[3, 3] = value
    assert taken(frame_of(pixels, 1), 5, Storage("float64"))[1] is None


def test_planes_to_be_looked_at_come_strip_by_strip() -> None:
    pixels = np.random.default_rng(0).integers(0, 256, (10, 7), np.uint8)
    frame = frame_of(pixels, 2, boundary="wrap")
    found = list(planes_of(frame, strips_of(frame, 4), None))
    whole = [np.concatenate(found[plane::3])[..., 0] for plane in range(3)]
    np.testing.assert_array_equal(whole, starlet(pixels, 2, boundary="wrap"))
