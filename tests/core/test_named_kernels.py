"""The list of named kernels and the text that sets their parameters."""

from __future__ import annotations

import inspect

import pytest

from dilcli.core.named_kernels import NamedKernel, named_kernels, named_rows
from dilcli.errors import KernelError

EACH = pytest.mark.parametrize("kernel", named_kernels(), ids=lambda kernel: kernel.name)


def test_the_promised_kernels_are_there() -> None:
    promised = """identity box gaussian gaussian-dx gaussian-dy gaussian-dxx gaussian-dyy
        gaussian-dxy sobel-x sobel-y scharr-x scharr-y prewitt-x prewitt-y roberts laplacian log
        dog sharpen unsharp emboss binomial b3 linear disk gabor motion"""
    assert [kernel.name for kernel in named_kernels()] == promised.split()


@EACH
def test_each_has_a_summary_of_one_ascii_line_and_a_source(kernel: NamedKernel) -> None:
    assert kernel.summary.isascii()
    assert kernel.summary.endswith(".")
    assert len(kernel.summary) <= 60
    assert kernel.source.endswith((".", ")."))


@EACH
def test_the_parameters_are_those_of_the_formula(kernel: NamedKernel) -> None:
    names = [parameter.name for parameter in kernel.parameters]
    assert names == list(inspect.signature(kernel.build).parameters)


@EACH
def test_defaults_typed_out_give_the_default_kernel(kernel: NamedKernel) -> None:
    typed = ",".join(f"{p.name}={p.default}" for p in kernel.parameters)
    assert named_rows(f"{kernel.name}:{typed}") == named_rows(kernel.name)


@EACH
def test_the_first_parameter_may_be_bare(kernel: NamedKernel) -> None:
    for parameter in kernel.parameters[:1]:
        assert named_rows(f"{kernel.name}:{parameter.default}") == named_rows(kernel.name)


def test_blanks_and_capitals_mean_nothing() -> None:
    assert named_rows("Gaussian: 2 , size = 5x7") == named_rows("gaussian:sigma=2,size=5x7")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("gausian", "unknown kernel 'gausian'; did you mean 'gaussian'?"),
        ("sobel_x", "did you mean 'sobel-x'?"),
        ("zzz", r"unknown kernel 'zzz' \(--list-kernels"),
        ("kernel.npy", "write @kernel.npy"),
        ("gaussian 2", "as gaussian:sigma=1"),
        ("a b; c d", "neither a name with parameters"),
        ("gaussian:sig=3", r"unknown parameter 'sig'; did you mean 'sigma'\? .*takes sigma, size"),
        ("scharr-x:size=3", r"unknown parameter 'size' \(scharr-x takes none\)"),
        ("scharr-x:3", "takes no parameters, got '3'"),
        ("gaussian:2,3", "'3' has no parameter's name"),
        ("gaussian:,", "has no parameter's name"),
        ("gaussian:2,sigma=3", "sigma is given twice"),
        ("gaussian:sigma=-1", "kernel 'gaussian:sigma=-1': sigma must be greater than 0.*'-1'"),
        ("gaussian:sigma=", "sigma must be a number, got ''"),
        ("laplacian:5", "neighbors must be 4 or 8, got '5'"),
    ],
)
def test_mistakes_are_named_in_one_line_with_the_remedy(text: str, message: str) -> None:
    with pytest.raises(KernelError, match=message) as caught:
        named_rows(text)
    assert "\n" not in str(caught.value)
