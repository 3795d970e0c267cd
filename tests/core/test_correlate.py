"""The public filter: held against four loops, against SciPy, and against laws of correlation."""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import ndimage

from dilcli.core.boundary import ALIASES, BOUNDARIES, source_index
from dilcli.core.correlate import correlate, correlate_by, threads_for
from dilcli.core.kernels import Kernel, parse_kernel
from dilcli.errors import ArgumentError
from tests.reference import loops, loops_by_channel, spread_out

if TYPE_CHECKING:
    from numpy.typing import NDArray

METHODS = ("direct", "dense", "shared", "separable")


def integers(shape: tuple[int, ...], seed: int, low: int = 0, high: int = 99) -> NDArray[np.int64]:
    return np.random.default_rng(seed).integers(low, high + 1, shape)


def by_every_method(image: NDArray[Any], weights: NDArray[Any], **given: Any) -> list[Any]:
    """Results of the engine's own choice and of every method that can serve the kernel."""
    results: list[Any] = [correlate(image, weights, **given)]
    for method in METHODS:
        try:
            results.append(correlate_by(method, image, weights, **given))  # type: ignore[arg-type]
        except ArgumentError as error:
            if "cannot serve" not in str(error):
                raise
    return results


sides, seeds = st.integers(1, 12), st.integers(0, 2**32 - 1)
sizes = st.tuples(sides, sides)
kernel_sizes = st.tuples(st.integers(1, 9), st.integers(1, 9))
dilations = st.one_of(
    st.tuples(st.integers(1, 9), st.integers(1, 9)),
    st.tuples(st.sampled_from([1, 40, 480]), st.sampled_from([1, 40, 480])),
)
strides = st.tuples(st.sampled_from([1, 1, 1, 2, 3, 20]), st.sampled_from([1, 1, 1, 2, 3, 20]))
shapes_of_kernel = st.sampled_from(["dense", "separable", "sparse", "symmetric"])


def draw_kernel(size: tuple[int, int], kind: str, seed: int) -> NDArray[np.int64]:
    weights = integers(size, seed, -9, 9)
    if kind == "separable":
        weights = np.outer(weights[:, 0], weights[0])
    elif kind == "sparse":
        weights *= integers(size, seed + 1, 0, 4) == 0
    elif kind == "symmetric":
        weights += weights[:, ::-1]
    return weights


@settings(deadline=None, max_examples=80)
@given(
    size=sizes,
    kernel_size=kernel_sizes,
    kind=shapes_of_kernel,
    dilation=dilations,
    stride=strides,
    boundary=st.sampled_from(BOUNDARIES),
    fill=st.integers(-9, 9),
    convolve=st.booleans(),
    origin=st.one_of(st.none(), st.tuples(st.floats(0, 0.99), st.floats(0, 0.99))),
    seed=seeds,
)
def test_every_method_equals_four_loops(  # noqa: PLR0917
    size: tuple[int, int],
    kernel_size: tuple[int, int],
    kind: str,
    dilation: tuple[int, int],
    stride: tuple[int, int],
    boundary: str,
    fill: int,
    convolve: bool,
    origin: tuple[float, float] | None,
    seed: int,
) -> None:
    """Exactly, on whole numbers: every size, kernel, boundary and reach, up to 40 images."""
    image = integers(size, seed)
    weights = draw_kernel(kernel_size, kind, seed)
    centre = origin and (int(origin[0] * kernel_size[0]), int(origin[1] * kernel_size[1]))
    given = {
        "dilation": dilation,
        "stride": stride,
        "boundary": boundary,
        "fill": fill,
        "convolve": convolve,
        "origin": centre,
    }
    wanted = loops(image, weights, **given)  # type: ignore[arg-type]
    for dtype in (np.uint8, np.float64):
        for found in by_every_method(image.astype(dtype), weights, **given):
            np.testing.assert_array_equal(found, wanted)
    transformed = correlate_by("fourier", image.astype(np.uint8), weights, **given)  # type: ignore[arg-type]
    np.testing.assert_array_equal(transformed, wanted)


@settings(deadline=None, max_examples=80)
@given(
    size=sizes,
    kernel_size=kernel_sizes,
    kind=shapes_of_kernel,
    dilation=st.tuples(st.integers(1, 9), st.integers(1, 9)),
    stride=strides,
    boundary=st.sampled_from(BOUNDARIES),
    seed=seeds,
)
def test_scipy_gives_the_same_with_the_zero_stuffed_kernel(  # noqa: PLR0917
    size: tuple[int, int],
    kernel_size: tuple[int, int],
    kind: str,
    dilation: tuple[int, int],
    stride: tuple[int, int],
    boundary: str,
    seed: int,
) -> None:
    """Shifted for even kernels to our rule; where taps reach less than 4 images, SciPy is right."""
    rng = np.random.default_rng(seed)
    size = (
        size[0] + kernel_size[0] * dilation[0] // 4,
        size[1] + kernel_size[1] * dilation[1] // 4,
    )
    image = rng.normal(size=size)
    weights = draw_kernel(kernel_size, kind, seed) * 0.37
    spread = spread_out(weights, dilation)
    shift = [
        k // 2 * d - s // 2 for k, d, s in zip(kernel_size, dilation, spread.shape, strict=True)
    ]
    wanted = ndimage.correlate(image, spread, mode=boundary, cval=0.7, origin=shift)
    wanted = wanted[:: stride[0], :: stride[1]]
    scale = max(np.abs(weights).sum() * np.abs(image).max(), 1.0)
    for dtype, limit in ((np.float64, 1e-12), (np.float32, 1e-5)):
        for found in by_every_method(
            image.astype(dtype),
            weights,
            dilation=dilation,
            stride=stride,
            boundary=boundary,
            fill=0.7,
        ):
            assert found.dtype == dtype
            np.testing.assert_allclose(found, wanted, rtol=0, atol=limit * scale)


@pytest.mark.parametrize("kernel_size", [(3, 3), (2, 4), (1, 6), (5, 1), (15, 15)])
def test_the_response_to_an_impulse_is_the_spread_kernel_turned(
    kernel_size: tuple[int, int],
) -> None:
    weights = np.random.default_rng(1).normal(size=kernel_size)
    image = np.zeros((101, 103))
    image[50, 50] = 1
    for found in by_every_method(image, weights, dilation=(3, 2), boundary="constant"):
        y, x = 50 + kernel_size[0] // 2 * 3, 50 + kernel_size[1] // 2 * 2
        turned = spread_out(weights, (3, 2))[::-1, ::-1]
        rows, columns = turned.shape
        np.testing.assert_array_equal(found[y - rows + 1 : y + 1, x - columns + 1 : x + 1], turned)
        assert np.count_nonzero(found) == weights.size


@pytest.mark.parametrize("boundary", [*BOUNDARIES, *ALIASES])
def test_a_constant_image_gives_the_sum_of_the_kernel(boundary: str) -> None:
    for text in ("box:3", "gaussian:sigma=2", "sobel-y", "disk:3"):
        kernel = parse_kernel(text)
        image = np.full((20, 30), 50.0)
        found = correlate(image, kernel, dilation=(2, 7), boundary=boundary, fill=50.0)
        np.testing.assert_allclose(found, 50 * kernel.total, rtol=0, atol=1e-12)


@pytest.mark.parametrize("kernel_size", [(3, 3), (4, 2), (7, 5)])
@pytest.mark.parametrize("dilation", [(2, 3), (4, 4)])
def test_dilation_filters_each_phase_apart(
    kernel_size: tuple[int, int], dilation: tuple[int, int]
) -> None:
    """Under wrap, with sides that are multiples of the dilation."""
    image = np.random.default_rng(2).normal(size=(6 * dilation[0], 5 * dilation[1]))
    weights = np.random.default_rng(3).normal(size=kernel_size)
    found = correlate(image, weights, dilation=dilation, boundary="wrap")
    direct = correlate_by("direct", image, weights, dilation=dilation, boundary="wrap")
    for p in range(dilation[0]):
        for q in range(dilation[1]):
            phase = slice(p, None, dilation[0]), slice(q, None, dilation[1])
            dense = correlate(image[phase], weights, boundary="wrap")
            np.testing.assert_allclose(found[phase], dense, rtol=1e-12, atol=1e-13)
            exact = correlate_by("direct", image[phase], weights, boundary="wrap")
            np.testing.assert_array_equal(direct[phase], exact)


def test_correlation_is_linear_in_image_and_kernel() -> None:
    rng = np.random.default_rng(4)
    a, b = rng.normal(size=(2, 30, 40))
    v, w = rng.normal(size=(2, 5, 5))

    def run(image: NDArray[Any], weights: NDArray[Any]) -> NDArray[Any]:
        return correlate(image, weights, dilation=3, boundary="mirror")

    np.testing.assert_allclose(run(2 * a - 3 * b, w), 2 * run(a, w) - 3 * run(b, w), atol=1e-12)
    np.testing.assert_allclose(run(a, 2 * v - 3 * w), 2 * run(a, v) - 3 * run(a, w), atol=1e-12)


def test_convolving_is_correlating_with_the_kernel_turned() -> None:
    """About its origin: for an even kernel the centre tap moves along."""
    image = integers((9, 11), 5).astype(float)
    weights = integers((4, 3), 6).astype(float)
    turned = correlate(image, weights[::-1, ::-1], dilation=2, origin=(1, 1))
    np.testing.assert_array_equal(correlate(image, weights, dilation=2, convolve=True), turned)


@pytest.mark.parametrize("name", ["u1", "i1", "u2", "i2", "u4", "i4", "u8", "i8", "?"])
def test_integer_samples_of_every_width_are_filtered_exactly(name: str) -> None:
    dtype = np.dtype(name)
    limits = (0, 1) if name == "?" else (np.iinfo(dtype).min, np.iinfo(dtype).max)
    edges = [max(limits[0], -(2**53)), 0, 1, min(limits[1], 2**53)]
    image = np.random.default_rng(7).choice(np.array(edges, object), (6, 8)).astype(dtype)
    found = correlate(image, [[0, 0, 1]], dilation=2)
    assert found.dtype == (np.float32 if dtype.itemsize <= 2 else np.float64)
    np.testing.assert_array_equal(found.astype(object), image[:, [2, 3, 4, 5, 6, 7, 7, 6]])


def test_samples_may_lie_in_memory_in_any_way() -> None:
    """Byte order, Fortran order, negative strides, gaps, read-only: the bits are the same."""
    for dtype in (np.float32, np.float64, np.int16):
        image = integers((14, 11, 3), 9).astype(dtype)
        weights = np.random.default_rng(10).normal(size=(3, 4))
        wanted = correlate(image, weights, dilation=2)
        wide = np.zeros((28, 11, 5), dtype)
        wide[::2, :, 1:4] = image
        locked = image.copy()
        locked.flags.writeable = False
        unaligned = np.zeros(image.nbytes + 1, np.uint8)[1:].view(dtype).reshape(image.shape)
        unaligned[...] = image
        for same in (
            image.astype(image.dtype.newbyteorder()),
            np.asfortranarray(image),
            image[::-1, ::-1, ::-1].copy()[::-1, ::-1, ::-1],
            wide[::2, :, 1:4],
            locked,
            unaligned,
            image.tolist() if dtype == np.float64 else image,
        ):
            found = correlate(same, weights, dilation=2)
            assert found.tobytes() == wanted.tobytes()


def test_the_image_is_never_written_to() -> None:
    for dtype in (np.uint8, np.float32, np.float64):
        for boundary in BOUNDARIES:
            image = integers((12, 15), 11).astype(dtype)
            kept = image.copy()
            for text in ("sobel-y", "gaussian:sigma=1", "box:3", "identity"):
                correlate(image, parse_kernel(text), boundary=boundary, dilation=3)
            np.testing.assert_array_equal(image, kept)


@pytest.mark.parametrize("channels", [1, 2, 7])
def test_channels_are_filtered_alike_and_apart(channels: int) -> None:
    image = integers((9, 10, channels), 12).astype(np.uint8)
    weights = integers((3, 5), 13, -5, 5)
    found = correlate(image, weights, dilation=(2, 3), stride=(1, 2), boundary="wrap")
    wanted = loops_by_channel(image, weights, dilation=(2, 3), stride=(1, 2), boundary="wrap")
    np.testing.assert_array_equal(found, wanted)


def test_a_row_of_samples_is_filtered_by_a_row_of_weights() -> None:
    """Given as (k,), or as a kernel of one row."""
    x, w = integers((23,), 14), np.array([3, -1, 4, 1])
    for boundary in BOUNDARIES:
        given: dict[str, Any] = {"boundary": boundary, "fill": 2.0}
        wanted = loops(x[None], w[None], dilation=(1, 30), stride=(1, 2), origin=(0, 3), **given)
        for kernel in (w, Kernel((tuple(w.tolist()),))):
            found = correlate(x, kernel, dilation=30, stride=2, origin=3, **given)
            np.testing.assert_array_equal(found, wanted[0])


def test_dilation_and_holes_in_one_dimension() -> None:
    """0 holes give w0*x0 + w1*x1 + w2*x2, 1 hole gives w0*x0 + w1*x2 + w2*x4."""
    x = np.random.default_rng(15).normal(size=9)
    w = np.array([0.5, -2.0, 3.0])
    assert correlate(x, w, origin=0)[0] == pytest.approx(w @ x[[0, 1, 2]], rel=1e-14)
    assert correlate(x, w, dilation=2, origin=0)[0] == pytest.approx(w @ x[[0, 2, 4]], rel=1e-14)


@pytest.mark.parametrize("shape", [(9, 10), (9, 10, 3), (30,)])
def test_a_result_goes_where_it_is_asked_to(shape: tuple[int, ...]) -> None:
    """Into any array of its shape and type, also one that is not contiguous."""
    image = np.random.default_rng(16).normal(size=shape)
    weights = np.ones(3) if len(shape) == 1 else np.ones((3, 3))
    wanted = correlate(image, weights, stride=2)
    wide = np.zeros((*wanted.shape, 2))
    for out in (np.empty_like(wanted), wide[..., 1], np.asfortranarray(np.empty_like(wanted))):
        assert correlate(image, weights, stride=2, out=out) is out
        np.testing.assert_array_equal(out, wanted)
    assert not wide[..., 0].any()


@pytest.mark.parametrize("threads", [1, 2])
def test_a_result_may_overlap_the_image(threads: int) -> None:
    """Of more than one strip, so that a strip written too early would show."""
    image = np.random.default_rng(17).normal(size=(300, 50))
    weights = np.random.default_rng(18).normal(size=(3, 3))
    wanted = correlate(image[:-1], weights, boundary="wrap")
    assert (
        correlate(image[:-1], weights, boundary="wrap", out=image[1:], threads=threads) is not None
    )
    np.testing.assert_array_equal(image[1:], wanted)
    same = wanted.copy()
    correlate(same, weights, out=same)
    np.testing.assert_array_equal(same, correlate(wanted, weights))


def test_small_pictures_take_one_thread() -> None:
    assert threads_for(1000, 8) == 1
    assert threads_for(10**8, 8) == 8
    assert threads_for(10**8, None) >= 1


@pytest.mark.parametrize("kernel", ["disk:15", "gaussian:sigma=5", "sobel-y"])
def test_an_8_bit_picture_is_filtered_in_little_memory(kernel: str) -> None:
    """6 million samples: no more than the output and 64 MiB beside the picture."""
    script = f"""
import resource, sys
import numpy as np
from dilcli.core.correlate import correlate
from dilcli.core.kernels import parse_kernel

def peak():
    unit = 1 if sys.platform == "darwin" else 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit

image = np.full((2000, 1000, 3), 7, np.uint8)
kernel = parse_kernel({kernel!r})
correlate(image[:8, :8], kernel)
before = peak()
out = correlate(image, kernel, dilation=8, threads=2)
print((peak() - before - out.nbytes) / 2**20)
"""
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True
    )
    assert float(done.stdout) <= 64


@pytest.mark.parametrize("dilation", [(1, 1), (2, 5), (19, 3), (400, 200)])
def test_pictures_of_many_strips_equal_four_loops_at_places(dilation: tuple[int, int]) -> None:
    """Large enough for strips, phases and threads as they are in use."""
    image = integers((700, 900), 20, 0, 255).astype(np.uint8)
    weights = integers((5, 7), 21, -9, 9)
    found = correlate(image, weights, dilation=dilation, threads=3)
    taps = Kernel(tuple(map(tuple, weights.tolist()))).taps(dilation)
    rows, columns = np.mgrid[0:700:23, 0:900:31]
    wanted = np.zeros(rows.shape)
    for dy, dx, weight in taps:
        y, x = source_index(rows + dy, 700, "reflect"), source_index(columns + dx, 900, "reflect")
        wanted += weight * image[y, x]
    np.testing.assert_array_equal(found[::23, ::31], wanted)
