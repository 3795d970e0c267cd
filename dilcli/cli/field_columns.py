"""The columns of a table of receptive fields, and the facts below it, as texts."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from dilcli.cli.field_texts import (
    compact,
    on_axes,
    padding_text,
    percent,
    plain,
    rf_text,
    sizes_text,
)
from dilcli.core.receptive.network import PICTURE, Merge

if TYPE_CHECKING:
    from collections.abc import Callable

    from dilcli.core.receptive.fields import Field
    from dilcli.core.receptive.layers import Layer
    from dilcli.core.receptive.lookup import Cell, Pixel
    from dilcli.core.receptive.network import Network
    from dilcli.features.field_report import FieldReport

__all__ = ["Column", "column", "columns", "facts", "labels"]

_AXES = {1: ("position",), 2: ("rows", "columns"), 3: ("depth", "rows", "columns")}


class Column(NamedTuple):
    """A head, one text for each layer, and the characters of the widest of these."""

    head: str
    texts: list[str]
    width: int


#: Kinds that have no window to show, and what they have.
_BARE: dict[str, tuple[str, ...]] = {"id": (), "gap": (), "up": ("stride",), "crop": ("pad",)}

_WINDOW: dict[str, Callable[[Layer], str]] = {
    "kernel": lambda layer: sizes_text(layer.kernel),
    "stride": lambda layer: sizes_text(layer.stride),
    "pad": padding_text,
    "dil": lambda layer: sizes_text(layer.dilation),
    "k_eff": lambda layer: sizes_text(layer.effective_size),
}

_FIELD: dict[str, Callable[[Field], str]] = {
    "RF": rf_text,
    "jump": lambda field: sizes_text(field.effective_stride),
    "start": lambda field: sizes_text(field.start),
    "cover": lambda field: percent(field.coverage),
    "gap": lambda field: sizes_text(field.gap),
}


def columns(report: FieldReport, *, erf: bool = False) -> list[Column]:
    """Write every column that was asked for.

    Parameters
    ----------
    report : FieldReport
    erf : bool
        With the effective receptive field.
    """
    rows, sized = report.result.rows, report.result.input_size is not None
    made = {"#": [str(row.number) for row in rows], "layer": labels(report.result.network)}
    for head in _WINDOW:
        made[head] = [_window(head, row.node.layer) for row in rows]
    for head, write in _FIELD.items():
        made[head] = [write(row.field) for row in rows]
    if sized:
        made["out"] = [sizes_text(row.field.output_size or ()) for row in rows]
        made["RF/in"] = [_share(report, row.field) for row in rows]
    if erf:
        sigmas = [report.sigma_of(row.number - 1) for row in rows]
        made["σ"] = [_decimals(sigma) for sigma in sigmas]
        made["4σ"] = [_decimals(sigma, 4) for sigma in sigmas]
    if report.costs is not None:
        made["params"] = [compact(count) for count in report.costs.parameters]
        if sized:
            made["MACs"] = [compact(count) for count in report.costs.macs]
    return [column(head, texts) for head, texts in made.items()]


def column(head: str, texts: list[str]) -> Column:
    """Measure a column."""
    return Column(head, texts, max(map(len, (head, *texts))))


def _window(head: str, layer: Layer | Merge) -> str:
    if isinstance(layer, Merge) or head not in _BARE.get(layer.kind, _WINDOW):
        return ""
    return _WINDOW[head](layer)


def _share(report: FieldReport, field: Field) -> str:
    return on_axes(percent(share, 1) for share in report.rf_fraction_of(field))


def _decimals(values: tuple[float | None, ...], factor: int = 1) -> str:
    return sizes_text([None if value is None else factor * value for value in values])


def labels(network: Network) -> list[str]:
    """Name each node: its branch at the branch's beginning, its kind, its own name.

    What a node reads is said where the order does not tell: after jumps, and where a branch is
    empty. 0 is the input of the network.
    """
    last: dict[tuple[int, ...], int] = {}
    before: tuple[int, ...] = ()
    made = []
    for index, (layer, inputs, name, branch) in enumerate(network.nodes):
        known = [branch[: level + 1] == before[: level + 1] for level in range(len(branch))]
        text = "".join("   " if old else f"{n}: " for n, old in zip(branch, known, strict=True))
        text += layer.kind + (f" @{_printable(name)}" if name else "")
        around = [branch] if branch == before else [branch[:n] for n in range(len(branch))]
        expected = max((last.get(place, PICTURE) for place in around), default=PICTURE)
        if isinstance(layer, Merge):
            within = [i != PICTURE and len(network.nodes[i].branch) > len(branch) for i in inputs]
            strange = not all(within)
        else:
            strange = inputs != (expected,)
        if strange:
            text += " ← " + ", ".join(str(source + 1) for source in inputs)
        made.append(text)
        last[branch], before = index, branch
    return made


def _printable(name: str) -> str:
    """Keep a name from files on its line."""
    return "".join(c if c.isprintable() else ascii(c)[1:-1] for c in name)


def facts(report: FieldReport) -> list[tuple[str, str]]:
    """Sum a report up: what it is about, and its value."""
    result, field = report.result, report.result.summary
    lines = [
        ("receptive field", rf_text(field) + _of_input(report)),
        ("effective stride", sizes_text(field.effective_stride)),
        ("effective padding", sizes_text(field.effective_padding)),
        ("start", sizes_text(field.start)),
        ("coverage", _coverage(report)),
        ("aligned", {True: "yes", False: "no", None: "?"}[field.aligned]),
    ]
    if any(m2 is not None for m2 in report.hdc_m2):
        lines.append(("HDC M2 (paper)", sizes_text(report.hdc_m2)))
    if field.output_size is not None:
        lines.append(("output", "×".join(map(str, field.output_size))))
    if report.effective is not None:
        luo = report.effective.luo_size
        lines.append(("effective σ", f"{_decimals(report.sigma)}, 4σ {_decimals(report.sigma, 4)}"))
        lines.append(("size after Luo", plain(None if luo is None else float(luo))))
    if report.costs is not None:
        lines.append(("parameters", _count(report.costs.total_parameters)))
        lines.append(("multiply-adds", _count(report.costs.total_macs)))
    lines += _cell_facts(report.cell) if report.cell else []
    lines += _pixel_facts(report.pixel) if report.pixel else []
    if result.at not in (result.network.output, PICTURE):
        lines.insert(
            0, ("at layer", f"{result.at + 1} {labels(result.network)[result.at].strip()}")
        )
    return lines


def _of_input(report: FieldReport) -> str:
    if report.result.input_size is None:
        return ""
    return f" ({_share(report, report.result.summary)} of the input)"


def _coverage(report: FieldReport) -> str:
    said = {True: ", no holes", False: ", with holes", None: ""}[report.hole_free]
    return percent(report.result.summary.coverage) + said


def _count(number: int | None) -> str:
    return "?" if number is None else f"{number:,}"


def _cell_facts(asked: tuple[tuple[int, ...], Cell]) -> list[tuple[str, str]]:
    at, cell = asked
    axes = _AXES[len(at)]
    name = f"cell {','.join(map(str, at))}"
    lines = [(f"{name} sees", _span_text(axes, cell.box))]
    if cell.lost is None:
        return lines
    lines.append(
        ("  of the input", "nothing" if cell.clipped is None else _span_text(axes, cell.clipped))
    )
    lost = [
        f"{axis} {plain(before)} before, {plain(after)} after"
        for axis, (before, after) in zip(axes, cell.lost, strict=True)
    ]
    nothing = not any(map(any, cell.lost))
    lines.append(("  of the padding", "nothing" if nothing else "; ".join(lost)))
    if cell.reached != cell.clipped:
        # A layer between ends early, and pads where the picture goes on.
        real = "nothing" if cell.reached is None else _span_text(axes, cell.reached)
        lines.append(("  that arrives", real))
    return lines


def _pixel_facts(asked: tuple[tuple[int, ...], Pixel]) -> list[tuple[str, str]]:
    at, pixel = asked
    name = f"pixel {','.join(map(str, at))}"
    if pixel.outputs is None:
        return [(name, "is seen by no output")]
    count = "some" if pixel.number is None else f"{pixel.number}"
    outputs = "output" if pixel.number == 1 else "outputs"
    spans = _span_text(_AXES[len(at)], pixel.outputs)
    return [(f"{name} is in", f"{count} {outputs}: {spans}")]


def _span_text(axes: tuple[str, ...], spans: tuple[tuple[object, object], ...]) -> str:
    texts = [
        f"{axis} {first}" if first == last else f"{axis} {first} to {last}"
        for axis, (first, last) in zip(axes, spans, strict=True)
    ]
    return ", ".join(texts)
