"""The kernels that have a name, their parameters, and the text ``name:value,parameter=value``."""

from __future__ import annotations

import inspect
import re
from dataclasses import dataclass
from difflib import get_close_matches
from typing import TYPE_CHECKING, Any

from dilcli.core import derivative_kernels as derivative
from dilcli.core import gaussian_kernels as gaussian
from dilcli.core import smoothing_kernels as smoothing
from dilcli.core.kernel_parameters import (
    Parameter,
    number,
    one_of,
    optional,
    pair_of_positives,
    positive,
    size,
    whole,
)
from dilcli.errors import KernelError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from dilcli.core.kernel_text import Rows

__all__ = ["NamedKernel", "named_kernels", "named_rows"]


@dataclass(frozen=True, slots=True)
class NamedKernel:
    """A kernel that has a name.

    Attributes
    ----------
    name : str
    build : callable
        Takes the parameters' values by their names, gives rows of weights.
    parameters : tuple of Parameter
        The first may be given bare, as in ``box:5``.
    """

    name: str
    build: Callable[..., Rows]
    parameters: tuple[Parameter, ...] = ()

    @property
    def summary(self) -> str:
        """What it is, in one line of ASCII."""
        return _documentation(self.build).partition("\n")[0]

    @property
    def source(self) -> str:
        """Where the formula comes from."""
        return " ".join(_documentation(self.build).rpartition("Source: ")[2].split())


def _documentation(function: Callable[..., Any]) -> str:
    return inspect.cleandoc(function.__doc__ or "")


_SIGMA = Parameter("sigma", "1", pair_of_positives)
_AUTO_SIZE = Parameter("size", "auto", optional(size))
_SIZE_3 = Parameter("size", "3", size)
_SOBEL_SIZE = Parameter("size", "3", whole(2, 31))
_ANGLE = Parameter("angle", "0", number)
_GAUSSIAN = (_SIGMA, _AUTO_SIZE)

_NAMED = (
    NamedKernel("identity", smoothing.identity, (Parameter("size", "1", size),)),
    NamedKernel("box", smoothing.box, (_SIZE_3,)),
    NamedKernel("gaussian", gaussian.gaussian, _GAUSSIAN),
    NamedKernel("gaussian-dx", gaussian.gaussian_dx, _GAUSSIAN),
    NamedKernel("gaussian-dy", gaussian.gaussian_dy, _GAUSSIAN),
    NamedKernel("gaussian-dxx", gaussian.gaussian_dxx, _GAUSSIAN),
    NamedKernel("gaussian-dyy", gaussian.gaussian_dyy, _GAUSSIAN),
    NamedKernel("gaussian-dxy", gaussian.gaussian_dxy, _GAUSSIAN),
    NamedKernel("sobel-x", derivative.sobel_x, (_SOBEL_SIZE,)),
    NamedKernel("sobel-y", derivative.sobel_y, (_SOBEL_SIZE,)),
    NamedKernel("scharr-x", derivative.scharr_x),
    NamedKernel("scharr-y", derivative.scharr_y),
    NamedKernel("prewitt-x", derivative.prewitt_x),
    NamedKernel("prewitt-y", derivative.prewitt_y),
    NamedKernel("roberts", derivative.roberts, (Parameter("diagonal", "1", one_of(1, 2)),)),
    NamedKernel("laplacian", derivative.laplacian, (Parameter("neighbors", "4", one_of(4, 8)),)),
    NamedKernel("log", gaussian.laplacian_of_gaussian, _GAUSSIAN),
    NamedKernel(
        "dog",
        gaussian.difference_of_gaussians,
        (_SIGMA, Parameter("ratio", "1.6", positive), _AUTO_SIZE),
    ),
    NamedKernel("sharpen", smoothing.sharpen, (Parameter("amount", "1", number),)),
    NamedKernel(
        "unsharp", gaussian.unsharp, (_SIGMA, Parameter("amount", "1", number), _AUTO_SIZE)
    ),
    NamedKernel("emboss", smoothing.emboss, (Parameter("strength", "1", number),)),
    NamedKernel("binomial", smoothing.binomial, (_SIZE_3,)),
    NamedKernel("b3", smoothing.b3),
    NamedKernel("linear", smoothing.linear),
    NamedKernel("disk", smoothing.disk, (Parameter("radius", "2", positive),)),
    NamedKernel(
        "gabor",
        gaussian.gabor,
        (
            Parameter("wavelength", "4", positive),
            _ANGLE,
            Parameter("sigma", "auto", optional(positive)),
            Parameter("aspect", "1", positive),
            Parameter("phase", "0", number),
            _AUTO_SIZE,
        ),
    ),
    NamedKernel("motion", smoothing.motion, (Parameter("length", "9", whole(1)), _ANGLE)),
)
_BY_NAME = {kernel.name: kernel for kernel in _NAMED}
_TEXT = re.compile(r"([A-Za-z][A-Za-z0-9_-]*)(?::(.*))?", re.DOTALL)
_FILE_ENDINGS = (".txt", ".csv", ".npy", ".json", ".mat")


def named_kernels() -> tuple[NamedKernel, ...]:
    """List the named kernels in the order of the documentation."""
    return _NAMED


def named_rows(text: str) -> tuple[str, Rows]:
    """Build a named kernel from its text.

    Parameters
    ----------
    text : str
        ``name``, ``name:value`` or ``name:parameter=value,...``; the first parameter needs no
        name. Names are read in any case; blanks around commas and colons mean nothing.

    Returns
    -------
    (str, tuple of tuple of float)
        The bare name, and the weights.

    Raises
    ------
    KernelError
        For an unknown name or parameter (with the nearest known one), or a value out of range.

    Examples
    --------
    >>> named_rows("laplacian:8")
    ('laplacian', ((1.0, 1.0, 1.0), (1.0, -8.0, 1.0), (1.0, 1.0, 1.0)))
    """
    kernel, settings = _split(text)
    try:
        values = _values(kernel, settings)
        return kernel.name, kernel.build(**values)
    except ValueError as error:
        raise KernelError(f"kernel {text!r}: {error}") from error


def _split(text: str) -> tuple[NamedKernel, str]:
    match = _TEXT.fullmatch(text)
    if match is None:
        raise _not_a_name(text)
    name = match[1].lower()
    if name not in _BY_NAME:
        raise KernelError(
            f"unknown kernel {match[1]!r}{_suggestion(name, _BY_NAME)} "
            f"(--list-kernels shows all; @{match[1]} reads a file)"
        )
    return _BY_NAME[name], match[2] or ""


def _not_a_name(text: str) -> KernelError:
    if text.lower().endswith(_FILE_ENDINGS):
        return KernelError(f"unknown kernel {text!r}; for a kernel file write @{text}")
    name = re.match(r"[A-Za-z0-9_-]+", text)
    word = name[0].replace("_", "-").lower() if name else text
    example = f"{word}:{_example(_BY_NAME[word])}" if word in _BY_NAME else "gaussian:sigma=1.5"
    return KernelError(
        f"kernel {text!r} is neither a name with parameters (as {example}) "
        f'nor rows of weights (as "1 2 1; 2 4 2; 1 2 1")'
    )


def _example(kernel: NamedKernel) -> str:
    return ",".join(f"{p.name}={p.default}" for p in kernel.parameters[:1])


def _values(kernel: NamedKernel, settings: str) -> dict[str, Any]:
    """Read the settings; defaults fill the rest."""
    typed: dict[str, str] = {}
    for place, setting in enumerate(settings.split(",") if settings.strip() else ()):
        name, equals, value = (part.strip() for part in setting.partition("="))
        if not equals:
            name, value = _bare(kernel, name, place), name
        if name not in (known := [p.name for p in kernel.parameters]):
            raise ValueError(f"unknown parameter {name!r}{_suggestion(name, known)}{_has(kernel)}")
        if name in typed:
            raise ValueError(f"{name} is given twice")
        typed[name] = value
    return {parameter.name: _read(parameter, typed) for parameter in kernel.parameters}


def _bare(kernel: NamedKernel, value: str, place: int) -> str:
    if not kernel.parameters:
        raise ValueError(f"{kernel.name} takes no parameters, got {value!r}")
    if place or not value:
        raise ValueError(
            f"{value!r} has no parameter's name; only the first may go without{_has(kernel)}"
        )
    return kernel.parameters[0].name


def _read(parameter: Parameter, typed: dict[str, str]) -> Any:
    text = typed.get(parameter.name, parameter.default)
    try:
        return parameter.read(text)
    except ValueError as error:
        raise ValueError(f"{parameter.name} {error}, got {text!r}") from None


def _suggestion(word: str, known: Iterable[str]) -> str:
    close = get_close_matches(word.lower().replace("_", "-"), list(known), n=1)
    return f"; did you mean {close[0]!r}?" if close else ""


def _has(kernel: NamedKernel) -> str:
    if not kernel.parameters:
        return f" ({kernel.name} takes none)"
    return f" ({kernel.name} takes {', '.join(p.name for p in kernel.parameters)})"
