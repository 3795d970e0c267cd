"""What `correlate` is given is read as it is meant, or refused with what would be right."""

from __future__ import annotations

import re
from typing import Any

import numpy as np
import pytest

from dilcli.core.arguments import response_dtype
from dilcli.core.correlate import correlate
from dilcli.core.kernels import Kernel
from dilcli.errors import ArgumentError, KernelError
from tests.reference import loops


@pytest.mark.parametrize(("name", "wide"), [("f2", "f4"), ("f4", "f4"), ("f8", "f8")])
def test_floats_are_summed_in_their_own_type_or_float32(name: str, wide: str) -> None:
    image = np.random.default_rng(8).normal(size=(7, 9)).astype(name)
    assert response_dtype(image) == wide
    found = correlate(image, np.ones((3, 3)))
    np.testing.assert_allclose(found, loops(image, np.ones((3, 3))), rtol=0, atol=1e-5)
    assert found.dtype == wide


@pytest.mark.parametrize("value", [2**53 + 1, -(2**53) - 1, 2**63 - 1])
def test_integers_that_float64_cannot_tell_apart_are_refused(value: int) -> None:
    with pytest.raises(ArgumentError, match=r"beyond 2\*\*53"):
        correlate(np.array([[0, value]]), [[1]])


@pytest.mark.parametrize(
    ("image", "message"),
    [
        (np.zeros(()), "image of shape ()"),
        (np.zeros((0, 4)), "image of shape (0, 4)"),
        (np.zeros((4, 0)), "image of shape (4, 0)"),
        (np.zeros((4, 4, 0)), "image of shape (4, 4, 0)"),
        ([], "image of shape (0,)"),
        (np.zeros((2, 3, 4, 5)), "image of shape (2, 3, 4, 5)"),
        (np.zeros((4, 4), complex), "samples of type complex128"),
        (np.zeros((4, 4), np.longdouble), "samples of type"),
        (np.array([["a"]]), "samples of type <U1"),
        (np.array([[None]]), "samples of type object"),
        (np.zeros((4, 4), "M8[s]"), "samples of type datetime64[s]"),
    ],
)
def test_images_that_cannot_be_filtered_are_refused(image: Any, message: str) -> None:
    with pytest.raises(ArgumentError, match=re.escape(message)):
        correlate(image, [[1]])


@pytest.mark.parametrize(
    "kernel",
    [
        [[]],
        np.zeros((0, 3)),
        np.zeros((3, 3, 3)),
        [1, 2, 3],
        [[1j]],
        [["a"]],
        [[np.nan, 1]],
        [[1, np.inf]],
    ],
)
def test_kernels_that_cannot_filter_are_refused(kernel: Any) -> None:
    with pytest.raises(KernelError):
        correlate(np.zeros((4, 4)), kernel)


def test_a_row_of_samples_wants_a_row_of_weights() -> None:
    with pytest.raises(KernelError, match=re.escape("want real weights of shape (k,)")):
        correlate(np.zeros(4), [[1, 2]])
    with pytest.raises(KernelError, match="kernel of 2 rows cannot filter an image of shape"):
        correlate(np.zeros(4), Kernel(((1.0,), (2.0,))))


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"dilation": 0}, "dilation must be >= 1 (got 0); 1 means dense, no holes"),
        ({"dilation": -2}, "dilation must be >= 1"),
        ({"dilation": (1, 0)}, "dilation must be >= 1 (got (1, 0))"),
        ({"dilation": 1.5}, "dilation must be a whole number or (rows, columns) (got 1.5)"),
        ({"dilation": 2.0}, "dilation must be a whole number"),
        ({"dilation": True}, "dilation must be a whole number"),
        ({"dilation": (True, 2)}, "dilation must be a whole number"),
        ({"dilation": "2"}, "dilation must be a whole number"),
        ({"dilation": (1, 2, 3)}, "dilation must be a whole number"),
        ({"dilation": ()}, "dilation must be a whole number"),
        ({"dilation": None}, "dilation must be a whole number"),
        ({"stride": 0}, "stride must be >= 1 (got 0)"),
        ({"stride": (2, -1)}, "stride must be >= 1"),
        ({"origin": (3, 0)}, "origin 3,0 lies outside"),
        ({"origin": (0, 3)}, "origin 0,3 lies outside"),
        ({"origin": -1}, "origin must be >= 0"),
        ({"threads": 0}, "threads must be at least 1 (got 0)"),
        ({"threads": -3}, "threads must be at least 1"),
        ({"threads": 1.5}, "threads must be a whole number (got 1.5)"),
        ({"boundary": "miror"}, "unknown boundary 'miror'. Did you mean 'mirror'?"),
        ({"fill": "x"}, "fill must be a real number (got 'x')"),
        ({"fill": 1j}, "fill must be a real number (got 1j)"),
        ({"fill": 1e39}, "fill 1e+39 does not fit into float32"),
    ],
)
def test_settings_without_a_meaning_are_refused(given: dict[str, Any], message: str) -> None:
    with pytest.raises(ArgumentError, match=re.escape(message)):
        correlate(np.zeros((4, 4), np.float32), np.ones((3, 3)), **given)


def test_numpy_numbers_serve_as_settings() -> None:
    image = np.random.default_rng(19).integers(0, 100, (8, 8))
    found = correlate(image, np.ones((3, 3), bool), dilation=np.int8(2), stride=np.array([2, 1]))  # type: ignore[arg-type]
    wanted = correlate(image, np.ones((3, 3)), dilation=(2, 2), stride=(2, 1))
    np.testing.assert_array_equal(found, wanted)


@pytest.mark.parametrize(
    ("out", "found"),
    [
        (np.empty((4, 6)), "float64 (4, 6)"),
        (np.empty((4, 5), np.float32), "float32 (4, 5)"),
        (np.empty((4, 5, 1)), "float64 (4, 5, 1)"),
        (np.empty((4, 5), ">f8"), ">f8 (4, 5)"),
        ([[0.0]], "list"),
    ],
)
def test_an_unfit_out_is_refused(out: Any, found: str) -> None:
    wanted = f"out must be a float64 array of shape (4, 5) (got {found})"
    with pytest.raises(ArgumentError, match=re.escape(wanted)):
        correlate(np.zeros((4, 5)), [[1]], out=out)


def test_a_read_only_out_is_refused() -> None:
    out = np.empty((4, 5))
    out.flags.writeable = False
    with pytest.raises(ArgumentError, match="out is read-only"):
        correlate(np.zeros((4, 5)), [[1]], out=out)
