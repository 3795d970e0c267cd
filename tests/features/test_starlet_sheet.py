"""The file of a sheet."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest

from dilcli import files
from dilcli.core.kernels import parse_kernel
from dilcli.errors import ImageFileError
from dilcli.features.machine import Means
from dilcli.features.starlet_montage import draw_montage, shown_planes
from dilcli.features.starlet_part import Part
from dilcli.features.starlet_sheet import write_sheet
from dilcli.features.starlet_targets import Naming, Targets
from dilcli.features.starlet_transform import Transform
from dilcli.features.streaming import in_memory

if TYPE_CHECKING:
    from pathlib import Path


def test_a_sheet_is_written_with_the_facts_and_never_over_another(tmp_path: Path) -> None:
    pixels = np.zeros((6, 7, 3), np.uint8)
    shown = shown_planes(pixels.shape, 1)
    for each in shown:
        each.add(0, pixels.astype(float))
    path = tmp_path / "deep" / "sheet.png"
    transform = Transform(1, parse_kernel("linear"), "wrap")
    part = Part(
        "in/a.png",
        transform,
        Naming(folder=tmp_path, montage=path),
        Targets((), None, tmp_path, "tiff", "float32", 1),
        in_memory(files.Picture((pixels,), alpha=False, format="png")),
        (0,),
        Means(1, 1 << 30),
    )
    write_sheet(part, shown)
    facts = ["linear, generation 1, wrap, luma"]
    wanted = draw_montage(shown, "uint8", title="a.png", facts=facts)
    np.testing.assert_array_equal(files.read(path).frames[0], wanted)
    with pytest.raises(ImageFileError, match="output exists"):
        write_sheet(part, shown)
