"""Hold a report against an earlier one of the same script, and name the ratios that fell.

A ratio says how many times better dilcli is than a peer, or than a limit of the machine, so that it
carries over from one run to another better than seconds do. The exit code is 1 if one fell by more
than ``--fall`` percent, 2 if the reports do not belong together.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from harness import console, mean_ratio, read_report, show

if TYPE_CHECKING:
    from collections.abc import Iterator

    from harness import Report

__all__ = ["Change", "changes", "ratios"]

Key = tuple[str, str, str]


class Change(NamedTuple):
    """One ratio, before and now."""

    case: str
    quantity: str
    peer: str
    old: float
    new: float

    @property
    def gain(self) -> float:
        """Of the old ratio, what the new one is."""
        return self.new / self.old


def ratios(report: Report) -> Iterator[tuple[Key, float]]:
    """Give every ratio of a report but those of sides that were stopped: they are only bounds."""
    for measure in report.measures:
        for peer, ratio in measure.ratios.items():
            if peer not in measure.bounds:
                yield (measure.case, measure.quantity, peer), ratio


def changes(old: Report, new: Report) -> list[Change]:
    """Pair the ratios that both reports have, the one that fell most first.

    Raises
    ------
    ValueError
        If the reports are of two scripts, or have no ratio in common.
    """
    if old.script != new.script:
        raise ValueError(f"{old.script} and {new.script} are two benchmarks; want one")
    before = dict(ratios(old))
    found = [Change(*key, before[key], now) for key, now in ratios(new) if key in before]
    if not found:
        raise ValueError("the reports have no ratio in common; want the same options")
    return sorted(found, key=lambda change: change.gain)


def main() -> None:
    """Print what fell, and how all ratios changed together."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("old", type=Path)
    parser.add_argument("new", type=Path)
    parser.add_argument("--fall", type=float, default=15.0, metavar="PERCENT")
    parser.add_argument("--markdown", action="store_true", help="tables as Markdown")
    options = parser.parse_args()
    try:
        old, new = read_report(options.old), read_report(options.new)
        found = changes(old, new)
    except ValueError as error:
        print(error, file=sys.stderr)
        raise SystemExit(2) from None
    for report in (old, new):
        console.print(f"{report.when}  {report.machine}\n  {report.versions}")
    fallen = [change for change in found if change.gain < 1 - options.fall / 100]
    rows = [
        [f"{c.case}: {c.quantity}", c.peer, f"{c.old:.2f}", f"{c.new:.2f}", f"{c.gain - 1:+.0%}"]
        for c in fallen
    ]
    if rows:
        show(
            f"ratios that fell by more than {options.fall:g} %",
            ["", "beside", "old", "new", ""],
            rows,
        )
    lost = len(dict(ratios(old)).keys() - dict(ratios(new)).keys())
    console.print(
        f"{len(found)} ratios in both ({lost} in the old report only), {len(fallen)} fell by more "
        f"than {options.fall:g} %; all together {mean_ratio(c.gain for c in found) - 1:+.1%}"
    )
    raise SystemExit(bool(fallen))


if __name__ == "__main__":
    main()
