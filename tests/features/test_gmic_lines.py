"""G'MIC's lines say in its own numbers what the kernel is and where its middle lies."""

from __future__ import annotations

import pytest

from dilcli.core.kernels import Kernel, parse_kernel
from dilcli.features.explain import explain


def line(kernel: Kernel, version: str = "3", **how: object) -> str:
    equivalents = dict(explain(kernel, **how).equivalents)  # type: ignore[arg-type]
    return equivalents[f"G'MIC {'3' if version == '3' else '2.9'}"][-1]


def test_dilation_is_columns_before_rows() -> None:
    text = line(parse_kernel("sobel-y"), dilation=(2, 5))
    assert "'(-1,-2,-1;0,0,0;1,2,1)' correlate[0] '[1],3,0,1,1,1,0,1,1,1,5,2,1'" in text


def test_version_two_has_a_window_before_its_strides() -> None:
    text = line(parse_kernel("sobel-y"), "2.9", dilation=(2, 5))
    assert "'[1],3,0,1,1,1,0,0,0,0,{0,w-1},{0,h-1},0,1,1,1,5,2,1'" in text


@pytest.mark.parametrize(
    ("text", "origin", "table"),
    [
        ("1 2; 3 4", None, "(1,2,0;3,4,0;0,0,0)"),
        ("1 2; 3 4", (0, 0), "(0,0,0;0,1,2;0,3,4)"),
        ("1 2 3", (0, 2), "(0,0,0,0,0;0,0,0,0,0;1,2,3,0,0;0,0,0,0,0;0,0,0,0,0)"),
        ("1 2 3 4 5 6 7", None, "(1,2,3,4,5,6,7)"),
    ],
)
def test_zeros_bring_the_origin_into_the_middle(
    text: str, origin: tuple[int, int] | None, table: str
) -> None:
    assert f" '{table}' " in line(parse_kernel(text), origin=origin)


def test_separable_tables_are_products_and_other_large_ones_files() -> None:
    assert "'(1;4;6;4;1)'" in line(parse_kernel("1 4 6 4 1; 4 16 24 16 4; 6 24 36 24 6;"
                                                "4 16 24 16 4; 1 4 6 4 1"))  # fmt: skip
    lines = dict(explain(parse_kernel("disk:17"), origin=(17, 16)).equivalents)["G'MIC 3"]
    assert "np.pad(w, ((0, 0), (2, 0)))" in lines[-2] or "((0, 0), (2, 0))" in lines[-2]
    assert "in.png kernel.dlm correlate[0]" in lines[-1]


def test_convolution_has_its_own_command() -> None:
    assert " convolve[0] " in line(parse_kernel("sobel-y"), convolve=True)


def test_a_fill_is_taken_off_and_comes_back_with_the_sum_of_the_weights() -> None:
    text = line(parse_kernel("1 2 1"), boundary="constant", fill=7.0, bias=0.5)
    assert "sub[0] 7 correlate[0] '[1],0," in text
    assert "keep[0] add 28.5 " in text


def test_the_missing_boundary_is_padded_by_numpy_and_cut_off_again() -> None:
    lines = dict(explain(parse_kernel("sobel-y"), dilation=(2, 3), boundary="mirror").equivalents)
    text = "\n".join(lines["G'MIC 3"])
    assert 'np.pad(x, [(2, 2), (3, 3), (0, 0)][:x.ndim], mode="reflect")' in text
    assert "gmic padded.tif" in text
    assert "crop 3,2,'{w-4}','{h-3}'" in text


def test_a_stride_keeps_the_last_sample_of_odd_sizes() -> None:
    assert "'{ceil(w/3)},{ceil(h/2)},1,{s},i(#0,x*3,y*2,0,c)'" in line(
        parse_kernel("box"), stride=(2, 3)
    )
