"""Compiled sums: the very operations of NumPy, on every type, and nothing outside arrays."""

from __future__ import annotations

from fractions import Fraction
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dilcli.core import compiled
from dilcli.core.boundary import BOUNDARIES
from dilcli.core.compiled import finish_by, is_stored, lay_tables, padded_source, sums
from dilcli.core.correlate import array_field, correlate_by
from dilcli.core.filtering import filter_frame
from dilcli.core.kernels import Kernel
from dilcli.core.recipe import Recipe
from dilcli.core.samples import Fit, to_samples
from dilcli.core.stencil import place
from dilcli.core.window import Window, whole
from dilcli.errors import ArgumentError

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from dilcli.core.stencil import Method

pytestmark = pytest.mark.skipif(
    not compiled.AVAILABLE, reason="the package was installed without its compiled part"
)

METHODS: tuple[Method, ...] = ("direct", "dense", "shared", "separable")
READ = (np.bool_, np.int8, np.uint8, np.int16, np.uint16, np.int32, np.uint32, np.float32)


def by_numpy(work: Callable[[], Any]) -> Any:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(compiled, "AVAILABLE", False)
        return work()


def random_samples(
    rng: np.random.Generator, dtype: type[np.generic], shape: tuple[int, ...]
) -> NDArray[Any]:
    kind = np.dtype(dtype)
    if kind.kind == "f":
        return rng.normal(size=shape).astype(dtype)
    if kind.kind == "b":
        return rng.random(shape) < 0.5
    limits = np.iinfo(kind)
    return rng.integers(limits.min, limits.max, shape, dtype, endpoint=True)


@settings(max_examples=150)
@given(st.data())
def test_sums_of_whole_numbers_are_those_of_numpy(data: st.DataObject) -> None:
    """Exact in whatever order: any method, type, boundary, size, reach, stride and cut."""
    draw = data.draw
    rng = np.random.default_rng(draw(st.integers(0, 10**6)))
    shape = draw(st.tuples(st.integers(1, 24), st.integers(1, 90), st.integers(1, 4)))
    image = rng.integers(-40, 40, shape).astype(draw(st.sampled_from([np.int8, np.float32, float])))
    taps = draw(st.tuples(st.integers(1, 9), st.integers(1, 9)))
    weights = rng.integers(-3, 4, taps).astype(float)
    given_: dict[str, Any] = {
        "dilation": draw(st.tuples(st.integers(1, 30), st.integers(1, 60))),
        "stride": draw(st.tuples(st.integers(1, 3), st.integers(1, 3))),
        "boundary": draw(st.sampled_from(BOUNDARIES)),
        "fill": 7.0,
        "origin": draw(st.tuples(st.integers(0, taps[0] - 1), st.integers(0, taps[1] - 1))),
        "convolve": draw(st.booleans()),
        "threads": draw(st.integers(1, 2)),
    }
    for method in METHODS:
        try:
            found = correlate_by(method, image, weights, **given_)
        except ArgumentError:
            continue
        wanted = by_numpy(partial(correlate_by, method, image, weights, **given_))
        np.testing.assert_array_equal(found, wanted)


def fused(a: float, b: float, c: float, dtype: type[np.floating]) -> float:
    """Give ``a * b + c`` with one rounding, by exact fractions."""
    exact = Fraction(a) * Fraction(b) + Fraction(c)
    near = dtype(exact.numerator / exact.denominator)
    around = (near, np.nextafter(near, dtype(-np.inf)), np.nextafter(near, dtype(np.inf)))
    # Ties, which are as good as never met, would go to the even one.
    return float(min(around, key=lambda value: abs(Fraction(float(value)) - exact)))


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("rows", [1, 2, 5, 9])
def test_vertical_sums_round_once_a_tap_and_columns_once_more(
    rows: int, dtype: type[np.floating]
) -> None:
    rng = np.random.default_rng(rows)
    image = rng.normal(size=(rows + 5, 40, 1)).astype(dtype)
    weights = rng.normal(size=(rows, 3))
    found = correlate_by("dense", image, weights, dilation=(1, 4), origin=(0, 0), boundary="wrap")
    held = weights.astype(dtype)
    for y, x in ((0, 0), (3, 17), (rows + 4, 39)):
        total = dtype(0)
        for j in range(3):
            column = 0.0
            for i in range(rows):
                sample = float(image[(y + i) % len(image), (x + 4 * j) % 40, 0])
                column = fused(float(held[i, j]), sample, column, dtype)
            total = dtype(column) if j == 0 else dtype(total + dtype(column))
        assert found[y, x, 0] == total


@pytest.mark.parametrize("dtype", READ)
def test_stored_samples_of_every_type_are_read(dtype: type[np.generic]) -> None:
    image = random_samples(np.random.default_rng(1), dtype, (9, 70, 2))
    assert is_stored(whole(image))
    weights = np.array([[1.0, 0.0, 2.0], [0.0, -4.0, 0.0]])
    found = correlate_by(None, image, weights, dilation=(2, 7))
    wanted = by_numpy(lambda: correlate_by(None, image, weights, dilation=(2, 7)))
    np.testing.assert_array_equal(found, wanted)


def test_only_rows_of_samples_side_by_side_are_stored() -> None:
    image = np.zeros((6, 8, 4), np.float32)
    assert is_stored(whole(image))
    assert is_stored(whole(image[::-2]))
    assert is_stored(whole(image[:, :3, :]))
    assert is_stored(whole(image[..., :1].copy()))
    assert not is_stored(whole(image[..., :3]))
    assert not is_stored(whole(image[:, ::2]))
    assert not is_stored(whole(image.astype(">f4")))
    assert not is_stored(whole(image.astype(np.float16)))
    shifted = np.frombuffer(bytes(6 * 8 * 4 + 1), np.uint8)[1:].view(np.float32)
    assert not is_stored(whole(shifted.reshape(6, 8, 1)))


FITS = {
    "clip": Fit("uint8", 1, 0, absolute=False, low=0, high=255),
    "abs": Fit("uint8", 1, 0, absolute=True, low=0, high=255),
    "offset": Fit("uint8", 0.37, 128, absolute=False, low=0, high=255),
    "stretched": Fit("uint16", 12.5, 3, absolute=False, low=0, high=65535, base=-7),
    "signed": Fit("int16", 200.0, 0, absolute=False, low=-32768, high=32767),
    "narrow": Fit("int8", 0.9, 0, absolute=False, low=-128, high=127),
}


@pytest.mark.parametrize("name", FITS)
@pytest.mark.parametrize("bias", [0.0, 1.25])
def test_responses_become_samples_as_numpy_makes_them(name: str, bias: float) -> None:
    """Rounded half to even, saturated and counted; a NaN is 0 and counts."""
    fit = FITS[name]
    rng = np.random.default_rng(2)
    rows = (rng.integers(-2400, 2400, (1, 9, 130, 3)) / 8).astype(np.float32)
    rows[0, 3, 5] = np.nan, np.inf, -np.inf
    field = array_field(whole(rows[0]), rows.dtype, boundary="reflect", fill=0.0)
    stencil = place(Kernel(((1.0,),)), width=130, dtype=rows.dtype)
    out = np.empty(rows.shape, fit.dtype)
    finish = finish_by(fit, bias)
    assert finish is not None
    outside = sums(lay_tables(field, stencil), padded_source(rows, 0), field.fill, out, finish)
    wanted = np.empty_like(out)
    with np.errstate(invalid="ignore"):
        assert outside == to_samples(rows + np.float32(bias), fit, wanted)
    np.testing.assert_array_equal(out, wanted)


def test_wider_samples_are_left_to_numpy() -> None:
    for dtype in ("int32", "uint32", "float32", "float16", "bool"):
        assert finish_by(Fit(dtype, 1, 0, absolute=False, low=0, high=1), 0.0) is None


@pytest.mark.parametrize("alpha", [False, True])
@pytest.mark.parametrize("dtype", [np.uint8, np.uint16, np.int16])
def test_samples_of_a_picture_are_those_of_numpy(dtype: type[np.generic], alpha: bool) -> None:
    image = random_samples(np.random.default_rng(3), dtype, (33, 50, 4))
    for kernel in (((1.0, 2.0, 1.0), (0.0, 0.5, 0.0)), ((-1.0, 0.0, 1.0),) * 3):
        recipe = Recipe(Kernel(kernel), ((3, 5),), bias=2.0)
        got = filter_frame(image, recipe, alpha=alpha, threads=1)
        wanted = by_numpy(partial(filter_frame, image, recipe, alpha=alpha, threads=1))
        assert got.clipped == wanted.clipped
        np.testing.assert_array_equal(got.samples, wanted.samples)


def test_a_sum_that_is_not_finite_is_told() -> None:
    for bad in (np.nan, np.inf, -np.inf):
        rows = np.zeros((1, 5, 77, 1), np.float32)
        field = array_field(whole(rows[0]), rows.dtype, boundary="wrap", fill=0.0)
        stencil = place(Kernel(((1.0, 1.0),)), width=77, dtype=rows.dtype, origin=(0, 0))
        tables, out = lay_tables(field, stencil), np.empty((1, 5, 70, 1), np.float32)
        assert sums(tables, padded_source(rows, 0), field.fill, out) == 0
        rows[0, 4, 70] = bad
        for streams in (False, True):
            assert sums(tables, padded_source(rows, 0), field.fill, out, streams=streams) > 0


def _sound() -> dict[str, Any]:
    """Arguments that fit together: 2 phases of 3 rows of 8 columns, 2 rows of taps."""
    return {
        "out": np.zeros((2, 3, 8, 1), np.float32),
        "source": np.zeros((8, 8, 1), np.uint8),
        "rows": np.arange(8).reshape(2, 4),
        "first": 0,
        "left": np.zeros(1, np.intp),
        "right": np.zeros(1, np.intp),
        "fill": np.zeros(1, np.float32),
        "products": np.ones((1, 2), np.float32),
        "terms": np.array([[0, -1, 1, 0], [0, 1, 1, 0]]),
        "weights": np.ones(1, np.float32),
        "finish": None,
        "streams": False,
    }


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("out", np.zeros((2, 3, 8, 1), np.float64)),
        ("out", np.zeros((2, 3, 8, 1), np.uint8)),
        ("out", np.zeros((2, 3, 8, 2), np.float32)),
        ("out", np.zeros((2, 3, 16, 1), np.float32)[:, :, ::2]),
        ("out", np.zeros((2, 5, 8, 1), np.float32)),
        ("out", np.zeros((3, 3, 8, 1), np.float32)),
        ("out", np.zeros((2, 3, 9, 1), np.float32)),
        ("source", np.zeros((7, 8, 1), np.uint8)),
        ("source", np.zeros((8, 7, 1), np.uint8)),
        ("source", np.zeros((8, 16, 1), np.uint8)[:, ::2]),
        ("source", np.zeros((8, 8, 1), np.float16)),
        ("rows", np.full((2, 4), 8)),
        ("rows", np.zeros((2, 4), np.int32)),
        ("first", -1),
        ("first", 1),
        ("first", 2**62),
        ("first", -(2**62)),
        ("first", -(2**63)),
        ("terms", np.array([[0, -(2**63), 1, 0]])),
        ("terms", np.array([[0, 2**62, 1, 0], [0, -(2**62), 1, 0]])),
        ("weights", np.empty(0, np.float32)),
        ("finish", 3),
        ("left", np.zeros(0, np.intp)),
        ("left", np.full(1, 8)),
        ("right", np.full(1, -2)),
        ("right", np.zeros(0, np.intp)),
        ("fill", np.zeros(2, np.float32)),
        ("fill", np.zeros(1, np.float64)),
        ("products", np.ones((1, 3), np.float32)),
        ("products", np.ones((1, 2), np.float64)),
        ("terms", np.array([[1, 0, 1, 0]])),
        ("terms", np.array([[-1, 0, 1, 0]])),
        ("terms", np.array([[0, 0, 1, 1]])),
        ("terms", np.array([[0, 2, 1, 0]])),
        ("terms", np.array([[0, 0, 1]])),
        ("weights", np.ones(1, np.float64)),
        ("finish", (False, 0.0, 0.0, 1.0, 0.0, 0.0, 255.0)),
    ],
)
def test_what_does_not_fit_together_is_refused(name: str, value: Any) -> None:
    """No index may leave an array, whatever is given."""
    from dilcli.core import _sums

    _sums.sums(*_sound().values())
    with pytest.raises((ValueError, TypeError, BufferError)):
        _sums.sums(*(_sound() | {name: value}).values())


def test_no_outputs_take_no_time() -> None:
    """Not even of rows that are longer than memory."""
    from dilcli.core import _sums

    wide = {"out": np.empty((0, 1, 2**30, 1), np.float32), "rows": np.empty((0, 2), np.intp)}
    wide["source"] = np.empty((0, 2**30, 1), np.float32)
    assert _sums.sums(*(_sound() | wide).values()) == 0


def test_an_output_that_is_read_only_is_refused() -> None:
    from dilcli.core import _sums

    given_ = _sound()
    given_["out"].flags.writeable = False
    with pytest.raises((ValueError, BufferError)):
        _sums.sums(*given_.values())


def test_rows_of_a_window_are_found_where_they_lie() -> None:
    pixels = np.arange(4.0).reshape(4, 1, 1)
    window = Window(pixels, 20, ((3, 5), (11, 13)))
    found = compiled.row_places(window, np.array([[3, 4, -1, 11, 12]]))
    assert found.tolist() == [[0, 1, -1, 2, 3]]
