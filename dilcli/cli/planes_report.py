"""What ``atrous decompose`` says: which files hold planes, and that they give the input back."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pathlib import Path

    from dilcli.features.starlet_decompose import Decomposition

__all__ = ["NOTHING_MADE", "planes_record", "proof", "shown_names"]

#: The keys of `planes_record` where nothing was taken apart.
NOTHING_MADE = dict.fromkeys(
    (
        *("frames", "planes", "alpha", "sidecar", "montage", "levels", "shape", "dtype"),
        *("samples", "gain", "offset", "stack", "max_abs_diff", "notes"),
    )
)


def shown_names(made: Decomposition) -> str:
    """Name the planes' files, the first and the last of them."""
    planes = _planes(made)
    return planes[0] if len(planes) == 1 else f"{planes[0]} ... {planes[-1]}"


def proof(made: Decomposition) -> str:
    """Say how far the planes, as they are stored, are from giving the input back."""
    verb = "sum to" if made.sidecar.generation == 1 else "rebuild"
    largest = "not finite" if made.difference is None else f"{made.difference:.6g}"
    return f"planes {verb} the input: max |diff| {largest}"


def _planes(made: Decomposition) -> list[str]:
    return [str(path) for part in made.parts for path in part.targets.planes]


def planes_record(made: Decomposition) -> dict[str, Any]:
    """Give all that is known of a decomposition as plain values with stable keys, for JSON."""
    sidecar = made.sidecar
    return {
        "frames": list(made.frames),
        "planes": _planes(made),
        "alpha": _one_or_several([part.targets.alpha for part in made.parts]),
        "sidecar": _one_or_several([part.targets.sidecar for part in made.parts]),
        "montage": None if made.montage is None else str(made.montage),
        "levels": _levels(made),
        "shape": list(sidecar.shape),
        "dtype": sidecar.dtype,
        "samples": sidecar.samples,
        "gain": sidecar.gain,
        "offset": sidecar.offset,
        "stack": sidecar.stack,
        "max_abs_diff": made.difference,
        "notes": list(made.notes),
    }


def _one_or_several(paths: list[Path | None]) -> str | list[str] | None:
    """Give a path, or those of all frames where each has its own."""
    found = [str(path) for path in paths if path is not None]
    if len(paths) > 1 and found:
        return found
    return found[0] if found else None


def _levels(made: Decomposition) -> list[dict[str, Any]]:
    """Say what each plane holds, the residual last."""
    from dilcli.features.starlet_sidecar import plane_names

    names = plane_names(made.sidecar.levels)
    return [
        {"plane": name, "level": level if level < len(names) else None, **measure.record()}
        for level, (name, measure) in enumerate(zip(names, made.measures, strict=True), 1)
    ]
