"""All planes of a picture on one sheet: details on one signed scale, the residual as a picture."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any

    import numpy as np
    from numpy.typing import DTypeLike, NDArray

    from dilcli.draw.resizing import Span

__all__ = ["draw_montage", "drawn_channel"]

_TITLE, _WORDS, _GAP = 15, 12, 12


def drawn_channel(plane: NDArray[Any]) -> NDArray[np.float32]:
    """Take of a plane what is drawn.

    Parameters
    ----------
    plane : ndarray of shape (N,), (H, W) or (H, W, C)

    Returns
    -------
    ndarray of float32, shape (H, W)
        The first channel, or the luma of the first three; what is not finite becomes 0.
    """
    import numpy as np

    from dilcli.core.arguments import as_pixels
    from dilcli.core.colour import LUMA

    pixels = as_pixels(plane)
    with np.errstate(over="ignore"):
        if pixels.shape[2] >= 3:
            drawn: NDArray[np.float32] = (pixels[..., :3] @ np.array(LUMA)).astype(np.float32)
        else:
            drawn = pixels[..., 0].astype(np.float32)
    np.nan_to_num(drawn, copy=False, posinf=0.0, neginf=0.0)
    return drawn


def draw_montage(
    planes: Sequence[NDArray[np.float32]], source: DTypeLike, *, title: str, facts: Sequence[str]
) -> NDArray[np.uint8]:
    """Draw planes side by side.

    Parameters
    ----------
    planes : sequence of ndarray of float, shape (H, W)
        w_1 to w_J, then the residual.
    source : dtype
        Of the picture, in whose range the residual is shown.
    title : str
    facts : sequence of str

    Returns
    -------
    ndarray of uint8, shape (height, width, 3)
    """
    from dilcli.draw.arranging import arranged
    from dilcli.draw.figures import figure
    from dilcli.draw.scale_bars import scale_bar
    from dilcli.features.figure_scale import largest_shown, round_end

    *details, residual = planes
    shape = (residual.shape[0], residual.shape[1])
    plan = arranged(shape, len(planes))
    limit = round_end(max(largest_shown(detail, None) for detail in details))
    names = [*(f"w{level}" for level in range(1, len(planes))), f"c{len(details)}, the residual"]
    tiles = [
        _tile(name, plane, _coloured(plane, plan.whole, limit), plan.width)
        for name, plane in zip(names, details, strict=False)
    ]
    tiles.append(_tile(names[-1], residual, _picture(residual, plan.whole, source), plan.width))
    columns = max(plan.columns, 1)
    body = _lines([tiles[at : at + columns] for at in range(0, len(tiles), columns)])
    bar = scale_bar([("details", limit)], 440)
    return figure(_below([body, bar]), title=title, facts=facts, entries=())


def _coloured(
    plane: NDArray[np.floating], spans: tuple[Span, Span], limit: float
) -> NDArray[np.uint8]:
    from dilcli.draw.colours import signed_colours
    from dilcli.draw.resizing import resized

    return signed_colours(resized(plane, spans) / limit)


def _picture(
    residual: NDArray[np.floating], spans: tuple[Span, Span], source: DTypeLike
) -> NDArray[np.uint8]:
    import numpy as np

    from dilcli import files
    from dilcli.draw.resizing import resized
    from dilcli.features.preview import preview
    from dilcli.features.starlet_samples import fitted

    samples, _ = fitted(residual.astype(np.float64), source)
    shown = preview(files.Picture((samples,), alpha=False, format="npy"))
    return np.rint(resized(shown, spans)).astype(np.uint8)


def _tile(
    name: str, plane: NDArray[np.floating], image: NDArray[np.uint8], width: int
) -> NDArray[np.uint8]:
    from dilcli.draw.captions import caption
    from dilcli.draw.colours import SOFT

    words = (
        f"{plane.min():.4g} to {plane.max():.4g}, standard deviation {plane.std(dtype=float):.4g}"
    )
    width = max(width, image.shape[1])
    return _below(
        [
            caption([name], width, size=_TITLE),
            image,
            caption([words], width, size=_WORDS, colour=SOFT),
        ]
    )


def _lines(lines: Sequence[Sequence[NDArray[np.uint8]]]) -> NDArray[np.uint8]:
    from dilcli.draw.figures import beside

    return _below([beside(line) for line in lines])


def _below(parts: Sequence[NDArray[np.uint8]]) -> NDArray[np.uint8]:
    """Stand pictures below one another, on paper."""
    import numpy as np

    from dilcli.draw.colours import PAPER

    width = max(part.shape[1] for part in parts)
    padded = [
        np.pad(part, ((0, _GAP // 2), (0, width - part.shape[1]), (0, 0)), constant_values=PAPER[0])
        for part in parts
    ]
    return np.concatenate(padded)
