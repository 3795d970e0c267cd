"""The files of a comparison: its figure and its differences, named before any work."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from dilcli import files
from dilcli.errors import ArgumentError, ImageFileError

if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any

    import numpy as np
    from numpy.typing import NDArray

    from dilcli.core.kernels import Kernel
    from dilcli.features.compare import Run, Subject
    from dilcli.features.detail import Detail

__all__ = ["Drawing", "Kept", "Outputs", "figure_panels", "output_files", "plan_outputs"]

Pair = tuple[int, int]


class Outputs(NamedTuple):
    """Where the figure and the differences of one rate go."""

    figure: Path | None = None
    diff: Path | None = None


class Drawing(NamedTuple):
    """What the figure shows: its panels, and the detail or None for one that is chosen."""

    panels: tuple[str, ...]
    zoom: Detail | None = None


class Kept(NamedTuple):
    """What is kept of the responses of one rate.

    Attributes
    ----------
    names : frozenset of str
        Ways whose responses are drawn.
    keeps_differences : bool
    responses : dict of str to ndarray of float, shape (H, W, C)
    differences : list of ndarray of float32, shape (H, W) or (H, W, C)
        Each way minus dilated.
    dilated : list of ndarray
        The dilated response, while it is needed.
    """

    names: frozenset[str]
    keeps_differences: bool
    responses: dict[str, NDArray[np.floating]]
    differences: list[NDArray[np.float32]]
    dilated: list[NDArray[np.floating]]

    @classmethod
    def needed(cls, outputs: Outputs, drawing: Drawing, ways: Sequence[str]) -> Kept:
        """Choose what the outputs need."""
        names: set[str] = set()
        if outputs.figure is not None:
            from dilcli.features.comparison_figure import compared_way

            names = {"dilated", *drawing.panels} & set(ways)
            if "difference" in drawing.panels:
                names.add(compared_way(drawing.panels, ways))
        return cls(frozenset(names), outputs.diff is not None, {}, [], [])

    def keep(self, name: str, response: NDArray[np.floating]) -> None:
        """Take a way's response; the dilated one comes first."""
        import numpy as np

        if name in self.names:
            self.responses[name] = response
        if not self.keeps_differences:
            return
        if name == "dilated":
            self.dilated.append(response)
        apart = np.subtract(response, self.dilated[0], dtype=response.dtype)
        apart = apart[..., 0] if apart.shape[2] == 1 else apart
        self.differences.append(apart.astype(np.float32, copy=False))

    def release(self) -> None:
        """Let the arrays go, when their files are written."""
        self.responses.clear()
        self.differences.clear()
        self.dilated.clear()


def plan_outputs(
    source: str,
    kernel: Kernel,
    rates: Sequence[Pair],
    *,
    figure: str | None = None,
    diff: str | None = None,
    animation: Path | None = None,
    overwrite: bool = False,
) -> list[Outputs]:
    """Name the files of each rate, and refuse what could not be written.

    Parameters
    ----------
    source : str
        The input's path, or ``-``.
    kernel : Kernel
    rates : sequence of (int, int)
    figure, diff : str, optional
        Names or templates, as for ``apply``; those of several rates hold ``{dilation}``. The
        figure may be ``-``, standard output.
    animation : Path, optional
    overwrite : bool
        Whether files that exist are replaced.

    Returns
    -------
    list of Outputs
        One for each rate.

    Raises
    ------
    ArgumentError
        If a name is wrong, two outputs collide, or one is the input.
    ImageFileError
        If a file exists, its folder does not, or its format cannot hold what it is to hold.
    """
    figures = _named(source, kernel, rates, figure, "-o")
    diffs = _named(source, kernel, rates, diff, "--diff")
    paths = [path for path in (*figures, *diffs, animation) if path is not None]
    files.check_outputs([(source, path) for path in paths], [source], overwrite=True)
    for path in paths:
        _check_not_input(path, source)
    for drawn in filter(None, figures):
        files.check(_format(drawn), shape=(1, 1, 3), dtype="uint8", alpha=False)
    for apart in filter(None, diffs):
        if files.format_for(apart.name) != "tiff":
            raise ImageFileError(f"{apart}: --diff has a page for each way; name a .tif")
    for path in paths:
        _check_free(path, overwrite)
    return [Outputs(*pair) for pair in zip(figures, diffs, strict=True)]


def _named(
    source: str, kernel: Kernel, rates: Sequence[Pair], template: str | None, option: str
) -> list[Path | None]:
    if template is None:
        return [None] * len(rates)
    if template == files.STDIN and option != "-o":
        raise ArgumentError(f"{option} needs a file's name; standard output is for -o")
    paths: list[Path | None] = []
    for rate in rates:
        fields = files.source_fields(source, 0)
        fields["kernel"] = kernel.name
        fields["dilation"] = files.dilation_text([rate])
        paths.append(files.output_path(source, fields, template))
    if len(set(paths)) < len(rates):
        raise ArgumentError(
            f"{len(rates)} rates would all write {option} {template}; put {{dilation}} into it"
        )
    return paths


def _format(path: Path) -> str:
    return "png" if str(path) == files.STDIN else files.format_for(path.name)


def _check_not_input(path: Path, source: str) -> None:
    """Refuse what no one wants, whether files may be replaced or not."""
    if files.STDIN in (str(path), source):
        return
    if path.exists() and Path(source).exists() and path.samefile(source):
        raise ArgumentError(f"{path} is the input; the comparison needs a file of its own")


def _check_free(path: Path, overwrite: bool) -> None:
    """Refuse early what the writer would refuse late."""
    if str(path) == files.STDIN or (path.exists() and not path.is_file()):
        return
    if path.is_file() and not overwrite:
        raise ImageFileError(f"output exists: {path} (use --overwrite)")
    if not path.parent.is_dir():
        raise ImageFileError(f"{path}: the folder {path.parent} does not exist")


def figure_panels(ways: Sequence[str]) -> tuple[str, ...]:
    """Choose the panels of the figure if nothing is said: of the usual ones those that were run."""
    upsampled = [way for way in ("bilinear", "bicubic", "nearest") if way in ways][:1]
    implanted = [way for way in ("implant",) if way in ways]
    return ("input", "dilated", *implanted, *upsampled, "difference")


def output_files(
    outputs: Outputs, subject: Subject, run: Run, kept: Kept, drawing: Drawing
) -> list[tuple[Path, bytes]]:
    """Make the files of one rate; nothing is written.

    Parameters
    ----------
    outputs : Outputs
    subject : Subject
    run : Run
    kept : Kept
        After the run.
    drawing : Drawing

    Returns
    -------
    list of (Path, bytes)
    """
    made = []
    if outputs.figure is not None:
        from dilcli.features.comparison_words import figure_words

        pixels = _figure(subject, run, kept, drawing, figure_words(run, drawing.panels))
        made.append((outputs.figure, _encoded((pixels,), _format(outputs.figure))))
    if outputs.diff is not None:
        # Deflating floats takes longer than the whole comparison and saves little.
        data = _encoded(tuple(kept.differences), "tiff", compression="none")
        made.append((outputs.diff, data))
    return made


def _figure(
    subject: Subject, run: Run, kept: Kept, drawing: Drawing, words: dict[str, Any]
) -> NDArray[np.uint8]:
    from dilcli.features.comparison_figure import draw_comparison

    return draw_comparison(
        subject.picture,
        kept.responses,
        panels=drawing.panels,
        zoom=drawing.zoom,
        rate=run.setup.rate,
        **words,
    )


def _encoded(
    frames: tuple[NDArray[Any], ...], format_: str, compression: str | None = None
) -> bytes:
    picture = files.Picture(frames, alpha=False, format=format_)
    return files.encode(picture, format_, compression=compression)
