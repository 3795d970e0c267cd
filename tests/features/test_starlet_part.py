"""Frames whose planes go to the same files."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from dilcli import files, starlet
from dilcli.core.kernels import parse_kernel
from dilcli.errors import ImageFileError
from dilcli.features.machine import Means
from dilcli.features.starlet_measures import Measure
from dilcli.features.starlet_montage import shown_planes
from dilcli.features.starlet_part import Part
from dilcli.features.starlet_sidecar import Sidecar
from dilcli.features.starlet_targets import Naming, plan_targets
from dilcli.features.starlet_transform import Transform
from dilcli.features.streaming import in_memory

if TYPE_CHECKING:
    from pathlib import Path

TRANSFORM = Transform(2, parse_kernel("b3"))


def part(
    folder: Path,
    frames: list[Any],
    places: tuple[int, ...],
    *,
    memory: int = 1 << 30,
    metadata: files.Metadata | None = None,
    **naming: Any,
) -> Part:
    alpha = frames[0].ndim == 3
    header = files.Header("tiff", frames[0].shape, frames[0].dtype.name, alpha, len(frames), ())
    named = Naming(folder=folder, **naming)
    targets = plan_targets("a.gif", header, 2, named, len(places))
    metadata = metadata or files.Metadata()
    picture = in_memory(files.Picture(tuple(frames), alpha, "gif", metadata))
    return Part("a.gif", TRANSFORM, named, targets, picture, places, Means(2, memory))


def test_the_frames_of_a_part_are_measured_shown_and_written(tmp_path: Path) -> None:
    frames = list(np.random.default_rng(0).integers(0, 256, (3, 9, 8), np.uint8))
    measures, shown = [Measure() for _ in range(3)], shown_planes((9, 8), 2)
    made = part(tmp_path, frames, (0, 2))
    difference, storage = made.write_planes(measures, shown)
    wanted = np.array([starlet(frames[0], 2), starlet(frames[2], 2)])
    assert (difference, storage.samples) == (0, "float32")
    for number, measure in enumerate(measures):
        assert measure.high == wanted[:, number].max()
        assert measure.samples == 144
        np.testing.assert_array_equal(shown[number].means, wanted[0, number].astype(np.float32))
        pages = files.read(made.targets.planes[number]).frames
        np.testing.assert_array_equal(pages, wanted[:, number])
    assert not made.targets.sidecar.exists(), "the record comes last"


def test_the_record_knows_the_times_of_several_frames_only(tmp_path: Path) -> None:
    frames = [np.zeros((4, 5), np.uint8), np.zeros((2, 7), np.uint8)]
    metadata = files.Metadata(durations=(40.0, 60.0), loop=0)
    both = part(tmp_path, frames, (0, 1), metadata=metadata)
    _, storage = both.write_planes([Measure() for _ in range(3)], None)
    record = both.write_sidecar(storage)
    assert Sidecar.read(both.targets.sidecar) == record
    assert (record.frames, record.shapes) == (2, ((4, 5), (2, 7)))
    assert (record.durations, record.loop) == ((40, 60), 0)
    one = part(tmp_path / "one", frames, (1,), metadata=metadata)
    one.write_planes([Measure() for _ in range(3)], None)
    record = one.write_sidecar(storage)
    assert (record.frames, record.shape, record.durations, record.loop) == (1, (2, 7), (), None)


def test_a_measured_gain_is_that_of_all_frames(tmp_path: Path) -> None:
    frames = [np.full((4, 5), 2.0), np.full((4, 5), -8.0)]
    made = part(tmp_path, frames, (0, 1), planes="uint16")
    _, storage = made.write_planes([Measure() for _ in range(3)], None)
    assert storage.gain == 32767 / 8
    residual = files.read(made.targets.planes[-1]).frames
    assert [page[0, 0] for page in residual] == [32768 + 8192, 1]


def test_what_is_encoded_whole_is_refused_where_there_is_no_room(tmp_path: Path) -> None:
    frames = [np.zeros((4000, 2000), np.uint8)]
    made = part(tmp_path, frames, (0,), template="{plane}.png", memory=100 << 20)
    with pytest.raises(ImageFileError, match=r"w1\.png: PNG is encoded whole.*name a \.tif"):
        made.check()
    part(tmp_path, frames, (0,), template="{plane}.npy", memory=100 << 20).check()
