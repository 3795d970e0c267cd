"""The picture that planes give, whole or strip by strip."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from dilcli import files
from dilcli.errors import ImageFileError
from dilcli.features.machine import Means
from dilcli.features.starlet_joined import Joined, write_joined
from dilcli.features.starlet_joining import Joining
from dilcli.features.starlet_planes import PlaneFiles
from dilcli.features.starlet_storage import Storage
from dilcli.features.starlet_stored import StoredFrame
from dilcli.features.streaming import in_memory

if TYPE_CHECKING:
    from pathlib import Path

#: A picture of 2.4 MB is encoded whole with the first, and not with the second.
ENOUGH, SCARCE = Means(1, 1 << 30), Means(1, 84 << 20)


def joined(folder: Path, means: Means, alpha: Any = None) -> Joined:
    """Give two frames whose planes are 1 and 2."""
    shape = (1200, 1000)
    planes = tuple(np.full(shape, value, np.float32) for value in (1, 2))
    rows = in_memory(files.Picture(planes, alpha=False, format="npy")).frames
    opacity = None
    if alpha is not None:
        picture = files.Picture((np.full(shape, 7, alpha),), alpha=False, format="npy")
        (opacity,) = in_memory(picture).frames
    found = PlaneFiles((folder / "w1.tif", folder / "c1.tif"), folder / "alpha.tif", None)
    how = Joining(Storage("float32"), (1.0, 1.0), "uint8", "same", None)
    return Joined((StoredFrame(rows, opacity, shape),) * 2, found, how, means)


@pytest.mark.parametrize("means", [ENOUGH, SCARCE])
def test_all_frames_are_written_with_their_alpha(means: Means, tmp_path: Path) -> None:
    path = tmp_path / "a.tif"
    made = write_joined(
        joined(tmp_path, means, np.uint8), path, "tiff", files.Metadata(), overwrite=False
    )
    assert made[:4] == ((1200, 1000, 2), "uint8", 0, 2 * 1200 * 1000)
    picture = files.read(path)
    assert picture.alpha
    assert len(picture.frames) == 2
    for frame in picture.frames:
        assert np.unique(frame.reshape(-1, 2), axis=0).tolist() == [[3, 7]]


def test_a_format_that_is_encoded_whole_is_refused_where_there_is_no_room(tmp_path: Path) -> None:
    for means, fits in ((ENOUGH, True), (SCARCE, False)):
        made, path = joined(tmp_path, means), tmp_path / "a.png"
        if fits:
            write_joined(made, path, "png", files.Metadata(), overwrite=False)
            continue
        with pytest.raises(ImageFileError, match=r"PNG is encoded whole.*raise it by \d+ MB"):
            write_joined(made, path, "png", files.Metadata(), overwrite=True)
    assert files.read(path).frames[0].max() == 3


def test_alpha_of_other_samples_is_refused(tmp_path: Path) -> None:
    made = joined(tmp_path, ENOUGH, np.uint16)
    with pytest.raises(ImageFileError, match=r"alpha\.tif: is no alpha"):
        write_joined(made, tmp_path / "a.tif", "tiff", files.Metadata(), overwrite=False)
    assert not (tmp_path / "a.tif").exists()
