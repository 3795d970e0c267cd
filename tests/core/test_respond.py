"""Responses of patches: the same bits however they are cut, and NaN no further than its taps."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from dilcli.core import compiled
from dilcli.core import correlate as correlate_module
from dilcli.core import strips as strips_module
from dilcli.core.arguments import response_dtype
from dilcli.core.boundary import BOUNDARIES
from dilcli.core.combine import response_rows
from dilcli.core.correlate import array_field, correlate, correlate_by
from dilcli.core.cutting import rows_read
from dilcli.core.fourier import is_bounded
from dilcli.core.kernels import Kernel, parse_kernel
from dilcli.core.respond import respond
from dilcli.core.stencil import place
from dilcli.core.strips import Patch, Strip
from dilcli.core.threads import Scratch
from dilcli.core.window import Window, whole
from dilcli.errors import ArgumentError
from tests.reference import loops, loops_by_channel

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from dilcli.core.stencil import Method
    from dilcli.core.strips import Index

    Cut = Callable[..., None]

METHODS: tuple[Method, ...] = ("direct", "dense", "shared", "separable", "fourier")
RNG = np.random.default_rng(7)
KERNELS = {
    "one tap": RNG.normal(size=(1, 1)),
    "row": RNG.normal(size=(1, 5)),
    "column": RNG.normal(size=(9, 1)),
    "dense": RNG.normal(size=(3, 3)),
    "even": RNG.normal(size=(4, 2)),
    "large": RNG.normal(size=(7, 15)),
    "separable": np.outer(RNG.normal(size=5), [1.0, 2.5, 4.0, 2.5, 1.0]),
    "one product": np.outer([1.0, 2.0, 1.0], [-1.0, 0.0, 1.0]),
    "sparse": RNG.normal(size=(7, 7)) * (RNG.random((7, 7)) < 0.2),
    "zero": np.zeros((3, 3)),
}


def by_every_method(image: NDArray[Any], weights: NDArray[Any], **given: Any) -> list[Any]:
    """Results of every method that can serve the kernel."""
    results = []
    for method in METHODS:
        try:
            results.append(correlate_by(method, image, weights, **given))
        except ArgumentError as error:
            if "cannot serve" not in str(error):
                raise
    return results


@pytest.fixture(autouse=True, params=["compiled", "numpy"])
def route(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let every test here try compiled code, and NumPy in its place."""
    if request.param == "numpy":
        monkeypatch.setattr(compiled, "AVAILABLE", False)
    elif not compiled.AVAILABLE:
        pytest.skip("the package was installed without its compiled part")


@pytest.fixture
def cut(monkeypatch: pytest.MonkeyPatch) -> Cut:
    """Set how pictures are cut, and let even the smallest ones be shared out to threads."""

    def set_cut(strip_bytes: int, rows: tuple[int, int], block: int | None = None) -> None:
        monkeypatch.setattr(strips_module, "STRIP_BYTES", strip_bytes)
        monkeypatch.setattr(strips_module, "STRIP_ROWS", rows)
        monkeypatch.setattr(correlate_module, "SAMPLES_PER_THREAD", 1)
        if block is not None:
            monkeypatch.setattr(strips_module, "BLOCK_SAMPLES", block)

    return set_cut


@pytest.mark.parametrize("kernel", KERNELS)
@pytest.mark.parametrize("dtype", [np.float32, np.float64, np.uint8])
@pytest.mark.parametrize("shape", [(61, 47, 1), (40, 33, 3), (5, 301, 1)])
def test_strips_and_threads_do_not_change_a_bit(
    kernel: str, dtype: type, shape: tuple[int, int, int], cut: Cut
) -> None:
    """Neither where strips end, nor how many rows and phases they have, nor who computes them."""
    image: NDArray[Any] = (np.random.default_rng(3).random(shape) * 255).astype(dtype)
    for dilation, boundary in (((1, 1), "reflect"), ((4, 3), "wrap"), ((50, 2), "constant")):
        settings: dict[str, Any] = {"dilation": dilation, "boundary": boundary, "fill": 0.3}
        cut(1 << 22, (8, 64))
        once = correlate(image, KERNELS[kernel], threads=1, **settings)
        for rows, threads in (((1, 1), 1), ((2, 2), 3), ((3, 3), 2), ((7, 7), 1), ((999, 999), 2)):
            cut(1, rows)
            again = correlate(image, KERNELS[kernel], threads=threads, **settings)
            assert once.tobytes() == again.tobytes(), (dilation, boundary, rows, threads)


@pytest.mark.parametrize("boundary", BOUNDARIES)
@pytest.mark.parametrize("kernel", ["row", "dense", "even", "separable", "one product", "sparse"])
def test_pictures_cut_into_column_blocks_are_filtered_alike(
    boundary: str, kernel: str, cut: Cut
) -> None:
    """Also where a margin belongs to another block: under wrap, and where taps reach far."""
    image: NDArray[Any] = np.random.default_rng(5).integers(0, 99, (6, 29, 2)).astype(np.float32)
    weights = np.round(KERNELS[kernel] * 4)
    for dilation in ((2, 7), (1, 30), (3, 500)):
        settings: dict[str, Any] = {"dilation": dilation, "boundary": boundary, "fill": 3.0}
        wanted = loops_by_channel(image, weights, **settings)
        for block in (5, 16):
            cut(1 << 12, (2, 5), block)
            for found in by_every_method(image, weights, threads=2, **settings):
                np.testing.assert_array_equal(found, wanted, err_msg=f"{dilation} {block}")


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("kernel", ["row", "dense", "large", "separable", "one product", "even"])
def test_strided_results_are_the_others_left_out(dtype: type, kernel: str, cut: Cut) -> None:
    """Bit for bit, whatever the stride, also in pictures that are cut into blocks."""
    image: NDArray[Any] = np.random.default_rng(6).normal(size=(9, 83, 2)).astype(dtype)
    for block in (16384, 40):
        cut(1 << 14, (2, 9), block)
        for dilation in ((1, 1), (3, 2), (5, 60)):
            every = by_every_method(image, KERNELS[kernel], dilation=dilation)
            for sy, sx in ((2, 3), (1, 2), (40, 82)):
                given = {"dilation": dilation, "stride": (sy, sx)}
                parts = by_every_method(image, KERNELS[kernel], **given)
                for full, part in zip(every, parts, strict=True):
                    assert part.tobytes() == full[::sy, ::sx].tobytes(), (block, given)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
@pytest.mark.parametrize("kernel", ["dense", "holes", "edge", "separable", "row"])
def test_a_nan_reaches_the_outputs_whose_taps_read_it_and_no_other(
    dtype: type, value: float, kernel: str, cut: Cut
) -> None:
    """Neither from under a zero weight or a hole, nor along the row of a product."""
    weights = {
        "dense": np.array([[1, -2, 3], [4, 5, -6], [7, 8, 9]]),
        "holes": np.array([[0, 1, 0], [2, 0, 3], [0, -4, 0]]),
        "edge": np.array([[0, 0, 0], [0, 0, 0], [1, 0, 2]]),
        "separable": np.outer([1, 0, 2], [3, 0, 4, 3]),
        "row": np.array([[1, 0, 0, 2]]),
    }[kernel]
    cut(1 << 12, (2, 5))
    rng = np.random.default_rng(8)
    for boundary in BOUNDARIES:
        for dilation in ((1, 1), (2, 3), (1, 40)):
            image: NDArray[Any] = rng.integers(0, 99, (13, 17)).astype(dtype)
            image[rng.integers(0, 13, 2), rng.integers(0, 17, 2)] = value
            settings: dict[str, Any] = {"dilation": dilation, "boundary": boundary, "fill": 7.0}
            wanted = loops(image, weights, **settings)
            for found in by_every_method(image, weights, threads=2, **settings):
                np.testing.assert_array_equal(found, wanted, err_msg=f"{boundary} {dilation}")


@pytest.mark.parametrize("fill", [np.nan, np.inf])
@pytest.mark.parametrize("dtype", [np.uint8, np.float32, np.float64])
def test_a_fill_that_is_no_number_stays_outside(fill: float, dtype: type) -> None:
    image: NDArray[Any] = np.random.default_rng(9).integers(0, 99, (9, 12)).astype(dtype)
    weights = np.array([[0, 1, 0], [2, 0, 0], [0, -1, 3]])
    for dilation in ((1, 1), (2, 3), (20, 1)):
        wanted = loops(image, weights, dilation=dilation, boundary="constant", fill=fill)
        given = {"dilation": dilation, "boundary": "constant", "fill": fill}
        for found in by_every_method(image, weights, **given):
            np.testing.assert_array_equal(found, wanted)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("kernel", ["dense", "separable", "large"])
def test_strips_and_threads_do_not_change_a_bit_around_nan(
    dtype: type, kernel: str, cut: Cut
) -> None:
    """Nor does a NaN change the bits of the outputs that do not read it."""
    image: NDArray[Any] = np.random.default_rng(10).normal(size=(60, 50, 1)).astype(dtype)
    holed = image.copy()
    holed[17, 20] = np.nan
    results = []
    for rows, threads in (((60, 60), 1), ((1, 1), 2), ((7, 7), 2)):
        cut(1, rows)
        results.append(correlate(holed, KERNELS[kernel], dilation=2, threads=threads))
    assert len({result.tobytes() for result in results}) == 1
    clean = correlate(image, KERNELS[kernel], dilation=2)
    touched = np.isnan(results[0])
    assert 0 < touched.sum() <= KERNELS[kernel].size
    assert results[0][~touched].tobytes() == clean[~touched].tobytes()


def _case(rng: np.random.Generator, *, holes: bool) -> tuple[Any, Any, dict[str, Any]]:
    """Make a narrow picture, a kernel whose sums round, and how it is laid on the picture."""
    width = int(rng.integers(1, 4 if rng.random() < 0.5 else 41))
    shape = (int(rng.integers(1, 41 if holes else 81)), width, int(rng.choice([1, 1, 2, 3])))
    dtype = np.dtype(str(rng.choice(["float32", "float64"] + ["uint8", "uint16"] * (not holes))))
    image: NDArray[Any] = (rng.random(shape) * 255).astype(dtype)
    if holes:
        count = int(rng.integers(1, 5))
        values = np.array([np.nan, -np.nan, np.inf, -np.inf])
        image.reshape(-1)[rng.integers(0, image.size, count)] = rng.choice(values, count)
    size = rng.integers(1, 20 if holes else 42 if rng.random() < 0.2 else 9, 2).tolist()
    weights = rng.normal(size=size)
    if rng.random() < 0.4:
        weights = np.outer(weights[:, 0], weights[0])
    dilation = tuple(rng.choice([1, 1, 2, 3, 7, 16], 2).tolist())
    return image, weights, {"dilation": dilation, "boundary": str(rng.choice(BOUNDARIES))}


def _rows_apart(
    image: NDArray[Any], weights: NDArray[Any], cuts: list[int], threads: int, **given: Any
) -> NDArray[Any]:
    """Filter rows with nothing in memory but the rows that they read."""
    dtype, boundary = response_dtype(image), given["boundary"]
    kernel = Kernel(tuple(map(tuple, weights.tolist())))
    bounded = is_bounded(image.dtype, 0.0)
    stencil = place(kernel, width=image.shape[1], dtype=dtype, bounded=bounded, **given)
    everything = array_field(whole(image), dtype, boundary=boundary, fill=0.0)
    parts = []
    for rows in pairwise(cuts):
        runs = rows_read(everything, stencil, (1, 1), (rows,))
        window = Window(np.concatenate([image[a:b] for a, b in runs]), len(image), runs)
        field = array_field(window, dtype, boundary=boundary, fill=0.0)
        parts.append(response_rows(field, stencil, (rows,), threads).pixels)
    return np.concatenate(parts)


@pytest.mark.parametrize("holes", [False, True])
@pytest.mark.parametrize("seed", range(4))
def test_rows_of_narrow_pictures_filtered_apart_are_those_of_the_whole(
    seed: int, holes: bool, cut: Cut
) -> None:
    """To the sign of a NaN, and where a matrix has fewer columns than a vector has lanes."""
    rng = np.random.default_rng((seed, holes))
    for number in range(40 if holes else 100):
        image, weights, given = _case(rng, holes=holes)
        cut(1 << 22, (8, 64))
        once = correlate(image, weights, threads=1, **given).tobytes()
        cuts = sorted({0, len(image), *rng.integers(0, len(image) + 1, 2).tolist()})
        what = (number, image.shape, image.dtype, weights.shape, given, cuts)
        for threads in (1, 2):
            cut(1, (int(rng.integers(1, 20)),) * 2)
            assert correlate(image, weights, threads=threads, **given).tobytes() == once, what
            assert _rows_apart(image, weights, cuts, threads, **given).tobytes() == once, what


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("width", [1, 2, 3])
def test_few_columns_are_summed_row_by_row(
    width: int, dtype: type, monkeypatch: pytest.MonkeyPatch
) -> None:
    """By a separable kernel, in every bit: no matrix product has a say in the order."""
    monkeypatch.setattr(compiled, "AVAILABLE", False)
    rng = np.random.default_rng(width)
    image: NDArray[Any] = rng.normal(size=(30, width, 1)).astype(dtype)
    column = rng.normal(size=9)
    found = correlate_by("separable", image, column[:, np.newaxis], boundary="wrap")
    wanted = np.zeros_like(image)
    for row, weight in enumerate(column.astype(dtype)):
        wanted += weight * np.roll(image, 4 - row, axis=0)
    assert found.tobytes() == wanted.tobytes()


def test_sums_that_overflow_are_infinite_and_no_error() -> None:
    image = np.full((4, 5), 3e38, np.float32)
    found = correlate(image, np.full((3, 3), 2.0))
    assert np.isposinf(found).all()
    assert np.isfinite(correlate(image, np.full((3, 3), 0.01))).all()


def test_large_finite_samples_are_filtered_right() -> None:
    """Where their plain sum overflows, along a row or before it is weighted."""
    image = np.full((4, 50), 3e38, np.float32)
    weights = np.array([[0.0, 0.25, 0.0], [0.25, 0.0, 0.5]])
    for found in by_every_method(image, weights):
        np.testing.assert_array_equal(found, image)
    for text in ("box:2", "0.25 0.25; 0.25 0.25"):
        for found in by_every_method(image, np.array(parse_kernel(text).weights)):
            np.testing.assert_array_equal(found, image)


def test_a_patch_is_computed_from_the_rows_and_columns_it_needs() -> None:
    """From a reader of rows, with nothing outside the picture asked for."""
    pixels = np.random.default_rng(11).integers(0, 99, (30, 20, 2)).astype(np.float32)
    asked: set[int] = set()

    def read(rows: Index, columns: Index, out: NDArray[np.floating]) -> None:
        chosen = np.arange(30)[rows] if isinstance(rows, slice) else rows
        assert chosen.min() >= 0
        asked.update(chosen.tolist())
        columns = np.arange(20)[columns] if isinstance(columns, slice) else columns
        out[...] = pixels[np.ix_(chosen, columns)]

    known = array_field(whole(pixels), np.dtype(np.float32), boundary="mirror", fill=0.0)
    field = type(known)(30, 20, 2, read, "mirror", known.fill, finite=False)
    weights = np.array([[1, 2, 3], [4, 5, 6], [7, 8, 10]])
    kernel = Kernel(tuple(map(tuple, weights.tolist())))
    stencil = place(kernel, width=20, dtype=np.dtype(np.float32), dilation=(3, 4))
    patch = Patch(Strip(10, 2, 3, 3), (5, 12), (1, 1))
    found = respond(field, stencil, patch, Scratch())
    wanted = loops_by_channel(pixels, weights, dilation=(3, 4), boundary="mirror")
    rows = np.add.outer(np.arange(10, 12), np.arange(3) * 3)
    np.testing.assert_array_equal(found, wanted[rows, 5:12])
    assert asked == {10 + i + 3 * j for i in range(2) for j in range(-1, 4)}


def test_a_response_goes_where_it_is_asked_to() -> None:
    pixels = np.random.default_rng(12).random((16, 12, 1), np.float32)
    field = array_field(whole(pixels), np.dtype(np.float32), boundary="wrap", fill=0.0)
    kernel = Kernel(((1.0, 2.0), (3.0, 5.0)))
    stencil = place(kernel, width=12, dtype=np.dtype(np.float32), boundary="wrap")
    scratch = Scratch()
    patch = Patch(Strip(0, 1, 16, 1), (0, 12), (1, 1))
    kept = respond(field, stencil, patch, scratch).copy()
    out = np.zeros((1, 16, 12, 1), np.float32)
    assert respond(field, stencil, patch, scratch, out=out) is out
    np.testing.assert_array_equal(out, kept)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("taps", [2, 5])
def test_a_kernel_of_one_row_is_summed_from_left_to_right_and_zeros_have_no_sign(
    taps: int, dtype: type
) -> None:
    rng = np.random.default_rng(4)
    image: Any = rng.normal(size=(9, 50, 2)).astype(dtype)
    image[:, 20:30] = image[:, :10] = 0
    weights = -rng.random((1, taps))
    for boundary in ("wrap", "constant"):
        around = {"wrap": image[:, -4:], "constant": np.zeros_like(image[:, -4:])}[boundary]
        padded = np.concatenate([around, image, image[:, :4] if boundary == "wrap" else around], 1)
        found = correlate_by("dense", image, weights, dilation=(1, 2), boundary=boundary)
        wanted = np.zeros_like(image)
        for j, weight in enumerate(weights[0].astype(dtype)):
            start = 4 + 2 * (j - taps // 2)
            wanted += weight * padded[:, start : start + 50]
        assert found.tobytes() == wanted.tobytes()
