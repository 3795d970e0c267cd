"""Correlation by Fourier transforms: the sums of loops, exact zeros, and bits that stay."""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dilcli.core import correlate as correlate_module
from dilcli.core import cutting, fourier, strips
from dilcli.core.boundary import BOUNDARIES
from dilcli.core.correlate import array_field, correlate, correlate_by
from dilcli.core.filtering import filter_frame
from dilcli.core.fourier import is_bounded, tiles
from dilcli.core.kernels import Kernel
from dilcli.core.recipe import Recipe
from dilcli.core.stencil import place
from dilcli.core.window import whole

if TYPE_CHECKING:
    from numpy.typing import NDArray

F4 = np.dtype(np.float32)


def integers(shape: tuple[int, ...], seed: int, low: int = 0, high: int = 255) -> NDArray[Any]:
    return np.random.default_rng(seed).integers(low, high + 1, shape)


def kernel_of(weights: NDArray[Any]) -> Kernel:
    return Kernel(tuple(map(tuple, weights.tolist())))


@pytest.fixture
def small_tiles(monkeypatch: pytest.MonkeyPatch) -> None:
    """Cut even small pictures into many tiles."""
    monkeypatch.setattr(fourier, "LEAST", (10, 16))
    monkeypatch.setattr(fourier, "MOST", 20)
    monkeypatch.setattr(fourier, "KERNELS", 2)
    monkeypatch.setattr(fourier, "TILE_BYTES", 3000)


steps = st.sampled_from([1, 1, 2, 3, 7, 40])


@pytest.mark.usefixtures("small_tiles")
@settings(deadline=None, max_examples=60)
@given(
    seed=st.integers(0, 2**32 - 1),
    size=st.tuples(st.integers(1, 70), st.integers(1, 70), st.integers(1, 3)),
    kernel_size=st.tuples(st.integers(1, 12), st.integers(1, 12)),
    dilation=st.tuples(steps, steps),
    stride=st.tuples(steps, steps),
    boundary=st.sampled_from(BOUNDARIES),
    fill=st.sampled_from([0.0, 3.0, -70.0, np.nan, np.inf]),
    convolve=st.booleans(),
    origin=st.one_of(st.none(), st.tuples(st.floats(0, 0.99), st.floats(0, 0.99))),
)
def test_sums_of_whole_numbers_are_those_made_tap_by_tap(  # noqa: PLR0917
    seed: int,
    size: tuple[int, int, int],
    kernel_size: tuple[int, int],
    dilation: tuple[int, int],
    stride: tuple[int, int],
    boundary: str,
    fill: float,
    convolve: bool,
    origin: tuple[float, float] | None,
) -> None:
    """Exactly, in tiles large and small, also around a fill that is no number."""
    rng = np.random.default_rng(seed)
    image = rng.integers(-128, 128, size).astype(np.int8)
    weights = rng.integers(-9, 10, kernel_size)
    given: dict[str, Any] = {
        "dilation": dilation,
        "stride": stride,
        "boundary": boundary,
        "fill": fill,
        "convolve": convolve,
        "origin": origin and tuple(int(o * k) for o, k in zip(origin, kernel_size, strict=True)),
    }
    wanted = correlate_by("direct", image, weights, **given)
    found = correlate_by("fourier", image, weights, **given)
    np.testing.assert_array_equal(found, wanted)


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16, np.int16, np.bool])
@pytest.mark.parametrize("size", [(31, 31), (20, 45), (63, 8)])
def test_real_weights_give_what_double_precision_gives(dtype: type, size: tuple[int, int]) -> None:
    image: NDArray[Any] = integers((200, 400), 1, 0, 60000).astype(dtype)
    weights = np.random.default_rng(2).normal(size=size).astype(np.float32)
    for dilation in ((1, 1), (3, 4), (100, 150)):
        wanted = correlate_by("dense", image.astype(float), weights, dilation=dilation)
        found = correlate_by("fourier", image, weights, dilation=dilation)
        assert found.dtype == np.float32
        np.testing.assert_allclose(found, wanted, rtol=1e-6, atol=1e-9 * np.abs(wanted).max())


def test_the_response_to_black_is_zero() -> None:
    """No trace of what is bright in the same tile, so that no 0 is divided by or clipped."""
    image = np.zeros((200, 200), np.uint16)
    image[:80, :80] = 65535
    weights = np.random.default_rng(3).normal(size=(31, 31))
    found = correlate_by("fourier", image, weights)
    assert found[:90, :90].all()
    assert not found[96:].any()
    assert not found[:, 96:].any()
    assert not correlate_by("fourier", image, np.zeros((3, 3))).any()
    assert not correlate_by("fourier", np.zeros_like(image), weights).any()


@pytest.mark.parametrize("shape", [(101, 97, 1), (150, 23, 3), (15, 301, 2)])
def test_strips_threads_and_strides_do_not_change_a_bit(
    shape: tuple[int, int, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    image = integers(shape, 4).astype(np.uint8)
    weights = np.random.default_rng(5).normal(size=(9, 12))
    monkeypatch.setattr(fourier, "LEAST", (32, 64))
    monkeypatch.setattr(fourier, "TILE_BYTES", 1 << 15)
    monkeypatch.setattr(correlate_module, "SAMPLES_PER_THREAD", 1)
    for dilation in ((1, 1), (4, 3), (50, 2)):
        once = correlate_by("fourier", image, weights, dilation=dilation, threads=1)
        for rows, threads in (((1, 1), 3), ((7, 7), 2), ((999, 999), 1)):
            monkeypatch.setattr(strips, "STRIP_ROWS", rows)
            monkeypatch.setattr(strips, "STRIP_BYTES", 1)
            monkeypatch.setattr(strips, "BLOCK_SAMPLES", 40 * threads)
            again = correlate_by("fourier", image, weights, dilation=dilation, threads=threads)
            assert once.tobytes() == again.tobytes()
            for sy, sx in ((1, 2), (2, 3), (6, 1), (100, 50)):
                given: dict[str, Any] = {"dilation": dilation, "stride": (sy, sx)}
                part = correlate_by("fourier", image, weights, threads=threads, **given)
                assert part.tobytes() == once[::sy, ::sx].tobytes(), given


@settings(deadline=None, max_examples=50)
@given(
    height=st.integers(1, 200),
    width=st.integers(1, 900),
    dilation=st.tuples(steps, steps),
    stride=st.tuples(steps, steps),
)
def test_tiles_hold_every_output_once(
    height: int, width: int, dilation: tuple[int, int], stride: tuple[int, int]
) -> None:
    field = array_field(
        whole(np.zeros((height, width, 1), np.uint8)), F4, boundary="wrap", fill=0.0
    )
    kernel = Kernel(((1.0, 2.0), (3.0, 5.0)))
    stencil = place(kernel, width=width, dtype=F4, dilation=dilation, method="fourier")
    seen = np.zeros((-(-height // stride[0]), -(-width // stride[1])), int)
    for patch in tiles(field, stencil, stride, (0, -(-height // stride[0]))):
        assert patch.strip.phases > 0
        start, phases, count, step = patch.strip
        for row in (start + i + j * step for i in range(phases) for j in range(count)):
            seen[row, slice(*patch.columns)] += 1
    assert (seen == 1).all()


def test_tiles_are_fixed_by_picture_and_stencil_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    """Or else the last bits of a sum would depend on how pictures are cut into strips."""
    pixels = np.zeros((900, 900, 3), np.uint8)
    field = array_field(whole(pixels), F4, boundary="wrap", fill=0.0)
    kernel = kernel_of(np.random.default_rng(15).normal(size=(45, 45)))
    stencil = place(kernel, width=900, dtype=F4, dilation=(3, 4), method="fourier")
    once = list(cutting.patches(field, stencil, (1, 1)))
    for name, value in (("STRIP_ROWS", (999, 999)), ("STRIP_BYTES", 1), ("BLOCK_SAMPLES", 99)):
        monkeypatch.setattr(strips, name, value)
        assert list(cutting.patches(field, stencil, (1, 1))) == once
    assert len(once) > 1


def test_large_dense_kernels_on_small_integers_take_transforms() -> None:
    """No others: floats may hold one sample that spoils the rest, as may the fill."""
    large, small = (kernel_of(np.random.default_rng(6).normal(size=(k, k))) for k in (45, 15))
    given: dict[str, Any] = {"width": 100, "dtype": F4}
    assert place(large, **given, bounded=True).method == "fourier"
    assert place(large, **given).method == "dense"
    assert place(small, **given, bounded=True).method == "dense"
    assert place(large, width=100, dtype=np.dtype(np.float64), bounded=True).method == "dense"
    ones = kernel_of(np.ones((45, 45)))
    assert place(ones, **given, bounded=True).method in {"shared", "separable"}
    for name, bounded in (("u1", True), ("i2", True), ("?", True), ("u4", False), ("f2", False)):
        assert is_bounded(np.dtype(name), 0.0) == bounded
    assert is_bounded(np.dtype("u1"), np.nan)
    assert not is_bounded(np.dtype("u1"), 1e9)


def test_a_fill_far_off_spoils_no_sum_that_does_not_read_it() -> None:
    image = integers((150, 150), 7).astype(np.uint8)
    weights = np.random.default_rng(8).normal(size=(45, 45))
    given: dict[str, Any] = {"boundary": "constant", "fill": 1e30}
    found = correlate(image, weights, **given)
    assert found.tobytes() == correlate_by("dense", image, weights, **given).tobytes()
    inside = np.s_[30:-30, 30:-30]
    np.testing.assert_array_equal(found[inside], correlate_by("dense", image, weights)[inside])


def test_the_public_filter_and_a_recipe_use_transforms_alike() -> None:
    image = integers((90, 120, 3), 9).astype(np.uint8)
    kernel = kernel_of(np.random.default_rng(10).normal(size=(45, 45)))
    for stride in ((1, 1), (2, 3)):
        wanted = correlate_by("fourier", image, kernel, dilation=2, stride=stride)
        assert correlate(image, kernel, dilation=2, stride=stride).tobytes() == wanted.tobytes()
        recipe = Recipe(kernel, ((2, 2),), stride=stride, response="raw", depth="float", bias=1.0)
        found = filter_frame(image, recipe).samples
        assert found.tobytes() == (wanted + np.float32(1)).tobytes()


@pytest.mark.parametrize("combine", ["cascade", "max", "sum", "rms"])
def test_several_rates_combine_as_in_double_precision(combine: Any) -> None:
    """In a cascade the first alone is transformed; rates side by side are not."""
    image = integers((80, 90), 11).astype(np.uint8)
    kernel = kernel_of(np.random.default_rng(12).normal(size=(45, 45)))
    recipe = Recipe(kernel, ((1, 1), (3, 2)), combine, response="raw", depth="float")
    found = filter_frame(image, recipe).samples
    wanted = filter_frame(image.astype(float), recipe).samples
    np.testing.assert_allclose(found, wanted, rtol=0, atol=1e-5 * np.abs(wanted).max())


def test_colours_under_alpha_are_weighed_without_transforms() -> None:
    """A quotient is as wrong as its divisor is small."""
    image = integers((60, 60, 4), 13).astype(np.uint8)
    image[..., 3] = 255
    kernel = kernel_of(np.random.default_rng(14).random((45, 45)))
    recipe = Recipe(kernel, response="raw", depth="float")
    found = filter_frame(image, recipe, alpha=True).samples
    wanted = correlate_by("dense", image[..., :3].astype(float), kernel)
    np.testing.assert_allclose(found[..., :3], wanted, rtol=1e-5)


@pytest.mark.parametrize("dilation", [1, 8, 60])
def test_transforms_take_little_memory(dilation: int) -> None:
    """6 million samples: no more than the output and 64 MiB beside the picture."""
    script = f"""
import resource, sys
import numpy as np
from dilcli.core.correlate import correlate_by

def peak():
    unit = 1 if sys.platform == "darwin" else 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit

image = np.full((2000, 1000, 3), 7, np.uint8)
weights = np.random.default_rng(0).normal(size=(45, 45))
correlate_by("fourier", image[:8, :8], weights[:3, :3])
before = peak()
out = correlate_by("fourier", image, weights, dilation={dilation}, threads=2)
print((peak() - before - out.nbytes) / 2**20)
"""
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True
    )
    assert float(done.stdout) <= 64
