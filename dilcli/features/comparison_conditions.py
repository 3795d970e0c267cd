"""Conditions on a comparison, such as ``psnr<40``: for scripts that are to stop."""

from __future__ import annotations

import operator
import re
from difflib import get_close_matches
from math import inf
from typing import TYPE_CHECKING, Any, NamedTuple

from dilcli.errors import ArgumentError

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Mapping

__all__ = [
    "OF_THE_PICTURE",
    "OF_WAYS",
    "Condition",
    "check_conditions",
    "holding",
    "parse_condition",
]

#: What each way has, under its name in the record; the last three are within ``errors``.
OF_WAYS = (
    *("psnr", "ssim", "rmse", "mae", "max_abs_diff", "correlation", "coverage", "checkerboard"),
    *("prefilter_error", "interpolation_error", "data_range", "parameters", "macs_per_pixel"),
    *("seconds", "sampled", "between", "border"),
)
#: What a comparison has once.
OF_THE_PICTURE = ("aliased_energy", "mean_spread", "variance_spread")

_SHARES = ("coverage", "aliased_energy")
_PLACES = ("sampled", "between", "border")
_WAYS = ("dilated", "implant", "nearest", "bilinear", "bicubic", "dense", "naive")

_COMPARE: dict[str, Callable[[float, float], bool]] = {
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
    "=": operator.eq,
    "==": operator.eq,
    "!=": operator.ne,
}
_NUMBER = r"[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?|inf"
_CONDITION = re.compile(
    rf"(?:([\w-]+)\s*\.\s*)?([\w-]+)\s*(<=|>=|!=|==|=|<|>)\s*({_NUMBER})\s*(%?)"
)


class Condition(NamedTuple):
    """A number of a comparison held against a bound.

    Attributes
    ----------
    text : str
        As it was written.
    way : str or None
        None is any way but dilated.
    name : str
        One of `OF_WAYS` or `OF_THE_PICTURE`.
    compare : str
    bound : float
    """

    text: str
    way: str | None
    name: str
    compare: str
    bound: float


def parse_condition(text: str) -> Condition:
    """Read ``NAME OP NUMBER`` or ``WAY.NAME OP NUMBER``.

    Raises
    ------
    ArgumentError
        If the text is no condition.

    Examples
    --------
    >>> parse_condition("bilinear.psnr < 40")[1:]
    ('bilinear', 'psnr', '<', 40.0)
    """
    found = _CONDITION.fullmatch(text.strip())
    if not found:
        raise ArgumentError(
            f"{text!r} is no condition; write NAME OP NUMBER or WAY.NAME OP NUMBER, such as "
            "psnr<40 or bilinear.psnr<40, with one of < <= > >= = !="
        )
    way = None if found[1] is None else _known(text, found[1].lower(), _WAYS, "way")
    names = OF_WAYS if way else (*OF_WAYS, *OF_THE_PICTURE)
    name = _known(text, found[2].lower().replace("-", "_"), names, "name")
    bound = float(found[4])
    if found[5]:
        if name not in _SHARES:
            raise ArgumentError(f"{text!r}: {name} is no percentage; leave % away")
        bound /= 100
    return Condition(text.strip(), way, name, found[3], bound)


def _known(text: str, word: str, words: Collection[str], what: str) -> str:
    if word not in words:
        near = get_close_matches(word, words, n=1)
        hint = f"did you mean {near[0]!r}?" if near else f"known: {', '.join(words)}"
        raise ArgumentError(f"{text!r}: unknown {what} {word!r}; {hint}")
    return word


def check_conditions(conditions: Iterable[Condition], ways: Collection[str]) -> None:
    """Refuse conditions on ways that are not run.

    Raises
    ------
    ArgumentError
    """
    for condition in conditions:
        if condition.way is not None and condition.way not in ways:
            raise ArgumentError(
                f"{condition.text!r}: {condition.way} is not among the ways that are run "
                f"({', '.join(ways)})"
            )


def holding(record: Mapping[str, Any], conditions: Iterable[Condition]) -> list[str]:
    """Tell which conditions hold for a comparison, and by what.

    Parameters
    ----------
    record : mapping
        As `dilcli.features.comparison_record.as_record` gives it.
    conditions : iterable of Condition
        Without a way one holds if it does for any way but dilated. A psnr of None counts as
        infinite; of any other None no condition holds.

    Returns
    -------
    list of str
        One line for each that holds.
    """
    lines = []
    for condition in conditions:
        met = [
            f"{who}{condition.name} is {'inf' if value == inf else f'{value:.6g}'}"
            for who, value in _values(record, condition)
            if value is not None and _COMPARE[condition.compare](value, condition.bound)
        ]
        if met:
            lines.append(f"{condition.text}: {', '.join(met)}")
    return lines


def _values(record: Mapping[str, Any], condition: Condition) -> list[tuple[str, float | None]]:
    """Find the numbers that a condition is about, and whose they are."""
    name = condition.name
    if name in OF_THE_PICTURE:
        return [("", record.get(name, record["gridding"].get(name)))]
    chosen = [
        way
        for way in record["ways"]
        if way["name"] == condition.way or (condition.way is None and way["name"] != "dilated")
    ]
    return [(f"{way['name']}.", _of_way(way, name)) for way in chosen]


def _of_way(way: Mapping[str, Any], name: str) -> float | None:
    value: float | None = way["errors"][name] if name in _PLACES else way[name]
    return inf if value is None and name == "psnr" else value
