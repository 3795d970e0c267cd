"""Conditions on a receptive field, such as ``rf>=65``: for scripts that want to be told."""

from __future__ import annotations

import re
from difflib import get_close_matches
from fractions import Fraction
from math import inf
from typing import TYPE_CHECKING, NamedTuple

from dilcli.errors import ArgumentError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from dilcli.features.field_report import FieldReport

__all__ = ["QUANTITIES", "WORDS", "Condition", "Verdict", "judge", "parse_condition"]

Value = int | float | Fraction | None

#: What has a number on each axis, or one for all of them; percent is written as percent.
QUANTITIES = (
    *("rf", "effective_stride", "effective_padding", "start", "center0", "coverage", "gap"),
    *("lattice", "hdc_m2", "output_size", "rf_fraction", "parameters", "macs", "sigma", "erf"),
)
#: What is true or false.
WORDS = ("aligned", "hole_free", "whole_input")

_ALIASES = {
    "receptive_field": "rf",
    "stride": "effective_stride",
    "jump": "effective_stride",
    "padding": "effective_padding",
    "out": "output_size",
    "output": "output_size",
    "params": "parameters",
}
_PERCENT = ("coverage", "rf_fraction")
_NEEDS = {
    "output_size": "--input-size",
    "rf_fraction": "--input-size",
    "parameters": "--channels",
    "macs": "--channels and --input-size",
}

_COMPARE: dict[str, Callable[[Fraction | float, Fraction], bool]] = {
    ">=": lambda a, b: a >= b,
    "<=": lambda a, b: a <= b,
    "!=": lambda a, b: a != b,
    "==": lambda a, b: a == b,
    "=": lambda a, b: a == b,
    ">": lambda a, b: a > b,
    "<": lambda a, b: a < b,
}
#: Where a quantity is found, if it is not in the summary under its name.
_SOURCES: dict[str, Callable[[FieldReport], tuple[Value, ...]]] = {
    "rf": lambda r: r.result.summary.rf or (inf,) * r.result.network.axes,
    "center0": lambda r: tuple(map(_less_a_half, r.result.summary.start)),
    "coverage": lambda r: (_times(100, r.result.summary.coverage),),
    "hdc_m2": lambda r: r.hdc_m2,
    "output_size": lambda r: r.result.summary.output_size or (None,) * r.result.network.axes,
    "rf_fraction": lambda r: tuple(_times(100, share) for share in r.rf_fraction),
    "parameters": lambda r: (None if r.costs is None else r.costs.total_parameters,),
    "macs": lambda r: (None if r.costs is None else r.costs.total_macs,),
    "sigma": lambda r: r.sigma,
    "erf": lambda r: tuple(_times(4, sigma) for sigma in r.sigma),
}

_NUMBER = r"[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:/\d+)?"
_COMPARISON = re.compile(rf"([^\s<>=!]+)\s*(>=|<=|!=|==|=|>|<)\s*({_NUMBER}(?:x{_NUMBER})*)\s*(%?)")
_WORD = re.compile(r"(not\s+|!\s*)?([^\s<>=!]+)")


class Condition(NamedTuple):
    """A quantity compared with numbers, one for all axes or one for each; or a word.

    Attributes
    ----------
    text : str
        As it was written.
    name : str
        One of `QUANTITIES` or `WORDS`.
    compare : str
        The operator; for words ``"is"`` or ``"not"``.
    bounds : tuple of Fraction
    """

    text: str
    name: str
    compare: str
    bounds: tuple[Fraction, ...] = ()


class Verdict(NamedTuple):
    """Whether a condition holds, and what was found."""

    condition: Condition
    holds: bool
    found: str


def parse_condition(text: str) -> Condition:
    """Read ``NAME OP NUMBER``, a word, or ``not`` and a word.

    Raises
    ------
    ArgumentError
        If the text is no condition.

    Examples
    --------
    >>> parse_condition("coverage >= 50%")[1:]
    ('coverage', '>=', (Fraction(50, 1),))
    >>> parse_condition("not aligned")[1:]
    ('aligned', 'not', ())
    """
    text = text.strip()
    if word := _WORD.fullmatch(text):
        name = _known(text, word[2])
        if name in QUANTITIES:
            raise ArgumentError(f"{text!r} compares {name} with nothing; write {name}>=N")
        return Condition(text, name, "not" if word[1] else "is")
    found = _COMPARISON.fullmatch(text)
    if not found:
        raise ArgumentError(
            f"{text!r} is no condition; write NAME OP NUMBER, such as rf>=65, with one of "
            ">= <= = != > <, or a word: " + ", ".join(WORDS)
        )
    name = _known(text, found[1])
    if name in WORDS:
        raise ArgumentError(f"{text!r}: {name} is true or false; write {name} or 'not {name}'")
    if found[4] and name not in _PERCENT:
        raise ArgumentError(f"{text!r}: {name} is no percentage; leave % away")
    try:
        bounds = tuple(map(Fraction, found[3].split("x")))
    except (ValueError, ZeroDivisionError):
        raise ArgumentError(f"{text!r}: {found[3]} is no number") from None
    return Condition(text, name, found[2], bounds)


def _known(text: str, name: str) -> str:
    name = name.lower().replace("-", "_")
    name = _ALIASES.get(name, name)
    names = (*QUANTITIES, *WORDS)
    if name not in names:
        near = get_close_matches(name, (*names, *_ALIASES), n=1)
        hint = f"did you mean {near[0]!r}?" if near else f"known: {', '.join(names)}"
        raise ArgumentError(f"{text!r}: unknown name {name!r}; {hint}")
    return name


def judge(report: FieldReport, conditions: Iterable[Condition]) -> tuple[Verdict, ...]:
    """Tell which conditions hold for the node that is summed up.

    A comparison must hold on every axis. What is unknown holds neither way. The receptive field
    of a network that sees its whole input is larger than any number.

    Raises
    ------
    ArgumentError
        If a condition has numbers for more axes than the network has.
    """
    return tuple(_judged(report, condition) for condition in conditions)


def _judged(report: FieldReport, condition: Condition) -> Verdict:
    if condition.name in WORDS:
        truth = _truth(report, condition.name)
        said = {True: "yes", False: "no", None: "unknown"}[truth]
        wanted = condition.compare == "is"
        return Verdict(condition, truth is wanted, f"{condition.name}: {said}")
    values = _values(report, condition.name)
    bounds = condition.bounds
    if len(bounds) not in (1, len(values)):
        raise ArgumentError(
            f"{condition.text!r} has numbers for {len(bounds)} axes, {condition.name} has "
            f"{len(values)}"
        )
    bounds *= len(values) // len(bounds)
    holds = all(
        value is not None and _COMPARE[condition.compare](value, bound)
        for value, bound in zip(values, bounds, strict=True)
    )
    return Verdict(condition, holds, _found(condition.name, values))


def _times(factor: int, value: Value) -> Value:
    return None if value is None else factor * value


def _less_a_half(value: Fraction | None) -> Value:
    return None if value is None else value - Fraction(1, 2)


def _found(name: str, values: tuple[Value, ...]) -> str:
    if None in values and name in _NEEDS:
        return f"{name} is unknown; it needs {_NEEDS[name]}"
    texts = [
        _text(value) + ("%" if name in _PERCENT and value is not None else "") for value in values
    ]
    return f"{name} is {texts[0] if len(set(texts)) == 1 else 'x'.join(texts)}"


def _text(value: Value) -> str:
    if value is None:
        return "unknown"
    if value == inf:
        return "the whole input"
    if value == round(value):
        return str(round(value))
    short = f"{float(value):.6g}"
    return short if "." in short else repr(float(value))


def _truth(report: FieldReport, name: str) -> bool | None:
    summary = report.result.summary
    return {
        "aligned": summary.aligned,
        "hole_free": report.hole_free,
        "whole_input": summary.whole_input,
    }[name]


def _values(report: FieldReport, name: str) -> tuple[Value, ...]:
    """Take a quantity exactly, with one value for each axis or one for all."""
    if name in _SOURCES:
        return _SOURCES[name](report)
    values: tuple[Value, ...] = getattr(report.result.summary, name)
    return values
