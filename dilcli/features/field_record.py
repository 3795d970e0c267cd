"""A report about receptive fields as plain values: for JSON, and as rows for CSV."""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING, Any

from dilcli.core.receptive.network import Merge

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from dilcli.core.receptive.axis import Number
    from dilcli.core.receptive.fields import Field, Row
    from dilcli.features.field_checks import Verdict
    from dilcli.features.field_report import FieldReport

__all__ = ["LAYER_KEYS", "as_record", "csv_rows"]

_SIZES = ("kernel", "stride", "dilation", "padding", "effective_size")
_FIELD = (
    *("rf", "rf_by_phase", "whole_input", "effective_stride", "effective_padding", "start"),
    *("center0", "aligned", "coverage", "gap", "lattice", "output_size", "rf_fraction"),
)
#: What is said of each layer, in this order.
LAYER_KEYS = (
    *("index", "name", "kind", *_SIZES, "branch", "inputs", *_FIELD),
    *("parameters", "macs", "sigma", "erf"),
)

#: Beyond this a double no longer tells halves apart, and far beyond it there is none.
_EXACT_FLOAT = 2**53


def as_record(report: FieldReport, verdicts: Sequence[Verdict] = ()) -> dict[str, Any]:
    """Write a report as plain values with stable keys; numbers for axes are lists, rows first.

    Parameters
    ----------
    report : FieldReport
    verdicts : sequence of Verdict
        On the conditions that were set, if any.
    """
    record: dict[str, Any] = {
        "name": report.name,
        "layers": [_layer(report, row) for row in report.result.rows],
        "summary": _summary(report),
        "warnings": [*report.notes, *report.result.warnings],
    }
    if report.cell is not None:
        at, cell = report.cell
        record["cell"] = {
            "position": list(at),
            "box": _spans(cell.box),
            "clipped": _spans(cell.clipped),
            "lost": _spans(cell.lost),
            "reached": _spans(cell.reached),
        }
    if report.pixel is not None:
        at, pixel = report.pixel
        record["pixel"] = {
            "position": list(at),
            "outputs": _spans(pixel.outputs),
            "count": pixel.number,
        }
    if verdicts:
        record["checks"] = [
            {"condition": v.condition.text, "holds": v.holds, "found": v.found} for v in verdicts
        ]
    return record


def _layer(report: FieldReport, row: Row) -> dict[str, Any]:
    layer, inputs, name, branch = row.node
    sizes: dict[str, Any] = dict.fromkeys(_SIZES)
    if not isinstance(layer, Merge):
        sizes = {key: list(getattr(layer, key)) for key in _SIZES}
        sizes["padding"] = layer.padding if layer.padding == "same" else _spans(layer.padding)
    index, costs = row.number - 1, report.costs
    return {
        "index": row.number,
        "name": name,
        "kind": layer.kind,
        **sizes,
        "branch": list(branch),
        "inputs": [source + 1 for source in inputs],
        **_field(row.field, report),
        "parameters": None if costs is None else costs.parameters[index],
        "macs": None if costs is None else costs.macs[index],
        **_erf(report.sigma_of(index)),
    }


def _summary(report: FieldReport) -> dict[str, Any]:
    result, costs = report.result, report.costs
    size = result.input_size
    return {
        "layer": result.at + 1,
        "input_size": None if size is None else list(size),
        **_field(result.summary, report),
        "hole_free": report.hole_free,
        "hdc_m2": list(report.hdc_m2),
        "parameters": None if costs is None else costs.total_parameters,
        "macs": None if costs is None else costs.total_macs,
        **_erf(report.sigma),
        "luo_size": None if report.effective is None else report.effective.luo_size,
    }


def _field(field: Field, report: FieldReport) -> dict[str, Any]:
    phases, share = field.rf_by_phase, report.rf_fraction_of(field)
    return {
        "rf": None if field.rf is None else _list(field.rf),
        "rf_by_phase": None if phases is None else [_list(widths) for widths in phases],
        "whole_input": field.whole_input,
        "effective_stride": _list(field.effective_stride),
        "effective_padding": _list(field.effective_padding),
        "start": _list(field.start),
        "center0": _list([None if s is None else s - Fraction(1, 2) for s in field.start]),
        "aligned": field.aligned,
        "coverage": _plain(field.coverage),
        "gap": _list(field.gap),
        "lattice": _list(field.lattice),
        "output_size": None if field.output_size is None else list(field.output_size),
        "rf_fraction": None if report.result.input_size is None else _list(share),
    }


def _erf(sigma: Sequence[float | None]) -> dict[str, Any]:
    return {"sigma": list(sigma), "erf": [None if s is None else 4 * s for s in sigma]}


def _list(values: Sequence[Number | None]) -> list[Any]:
    return [_plain(value) for value in values]


def _spans(spans: Sequence[Sequence[Number]] | None) -> list[list[Any]] | None:
    return None if spans is None else [_list(span) for span in spans]


def _plain(value: Number | None) -> Any:
    """Write whole numbers as int, others as float: the only ones that JSON has."""
    if value is None or isinstance(value, int):
        return value
    if value.denominator == 1 or abs(value) >= _EXACT_FLOAT:
        return round(value)
    return float(value)


def csv_rows(record: Mapping[str, Any]) -> list[list[str]]:
    """Write the layers of a record as rows of text, the first of them its keys.

    Numbers for axes are joined by ``x``, those of one axis by ``:`` (before and after, phases);
    where they are equal one is written. What is unknown is empty, or ``?`` beside something known.
    """
    rows = ([_text(key, layer[key]) for key in LAYER_KEYS] for layer in record["layers"])
    return [list(LAYER_KEYS), *rows]


def _text(key: str, value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if not isinstance(value, list):
        return "" if value is None else str(value)
    if key in ("branch", "inputs"):
        return " ".join(map(str, value))
    texts = [
        ":".join(dict.fromkeys(map(str, member)))
        if isinstance(member, list)
        else _text(key, member) or "?"
        for member in value
    ]
    if set(texts) == {"?"}:
        return ""
    return texts[0] if len(set(texts)) == 1 else "x".join(texts)
