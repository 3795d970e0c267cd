"""Draw the report of ``commands.py`` as bars: how long each tool takes beside dilcli.

One block for each kind of picture, at one kernel and dilation; the length of a bar is its time over
dilcli's, its label the seconds.
"""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from harness import read_report
from PIL import Image, ImageDraw, ImageFont

if TYPE_CHECKING:
    from harness import Measure, Report

__all__ = ["draw", "seconds_of"]

WIDTH, ROW, LEFT, MARGIN = 900, 22, 210, 16
#: Bars end there: so many times dilcli's time.
MOST = 4.0
PAPER, INK, FAINT = "#ffffff", "#222222", "#c8c8c8"
OURS, FASTER, SLOWER, STOPPED = "#1f6fb2", "#d9822b", "#8a949e", "#b9c0c6"


def seconds_of(report: Report, kernel: str) -> list[Measure]:
    """Find the cases of one kernel and dilation, a picture each."""
    found = [
        measure
        for measure in report.measures
        if measure.quantity.startswith("seconds") and measure.case.endswith(kernel)
    ]
    if not found:
        raise SystemExit(f"no case of the report ends in {kernel!r}")
    return found


def draw(measures: list[Measure], kernel: str, foot: str) -> Image.Image:
    """Draw a block of bars for every case."""
    font, small = (ImageFont.load_default(size) for size in (14, 12))
    rows = sum(len(measure.values) + 2 for measure in measures)
    picture = Image.new("RGB", (WIDTH, MARGIN * 2 + ROW * (rows + 1)), PAPER)
    pen = ImageDraw.Draw(picture)
    unit = (WIDTH - LEFT - MARGIN - 70) / MOST
    y = MARGIN
    for measure in measures:
        title = f"{measure.case.removesuffix(kernel).rstrip(', ')}: {kernel}"
        pen.text((MARGIN, y), title, INK, font)
        y += ROW
        line = LEFT + round(unit)
        pen.line((line, y, line, y + ROW * len(measure.values) - 1), FAINT)
        for side, value in sorted(measure.values.items(), key=lambda item: item[1]):
            times = value / measure.values["dilcli"]
            colour = OURS if side == "dilcli" else FASTER if times < 1 else SLOWER
            colour = STOPPED if side in measure.bounds else colour
            end = LEFT + round(unit * min(times, MOST))
            pen.text((LEFT - 8, y + ROW // 2 - 1), side, INK, font, anchor="rm")
            pen.rectangle((LEFT, y + 3, end, y + ROW - 4), colour)
            label = f"{'> ' * (side in measure.bounds)}{value:.2f} s"
            label += f" ({times:.1f} times)" if times > MOST else ""
            inside = times > MOST
            pen.text(
                (end - 6 if inside else end + 6, y + ROW // 2 - 1),
                label,
                PAPER if inside and side not in measure.bounds else INK,
                small,
                anchor="rm" if inside else "lm",
            )
            y += ROW
        y += ROW
    pen.text((MARGIN, y), foot, INK, small)
    return picture


def main() -> None:
    """Read a report and write the chart."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("report", type=Path, help="what commands.py --json wrote")
    parser.add_argument("-o", "--output", type=Path, required=True, metavar="FILE.png")
    parser.add_argument("--kernel", default="3x3 full rank, dilation 4")
    options = parser.parse_args()
    try:
        report = read_report(options.report)
    except ValueError as error:
        raise SystemExit(str(error)) from None
    foot = "Seconds of whole commands, medians; shorter is better. Blue dilcli, orange faster."
    picture = draw(seconds_of(report, options.kernel), options.kernel, foot)
    picture.quantize(64).save(options.output, optimize=True)


if __name__ == "__main__":
    main()
