"""A picture taken apart, for a caller in Python."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from dilcli import files, starlet
from dilcli.core.kernels import parse_kernel
from dilcli.errors import ArgumentError, ImageFileError, KernelError
from dilcli.features.starlet_decompose import Transform, decompose
from dilcli.features.starlet_sidecar import Sidecar
from dilcli.features.starlet_targets import Naming

if TYPE_CHECKING:
    from pathlib import Path

B3 = parse_kernel("b3")


@pytest.mark.parametrize("generation", [1, 2])
@pytest.mark.parametrize("stack", [False, True])
def test_files_hold_the_planes_of_the_core(generation: int, stack: bool, tmp_path: Path) -> None:
    pixels = np.random.default_rng(0).integers(0, 65536, (7, 9, 3), np.uint16)
    np.save(tmp_path / "a.npy", pixels)
    transform = Transform(3, B3, "wrap", generation=generation)
    naming = Naming(folder=tmp_path, stack=stack)
    path = tmp_path / "a.npy"
    made = decompose(path, str(path), transform, naming)
    frames = [frame for plane in made.targets.planes for frame in files.read(plane).frames]
    wanted = starlet(pixels, 3, boundary="wrap", generation=generation)
    np.testing.assert_array_equal(frames, wanted.astype(np.float32))
    assert made.difference == 0
    assert Sidecar.read(made.targets.sidecar) == made.sidecar


def test_a_kernel_or_fill_without_meaning_is_refused_before_the_input_is_read() -> None:
    with pytest.raises(KernelError):
        decompose(b"", "-", Transform(1, parse_kernel("sobel-x")), Naming())
    with pytest.raises(ArgumentError, match="finite"):
        decompose(b"", "-", Transform(1, B3, "constant", float("inf")), Naming())


def test_the_difference_is_that_of_the_planes_as_they_are_stored(tmp_path: Path) -> None:
    pixels = np.array([[0, 1 << 40], [3, (1 << 40) + 1]])
    np.save(tmp_path / "a.npy", pixels)
    path = tmp_path / "a.npy"
    rounded = decompose(path, str(path), Transform(2, B3), Naming(folder=tmp_path))
    assert rounded.difference is not None
    assert rounded.difference > 1
    exact = decompose(path, str(path), Transform(2, B3), Naming(folder=tmp_path, planes="npy"))
    assert exact.difference == 0


def test_frames_and_a_subfolder_are_the_callers_choice(tmp_path: Path) -> None:
    pages = tuple(np.random.default_rng(0).integers(0, 256, (3, 8, 9), np.uint8))
    data = files.encode(files.Picture(pages, alpha=False, format="tiff"), "tiff")
    naming = Naming("{frame}_{plane}.npy", tmp_path)
    made = decompose(
        data, "x.tif", Transform(1, B3), naming, subfolder="deep", frames=lambda count: [count - 1]
    )
    assert made.frames == (2,)
    assert made.targets.planes == (tmp_path / "deep" / "2_w1.npy", tmp_path / "deep" / "2_c1.npy")
    np.testing.assert_array_equal(np.load(made.targets.planes[0]), starlet(pages[2], 1)[0])
    assert [measure.samples for measure in made.measures] == [72, 72]


def test_a_picture_that_is_damaged_further_down_leaves_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import tifffile

    from dilcli.features import starlet_source, starlet_strips

    path, out = tmp_path / "x.tif", tmp_path / "out"
    pixels = np.random.default_rng(0).integers(0, 256, (600, 700), np.uint8)
    tifffile.imwrite(path, pixels, compression="zlib", rowsperstrip=16)
    with tifffile.TiffFile(path) as tiff:
        offset = tiff.pages[0].dataoffsets[-2]
    with path.open("r+b") as file:
        file.seek(offset)
        file.write(b"no deflate")
    # Read by rows and in low strips, as a picture larger than memory is.
    monkeypatch.setattr(starlet_source, "_SMALL", 1 << 60)
    monkeypatch.setattr(starlet_strips, "_AIM", 1)
    seen: list[set[str]] = []
    read = starlet_source.read_runs

    def watched(*words: Any) -> Any:
        seen.append({each.suffix for each in out.iterdir()})
        return read(*words)

    monkeypatch.setattr(starlet_source, "read_runs", watched)
    with pytest.raises(ImageFileError, match=r"x\.tif: cannot decode TIFF"):
        decompose(path, "x.tif", Transform(1, B3), Naming(folder=out))
    assert len(seen) > 10
    assert seen[-1] == {".tmp"}, "files were begun"
    assert list(out.iterdir()) == []
