"""The planes of one picture among the files that are named: which is which."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from dilcli.errors import ArgumentError
from dilcli.features.starlet_sidecar import Sidecar, plane_names, sidecar_path

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["PlaneFiles", "find_planes"]

#: The last word of a name, or the first one.
_AT_THE_END = re.compile(r"(?:^|[^A-Za-z0-9])(w[1-9]\d{0,3}|c[1-9]\d{0,3}|alpha)$")
_AT_THE_START = re.compile(r"^(w[1-9]\d{0,3}|c[1-9]\d{0,3}|alpha)(?:[^A-Za-z0-9]|$)")


class PlaneFiles(NamedTuple):
    """Where the planes of a picture are.

    Attributes
    ----------
    planes : tuple of Path
        w1 to the residual, or the stack alone.
    alpha : Path or None
    sidecar : Sidecar or None
    """

    planes: tuple[Path, ...]
    alpha: Path | None
    sidecar: Sidecar | None


def find_planes(names: Sequence[str]) -> PlaneFiles:
    """Tell which plane each file is, by the record beside the residual or by their names.

    Parameters
    ----------
    names : sequence of str
        Files, in any order; a record among them is left aside.

    Returns
    -------
    PlaneFiles

    Raises
    ------
    ArgumentError
        If a plane is missing, given twice or unknown, or the planes are of several pictures.
    ImageFileError
        If the record cannot be read.
    """
    paths = [Path(name) for name in names if not name.endswith(".json")]
    records = list(dict.fromkeys(sidecar_path(path) for path in paths if _has_record(path)))
    if len(records) > 1:
        raise ArgumentError(
            f"{records[0]} and {records[1]} are records of two pictures; give planes of one"
        )
    if not paths:
        raise ArgumentError("no plane is named; give w1, w2, ... and the residual")
    sidecar = Sidecar.read(records[0]) if records else None
    if sidecar is not None and sidecar.stack:
        return _stack(paths, sidecar)
    if sidecar is None and len(paths) == 1:
        return PlaneFiles(tuple(paths), None, None)
    return _apart(paths, sidecar)


def _has_record(path: Path) -> bool:
    try:
        return bool(path.name) and sidecar_path(path).is_file()
    except OSError:  # a name too long, or a folder closed to us: reading will say so
        return False


def _stack(paths: Sequence[Path], sidecar: Sidecar) -> PlaneFiles:
    alpha = None if sidecar.alpha is None else paths[0].with_name(sidecar.alpha)
    stacks = [path for path in paths if path.name != sidecar.alpha]
    if len(stacks) != 1:
        raise ArgumentError(
            f"{len(paths)} files are given, and {sidecar.files[0]} holds all planes; give it alone"
        )
    beside = None if alpha is None else stacks[0].with_name(alpha.name)
    given = [path for path in paths if path not in stacks]
    return PlaneFiles((stacks[0],), given[0] if given else beside, sidecar)


def _apart(paths: Sequence[Path], sidecar: Sidecar | None) -> PlaneFiles:
    found: dict[str, Path] = {}
    for path in paths:
        plane = _plane_of(path, sidecar)
        if plane in found:
            raise ArgumentError(f"{found[plane]} and {path} are both plane {plane}; give one")
        found[plane] = path
    residuals = [plane for plane in found if plane.startswith("c")]
    if len(residuals) > 1:
        raise ArgumentError(f"{' and '.join(residuals)} are residuals of two transforms; give one")
    levels = _levels(sidecar, residuals)
    wanted = plane_names(levels)
    missing = [plane for plane in wanted if plane not in found]
    extra = [plane for plane in found if plane not in (*wanted, "alpha")]
    if missing or extra:
        what = f"{missing[0]} is missing" if missing else f"{extra[0]} is one too many"
        raise ArgumentError(f"{what}: {levels} levels are {' '.join(_short(wanted))}")
    alpha = found.get("alpha")
    if alpha is None and sidecar is not None and sidecar.alpha is not None:
        alpha = found[wanted[-1]].with_name(sidecar.alpha)
    return PlaneFiles(tuple(found[plane] for plane in wanted), alpha, sidecar)


def _levels(sidecar: Sidecar | None, residuals: Sequence[str]) -> int:
    if sidecar is not None:
        return sidecar.levels
    if not residuals:
        raise ArgumentError("the residual is missing: a plane whose name ends in _c1, _c2, ...")
    return int(residuals[0][1:])


def _short(names: Sequence[str]) -> Sequence[str]:
    return names if len(names) <= 6 else (*names[:2], "...", *names[-2:])


def _plane_of(path: Path, sidecar: Sidecar | None) -> str:
    if sidecar is not None:
        known = dict(zip(sidecar.files, plane_names(sidecar.levels), strict=True))
        if path.name in known:
            return known[path.name]
        if path.name == sidecar.alpha:
            return "alpha"
    match = _AT_THE_END.search(path.stem) or _AT_THE_START.search(path.stem)
    if match is None:
        raise ArgumentError(f"{path}: which plane is it? Want a name that ends in _w1, ... or _c1")
    return match[1]
