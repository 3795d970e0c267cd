"""What is said of a comparison in its figure and above its table."""

from __future__ import annotations

from math import isnan
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Sequence

    from dilcli.core.comparison import WayResult
    from dilcli.features.compare import Run

__all__ = [
    "decimal",
    "figure_words",
    "identity_text",
    "psnr_text",
    "settings_text",
    "share",
    "sides",
    "title",
]

Pair = tuple[int, int]

_CHANNELS = {"luma": "luma", "all": "all channels"}


def sides(pair: Pair) -> str:
    """Write rows x columns.

    Examples
    --------
    >>> sides((9, 17))
    '9x17'
    """
    return f"{pair[0]}x{pair[1]}"


def decimal(value: float | None) -> str:
    """Write a number with four digits that count; ``-`` where there is none.

    Examples
    --------
    >>> decimal(0.000123456), decimal(1265.0), decimal(78.84), decimal(None), decimal(0.0)
    ('0.0001235', '1265', '78.84', '-', '0')
    """
    return "-" if value is None or isnan(value) else f"{value:.4g}"


def psnr_text(psnr: float | None, *, identical: bool) -> str:
    """Write a peak signal-to-noise ratio in dB: ``inf`` for identical responses.

    Examples
    --------
    >>> psnr_text(44.934, identical=False), psnr_text(None, identical=True)
    ('44.93', 'inf')
    """
    if psnr is None:
        return "inf" if identical else "-"
    return f"{psnr:.2f}"


def share(part: float | None) -> str:
    """Write a share as percent; 100% and 0% are said only of all and of nothing.

    Examples
    --------
    >>> share(0.25), share(0.99999), share(None)
    ('25%', '99.99%', '-')
    """
    from dilcli.draw.captions import percent

    return "-" if part is None else percent(float(f"{part:.6g}"), 1.0)


def title(run: Run) -> str:
    """Name the picture, the kernel and the rate, in one line."""
    setup = run.setup
    rate = setup.rate[0] if setup.rate[0] == setup.rate[1] else sides(setup.rate)
    return f"{run.input}: {setup.kernel.name} {sides(setup.kernel.shape)} at dilation {rate}"


def settings_text(run: Run) -> str:
    """Name what else decides the numbers; what is usual is not said."""
    setup = run.setup
    words = [f"{sides(run.size)} pixels", _CHANNELS[run.channels], f"boundary {setup.boundary}"]
    if setup.prefilter is not None:
        words.append(f"prefilter {run.prefilter}")
    if setup.align != "samples":
        words.append(f"align {setup.align}")
    if setup.border != "pad-first":
        words.append(setup.border)
    if setup.phases != "one":
        words.append(f"phases {setup.phases}")
    return ", ".join(words)


def identity_text(run: Run) -> str:
    """Say how far apart the two ways are where samples were kept."""
    identity, setup = run.comparison.identity, run.setup
    place = "sampled position" + "s" * (identity.positions != 1)
    found = "exact" if identity.exact else f"max |diff| {decimal(identity.max_abs_diff)}"
    against = "" if setup.prefilter is None else ", against the prefiltered picture"
    return f"{identity.positions} {place}, {found}{against}"


def figure_words(run: Run, panels: Sequence[str]) -> dict[str, Any]:
    """Write the title, the facts and the captions of the figure.

    Parameters
    ----------
    run : Run
    panels : sequence of str
        That are drawn.

    Returns
    -------
    dict
        Of the arguments `title`, `facts` and `captions` of
        `dilcli.features.comparison_figure.draw_comparison`.
    """
    from dilcli.features.comparison_figure import compared_way

    ways = {way.name: way for way in run.comparison.ways}
    captions = {name: _caption(way) for name, way in ways.items()}
    captions["input"] = [f"{sides(run.size)} pixels"]
    if "difference" in panels:
        errors = ways[compared_way(panels, ways)].errors
        places = (("sampled positions", errors.sampled), ("between", errors.between))
        captions["difference"] = [
            f"at most {decimal(value)} at {place}".replace("at between", "between them")
            for place, value in places
            if value is not None
        ]
    return {
        "title": title(run._replace(input=Path(run.input).name)),
        "facts": [settings_text(run), f"identity: {identity_text(run)}"],
        "captions": captions,
    }


def _caption(way: WayResult) -> list[str]:
    apart = way.differences
    positions = f"responses at {share(way.coverage)} of the positions"
    if way.name == "dilated":
        return [positions, f"{way.parameters} weights span {sides(way.effective_size)} pixels"]
    if apart.identical:
        return [positions, "identical to dilated"]
    psnr = psnr_text(apart.psnr, identical=False)
    ssim = "-" if apart.ssim is None else f"{apart.ssim:.4f}"
    return [
        positions,
        f"max |diff| {decimal(apart.max_abs_diff)}, RMSE {decimal(apart.rmse)}",
        f"PSNR {psnr}{' dB' * (psnr != '-')}, SSIM {ssim}",
    ]
