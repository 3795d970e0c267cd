"""The lines for other tools give the same pixels."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import ndimage

from dilcli.core.kernels import Kernel, parse_kernel
from dilcli.features.explain import explain
from tests.reference import loops

if TYPE_CHECKING:
    from numpy.typing import NDArray

KERNELS = st.one_of(
    st.sampled_from(["gaussian:size=5", "gaussian-dy:size=4x6", "sobel-x:5", "b3", "disk:2"]).map(
        parse_kernel
    ),
    st.tuples(st.integers(1, 5), st.integers(1, 5), st.integers(0, 2**32 - 1)).map(
        lambda s: Kernel(np.random.default_rng(s[2]).integers(-4, 5, s[:2]).tolist())
    ),
)
SETTINGS = st.fixed_dictionaries(
    {
        "dilation": st.tuples(st.integers(1, 4), st.integers(1, 4)),
        "boundary": st.sampled_from(["reflect", "mirror", "nearest", "wrap", "constant"]),
        "fill": st.sampled_from([0.0, 7.0, -3.5]),
        "convolve": st.booleans(),
    }
)
STRIDES = st.sampled_from([(1, 1), (2, 3)])


def lines(explanation: Any, peer: str) -> str:
    return "\n".join(dict(explanation.equivalents)[peer])


def run(code: str, image: NDArray[np.uint8], kernel: Kernel) -> NDArray[np.float64]:
    names: dict[str, Any] = {"x": image, "kernel": kernel}
    exec(code, names)
    result: NDArray[np.float64] = names["y"]
    return result


@settings(max_examples=60, deadline=None)
@given(kernel=KERNELS, how=SETTINGS, stride=STRIDES, data=st.data())
def test_the_scipy_lines_give_the_same_pixels(
    kernel: Kernel, how: dict[str, Any], stride: tuple[int, int], data: st.DataObject
) -> None:
    """On an 8-bit image, for odd and even kernels, any origin, and both directions."""
    rows, columns = kernel.shape
    origin = data.draw(st.tuples(st.integers(0, rows - 1), st.integers(0, columns - 1)))
    image = np.random.default_rng(0).integers(0, 256, (8, 7)).astype(np.uint8)
    explanation = explain(kernel, **how, origin=origin, stride=stride, bias=2.5)
    got = run(lines(explanation, "SciPy"), image, kernel)
    expected = loops(image, np.array(kernel.weights), **how, origin=origin, stride=stride) + 2.5
    np.testing.assert_allclose(got, expected, atol=1e-10)


def test_large_tables_are_taken_from_a_variable_unless_they_are_separable() -> None:
    disk, blur = parse_kernel("disk:17"), parse_kernel("gaussian:5")
    image = np.random.default_rng(0).integers(0, 256, (40, 40)).astype(np.uint8)
    assert "kernel.weights" in lines(explain(disk), "SciPy")
    assert "kernel.weights" not in lines(explain(blur), "SciPy")
    for kernel in (disk, blur):
        got = run(lines(explain(kernel), "SciPy"), image, kernel)
        expected = ndimage.correlate(image.astype(float), np.array(kernel.weights))
        np.testing.assert_allclose(got, expected, atol=1e-10)


@pytest.mark.parametrize("peer", ["SciPy", "PyTorch"])
@pytest.mark.parametrize("text", ["sobel-x", "gaussian:3", "log:2", "1 2; 3 4"])
def test_python_lines_compile_and_fit_eighty_columns(peer: str, text: str) -> None:
    code = lines(explain(parse_kernel(text), dilation=(2, 3), boundary="mirror"), peer)
    compile(code, peer, "exec")
    assert max(map(len, code.splitlines())) <= 80


@pytest.mark.parametrize(
    ("boundary", "padding"),
    [("reflect", "symmetric"), ("mirror", "reflect"), ("wrap", "wrap")],
)
def test_pytorch_pads_with_numpy_where_its_own_boundary_is_missing_or_short(
    boundary: str, padding: str
) -> None:
    assert f'mode="{padding}"' in lines(explain(parse_kernel("b3"), boundary=boundary), "PyTorch")
    assert "np.pad" in lines(explain(parse_kernel("b3"), boundary=boundary), "PyTorch")
