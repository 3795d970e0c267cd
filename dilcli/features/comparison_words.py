"""What is said of a comparison in its figure and above its table."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Collection

    from dilcli.core.comparison import WayResult
    from dilcli.features.compare import Run

__all__ = ["decimal", "figure_words", "identity_text", "share", "sides", "title"]

Pair = tuple[int, int]


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
    return "-" if value is None else f"{value:.4g}"


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
    words = [f"{sides(run.size)} pixels", f"channels {run.channels}", f"boundary {setup.boundary}"]
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


def figure_words(run: Run, drawn: Collection[str]) -> dict[str, Any]:
    """Write the title, the facts and the captions of the figure.

    Parameters
    ----------
    run : Run
    drawn : collection of str
        Ways that are drawn; the difference is that of the one that the figure compares.

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
    if set(drawn) - {"dilated"}:
        # Every way that is drawn but one is a panel, so that the panels need not be known here.
        other = ways[compared_way((), drawn)] if len(drawn) > 1 else None
        if other is not None:
            captions["difference"] = _difference(other)
    return {
        "title": title(run),
        "facts": [settings_text(run), f"identity: {identity_text(run)}"],
        "captions": captions,
    }
