"""Picture files for tests that need many of them, of mixed kinds."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from PIL import Image

from dilcli.core.kernels import parse_kernel
from dilcli.core.recipe import Recipe
from dilcli.features.outputs import Source, Writing, plan_tasks
from dilcli.features.survey import survey

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from dilcli.features.survey import Group

__all__ = ["damage", "groups_of", "save_mixed", "trees"]

KINDS = ("png", "jpg", "tif", "webp", "gif", "bmp", "npy", "png16", "tif16", "alpha")


def save_mixed(folder: Path, count: int, side: int = 40) -> list[Path]:
    """Write pictures of mixed kinds, no two alike."""
    folder.mkdir(parents=True, exist_ok=True)
    rng = np.random.default_rng(count)
    paths = []
    for number in range(count):
        kind = KINDS[number % len(KINDS)]
        gray = rng.integers(0, 65536, (side, side + 3), np.uint16)
        colours = rng.integers(0, 256, (side, side + 3, 4), np.uint8)
        ending = {"png16": "png", "tif16": "tif", "alpha": "png"}.get(kind, kind)
        path = folder / f"{number:03}.{ending}"
        if kind == "npy":
            np.save(path, gray)
        elif kind.endswith("16"):
            Image.fromarray(gray).save(path)
        else:
            Image.fromarray(colours if kind == "alpha" else colours[..., :3]).save(path)
        paths.append(path)
    return paths


def damage(path: Path) -> None:
    """Cut a file off in its first half."""
    data = path.read_bytes()
    path.write_bytes(data[: min(len(data) // 3, 60)])


def groups_of(paths: Sequence[Path], writing: Writing, rate: int = 2) -> list[Group]:
    """Plan one output for each picture, and survey them."""
    recipe = Recipe(parse_kernel("gaussian:sigma=1"), ((rate, rate),))
    tasks = plan_tasks([Source(str(path)) for path in paths], [recipe], writing)
    return survey(tasks, writing, None)


def trees(folder: Path) -> dict[str, bytes]:
    """Give all files of a folder by name, hidden ones too."""
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file()
    }
