"""Kernels in the terminal: the list, one kernel's picture, and what it does."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dilcli.cli.kernel_picture import LEGEND, picture, weight_lines
from dilcli.core.boundary import PICTURES
from dilcli.core.kernels import named_kernels

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from rich.console import Console

    from dilcli.core.kernels import Kernel
    from dilcli.features.explain import Explanation

__all__ = ["print_explanation", "print_kernel", "print_kernel_list"]

Pair = tuple[int, int]

#: Characters; longer lists of offsets are shortened in the middle.
_MAX_OFFSETS = 62

_OTHER_KERNELS = """\
Parameters: gaussian:sigma=1.5,size=7; the first needs no name: box:5.
Sizes and sigmas may be rows x columns: 5x7.
Own weights: "1 2 1; 2 4 2; 1 2 1 / 16".
Own files: @kernel.npy (.txt, .csv, .npy, .json, vips .mat)."""


def print_kernel_list(console: Console | None = None) -> None:
    """Print every named kernel with its parameters, their defaults, and what it is.

    Parameters
    ----------
    console : rich.console.Console, optional
        Default: standard output.
    """
    from rich.table import Table
    from rich.text import Text

    table = Table(box=None, pad_edge=False, header_style="bold")
    table.add_column("kernel", no_wrap=True)
    table.add_column("parameters", max_width=21)
    table.add_column("what it is", ratio=1)
    for kernel in named_kernels():
        defaults = " ".join(f"{p.name}={p.default}" for p in kernel.parameters)
        table.add_row(Text(kernel.name, "cyan"), Text(defaults), Text(kernel.summary))
    console = console or _console()
    console.print(table)
    console.print()
    console.print(Text(_OTHER_KERNELS), soft_wrap=True)


def print_kernel(
    kernel: Kernel,
    dilation: Pair = (1, 1),
    origin: Pair | None = None,
    convolve: bool = False,
    console: Console | None = None,
) -> None:
    """Print one kernel: its weights, its numbers, and a picture of its taps and holes.

    Parameters
    ----------
    kernel : Kernel
    dilation : (int, int)
    origin : (int, int), optional
        Default: ``size // 2``.
    convolve : bool
        The picture is then turned by 180 degrees; the weights stay as they were given.
    console : rich.console.Console, optional
        Default: standard output.
    """
    console = console or _console()
    rows, columns = kernel.shape
    taps = kernel.taps(dilation, origin, convolve)
    _print_title(console, f"{kernel.name}: {rows} x {columns}, {_count(len(taps), 'tap')}")
    for line in weight_lines(kernel, console.width):
        console.print(f"  {line}", markup=False, soft_wrap=True)
    console.print()
    _print_facts(
        console,
        [
            ("dilation", _dilation(dilation)),
            *_size_facts(kernel, dilation, origin, convolve),
            *_weight_facts(kernel),
        ],
    )
    console.print()
    lines, notes = picture(kernel, dilation, origin, convolve, width=console.width - 2)
    for line in lines:
        console.print(_coloured(f"  {line}"), soft_wrap=True)
    console.print()
    for note in (LEGEND, *notes):
        console.print(note, style="dim", markup=False, soft_wrap=True)


def print_explanation(explanation: Explanation, console: Console | None = None) -> None:
    """Print what a kernel does to pixels, and the same filter in other tools.

    Parameters
    ----------
    explanation : Explanation
    console : rich.console.Console, optional
        Default: standard output.
    """
    console = console or _console()
    e = explanation
    rows, columns = e.kernel.shape
    facts = [
        ("operation", _operation(e.convolve)),
        ("dilation", _dilation(e.dilation)),
        *_size_facts(e.kernel, e.dilation, e.origin, e.convolve),
        *_weight_facts(e.kernel),
        ("padding", _padding(e.padding)),
        ("boundary", _boundary(e)),
        ("response", _response(e)),
    ]
    if e.stride != (1, 1):
        facts.append(("stride", f"{e.stride[0]} down, {e.stride[1]} across"))
    _print_title(console, f"{e.kernel.name}: {rows} x {columns}, {_count(len(e.taps), 'tap')}")
    _print_facts(console, facts)
    console.print("\nThe same pixels elsewhere (x is one channel, height x width):")
    for peer, code in e.equivalents:
        console.print()
        _print_title(console, peer)
        for line in code:
            console.print(line, markup=False, soft_wrap=True)


def _console() -> Console:
    from rich.console import Console

    return Console(highlight=False)


def _print_title(console: Console, text: str) -> None:
    """Print a line in bold where there is bold."""
    console.print(text, style="bold", markup=False, soft_wrap=True)


def _print_facts(console: Console, facts: Iterable[tuple[str, str]]) -> None:
    for name, value in facts:
        console.print(f"{name:<15} {value}", markup=False, soft_wrap=True)


def _size_facts(
    kernel: Kernel, dilation: Pair, origin: Pair | None, convolve: bool
) -> list[tuple[str, str]]:
    taps = kernel.taps(dilation, origin, convolve)
    (up, down), (left, right) = kernel.reach(dilation, origin, convolve)
    size = kernel.effective_size(dilation)
    y, x = kernel.origin(origin)
    return [
        ("effective size", f"{size[0]} x {size[1]} pixels"),
        ("origin", f"row {y}, column {x} of the kernel, from 0"),
        ("reach", f"up {up}, down {down}, left {left}, right {right}"),
        ("tap rows", _offsets(tap.dy for tap in taps)),
        ("tap columns", _offsets(tap.dx for tap in taps)),
    ]


def _weight_facts(kernel: Kernel) -> list[tuple[str, str]]:
    total = 0.0 if kernel.is_zero_sum else kernel.total
    rank = kernel.rank
    return [
        ("sum", f"{total:.10g}"),
        ("l1", f"{kernel.l1:.10g} (sum of absolute weights)"),
        ("rank", f"{rank}{' (separable)' if rank == 1 else ''}"),
    ]


def _operation(convolve: bool) -> str:
    if convolve:
        return "convolution, the kernel turned by 180 degrees"
    return "correlation, the kernel not turned"


def _dilation(dilation: Pair) -> str:
    holes = [d - 1 for d in dilation]
    if holes == [0, 0]:
        return "1 (dense: no holes)"
    if holes[0] == holes[1]:
        return f"{dilation[0]} ({_count(holes[0], 'hole')} between taps)"
    return f"{dilation[0]} down, {dilation[1]} across ({holes[0]} and {holes[1]} holes)"


def _padding(padding: Sequence[Pair]) -> str:
    (up, down), (left, right) = padding
    if not any(map(any, padding)):
        return "none: nothing outside the image is read"
    return f"{up} rows above, {down} below; {left} columns on the left, {right} on the right"


def _boundary(explanation: Explanation) -> str:
    text = f"{explanation.boundary}: {PICTURES[explanation.boundary]}"
    if explanation.boundary == "constant":
        text += f" with k = {explanation.fill:g}"
    return text


def _response(explanation: Explanation) -> str:
    low, high = explanation.response
    smallest, largest = explanation.samples
    return f"{low:.10g} to {high:.10g} for samples from {smallest:g} to {largest:g}"


def _offsets(offsets: Iterable[int]) -> str:
    texts = [f"{offset:+d}" if offset else "0" for offset in sorted(set(offsets))]
    shown = texts
    half = len(texts) // 2
    while len(" ".join(shown)) > _MAX_OFFSETS:
        half -= 1
        shown = [*texts[:half], "...", *texts[-half:]]
    return " ".join(shown) or "none: every weight is 0"


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def _coloured(line: str) -> object:
    from rich.text import Text

    text = Text(line)
    text.highlight_regex(r"\+", "bold green")
    text.highlight_regex(r"-", "bold red")
    text.highlight_regex(r"\.", "dim")
    return text
