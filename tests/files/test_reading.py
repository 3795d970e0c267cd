from __future__ import annotations

import io
import os
import random
import subprocess
import sys
import threading
import tracemalloc
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from dilcli import files
from dilcli.errors import ImageFileError
from dilcli.files.encoding import encode
from dilcli.files.formats import FORMATS, missing_package
from dilcli.files.reading import MAX_PIXELS, inspect, read
from dilcli.files.records import Metadata, Picture
from tests.files import makers

WRITTEN = [
    n for n, kind in FORMATS.items() if kind.written and not kind.folder and not missing_package(n)
]


def _sample(format_: str, seed: int = 0, shape: tuple[int, ...] = (12, 15, 3)) -> bytes:
    dtype = "float32" if format_ == "pfm" else "uint8"
    return encode(Picture((makers.noise(shape, dtype, seed),), False, "x"), format_)


def _animation(format_: str, count: int = 4) -> bytes:
    frames = tuple(makers.few_colours((6, 7, 3), 50, seed) for seed in range(count))
    durations = tuple(10.0 * (n + 1) for n in range(count))
    return encode(Picture(frames, False, "x", Metadata(durations=durations, loop=2)), format_)


@pytest.mark.parametrize("format_", WRITTEN)
def test_a_file_is_read_like_its_bytes_whatever_its_name(format_: str, tmp_path: Path) -> None:
    data = _sample(format_)
    path = tmp_path / "holiday.wrong"
    path.write_bytes(data)
    assert inspect(path) == inspect(data) == inspect(str(path))
    assert inspect(path).format == format_
    by_path, by_bytes = read(path), read(data)
    np.testing.assert_array_equal(by_path.frames[0], by_bytes.frames[0])
    assert by_path.metadata == by_bytes.metadata


@pytest.mark.parametrize("format_", ["png", "jpeg", "webp", "gif", "pnm", "pfm", "tiff", "npy"])
def test_a_header_is_inspected_without_reading_the_file(format_: str, tmp_path: Path) -> None:
    data = _sample(format_, shape=(700, 600, 3))
    (tmp_path / "x").write_bytes(data)
    expected = inspect(data)
    assert inspect(tmp_path / "x") == expected
    tracemalloc.start()
    assert inspect(tmp_path / "x") == expected
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < len(data) / 4


@pytest.mark.parametrize("kind", [bytes, bytearray, memoryview])
def test_any_bytes_will_do(kind: Any) -> None:
    """A bytearray is refused by imageio."""
    data: Any = kind(_sample("png"))
    assert read(data).frames[0].shape == (12, 15, 3)


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("shape", [(5, 7), (5, 7, 3), (5, 7, 4)])
def test_the_exif_orientation_is_applied_and_unsaid(
    orientation: int, shape: tuple[int, ...]
) -> None:
    from dilcli.files.orient import upright_array

    image = makers.noise(shape)
    metadata = Metadata(
        exif=makers.exif(">", orientation),
        xmp=b'<d tiff:Orientation="%d"/>' % orientation,
        resolution=(300.0, 150.0),
    )
    data = encode(Picture((image,), shape[-1] == 4, "x", metadata), "png")
    picture = read(data)
    np.testing.assert_array_equal(picture.frames[0], upright_array(image, orientation))
    assert inspect(data).shape == picture.frames[0].shape
    assert picture.metadata.exif == makers.exif(">", 1)
    assert picture.metadata.xmp == b'<d tiff:Orientation="1"/>'
    expected = (150, 300) if orientation >= 5 else (300, 150)
    assert picture.metadata.resolution == pytest.approx(expected, abs=0.02)
    noted = (f"EXIF orientation {orientation} applied",)
    assert picture.notes == (noted if orientation != 1 else ())
    again = read(encode(picture, "png"))
    np.testing.assert_array_equal(again.frames[0], picture.frames[0])


def test_a_palette_picture_is_turned_too() -> None:
    """Turned as colours after lookup; imageio turns the wrong axes."""
    indices = makers.noise((3, 5)) & 3
    colours = makers.noise((4, 3), seed=1)
    extra = [
        makers.chunk(b"PLTE", colours.tobytes()),
        makers.chunk(b"eXIf", makers.exif("<", 5)),
    ]
    picture = read(makers.png(indices, 3, extra=extra))
    np.testing.assert_array_equal(picture.frames[0], colours[indices].swapaxes(0, 1))


def test_the_thumbnail_is_not_kept_and_that_is_said() -> None:
    block = makers.segment(0xE1, b"Exif\0\0" + makers.exif("<", thumbnail=True))
    picture = read(makers.jpeg(makers.noise((8, 8)), block))
    assert picture.notes == ("EXIF thumbnail not kept",)


@pytest.mark.parametrize("format_", ["png", "gif", "webp"])
def test_frames_are_chosen_by_index_or_by_a_function_of_their_number(format_: str) -> None:
    data = _animation(format_)
    every = read(data)
    chosen = read(data, frames=[2, 0])
    np.testing.assert_array_equal(chosen.frames[0], every.frames[2])
    np.testing.assert_array_equal(chosen.frames[1], every.frames[0])
    assert chosen.metadata.durations == (30.0, 10.0)
    assert chosen.metadata.loop == 2
    last = read(data, frames=lambda count: (count - 1,))
    np.testing.assert_array_equal(last.frames[0], every.frames[3])
    assert (last.metadata.durations, last.metadata.loop) == ((), None)


@pytest.mark.parametrize(
    ("frames", "said"),
    [
        ([4], "has no frame 4, only frames 0 to 3"),
        ([-1], "has no frame -1"),
        ([], "no frame is chosen"),
    ],
)
def test_a_frame_that_is_not_there_is_named(frames: list[int], said: str) -> None:
    with pytest.raises(ImageFileError, match=f"x.gif: {said}"):
        read(_animation("gif"), frames=frames, name="x.gif")
    with pytest.raises(ImageFileError, match="only one frame, 0"):
        read(_sample("png"), frames=[1])


@pytest.mark.parametrize("format_", WRITTEN)
def test_the_pixel_limit_is_held_before_anything_is_decoded(
    format_: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    data = _sample(format_)
    assert read(data, max_pixels=180).frames[0].shape == (12, 15, 3)
    import importlib

    module = importlib.import_module(f"dilcli.files.{FORMATS[format_].module}")
    monkeypatch.setattr(module, "decode", lambda *_: pytest.fail("decoded"))
    with pytest.raises(
        ImageFileError, match=r"180 pixels are more than the limit of 179; .*--max-pixels"
    ):
        read(data, max_pixels=179)


def test_the_limit_counts_the_chosen_frames_together() -> None:
    data = _animation("gif")
    with pytest.raises(ImageFileError, match="168 pixels in 4 frames are more than"):
        read(data, max_pixels=100)
    assert len(read(data, max_pixels=100, frames=[0, 1]).frames) == 2


def test_a_bomb_is_refused_by_its_header_alone() -> None:
    assert MAX_PIXELS == 500_000_000
    huge = bytearray(makers.png(makers.noise((2, 2)), 0))
    huge[16:24] = (60_000).to_bytes(4) * 2
    import zlib

    huge[29:33] = zlib.crc32(huge[12:29]).to_bytes(4)
    with pytest.raises(ImageFileError, match="3600000000 pixels"):
        read(bytes(huge))
    tags: dict[int, tuple[int, tuple[int, ...]]] = {
        256: (4, (200_000,)),
        257: (4, (200_000,)),
        258: (3, (8,)),
        259: (3, (1,)),
        262: (3, (1,)),
        277: (3, (1,)),
        278: (4, (200_000,)),
    }
    with pytest.raises(ImageFileError, match="40000000000 pixels"):
        read(makers.tiff(tags, [b"x"]))


@pytest.mark.parametrize(
    "name", ["http://localhost/x.png", "imageio:chelsea.png", "<screen>", "<video0>", "x.png", "\0"]
)
def test_a_name_is_only_ever_a_file_name(name: str, tmp_path: Path, monkeypatch: Any) -> None:
    monkeypatch.chdir(tmp_path)
    for act in (inspect, read):
        with pytest.raises(ImageFileError) as caught:
            act(name)
        assert "\n" not in str(caught.value)


def test_a_folder_a_missing_and_a_forbidden_file_are_one_line_each(tmp_path: Path) -> None:
    with pytest.raises(ImageFileError, match="is a folder, not a picture file"):
        read(tmp_path)
    (tmp_path / "inner").mkdir()
    (tmp_path / "inner" / "zarr.json").touch()
    with pytest.raises(ImageFileError, match="is a folder, not a picture file"):
        inspect(tmp_path)
    with pytest.raises(ImageFileError, match=r"inner: (cannot read Zarr|Zarr needs)"):
        inspect(tmp_path / "inner")
    with pytest.raises(ImageFileError, match=r"nowhere\.png: No such file or directory$"):
        read(tmp_path / "nowhere.png")
    (tmp_path / "x.png").write_bytes(_sample("png"))
    (tmp_path / "x.png").chmod(0)
    if os.geteuid() != 0:
        with pytest.raises(ImageFileError, match="Permission denied"):
            read(tmp_path / "x.png")


def test_a_pipe_is_read_to_its_end(tmp_path: Path) -> None:
    for format_ in ("png", "tiff", "npy"):
        path = tmp_path / f"pipe-{format_}"
        os.mkfifo(path)
        data = _sample(format_)
        writer = threading.Thread(target=path.write_bytes, args=(data,))
        writer.start()
        np.testing.assert_array_equal(read(path).frames[0], read(data).frames[0])
        writer.join()


def _lzw() -> bytes:
    buffer = io.BytesIO()
    Image.fromarray(makers.noise((9, 8))).save(buffer, "TIFF", compression="tiff_lzw")
    return buffer.getvalue()


def _seeds() -> dict[str, bytes]:
    seeds = {name: _sample(name) for name in WRITTEN}
    animated = [name for name in ("png", "gif", "webp", "avif") if name in WRITTEN]
    seeds |= {f"{name}-animation": _animation(name) for name in animated}
    metadata = Metadata(icc=makers.icc(), exif=makers.exif("<", 6), xmp=b"<x/>")
    for name in sorted({"png", "jpeg", "tiff", "webp", "avif"} & {*WRITTEN}):
        picture = Picture((makers.noise((9, 8, 3)),), False, "x", metadata)
        seeds[f"{name}-metadata"] = encode(picture, name)
    wide = Picture((makers.noise((9, 8, 3), "uint16"),), False, "x")
    return seeds | {
        "png-16": encode(wide, "png"),
        "lzw": _lzw(),
        "jpeg-gray": _sample("jpeg", shape=(9, 8)),
    }


def _damaged(data: bytes, rng: random.Random) -> bytes:
    broken = bytearray(data)
    kind = rng.randrange(3)
    if kind == 0:
        return bytes(broken[: rng.randrange(len(broken))])
    for _ in range(rng.randint(1, 6)):
        end = len(broken) if kind == 1 else min(len(broken), 90)
        broken[rng.randrange(end)] = rng.choice((0, 1, 127, 255, rng.randrange(256)))
    return bytes(broken)


@pytest.mark.parametrize(("name", "data"), _seeds().items())
def test_damage_gives_a_picture_or_one_line_and_nothing_on_standard_error(
    name: str, data: bytes, capfd: pytest.CaptureFixture[str]
) -> None:
    rng = random.Random(name)
    for _ in range(60):
        try:
            picture = read(_damaged(data, rng), max_pixels=10**6, name=name)
        except ImageFileError as error:
            message = str(error)
            assert message.startswith(f"{name}: ")
            assert "\n" not in message
        else:
            assert all(frame.dtype.isnative for frame in picture.frames)
    assert capfd.readouterr().err == ""


def test_the_package_loads_nothing_before_it_is_needed() -> None:
    code = (
        "import sys, dilcli.files as f\n"
        "f.format_for('x.png'); f.FORMATS; f.Metadata\n"
        "print(sorted({m.partition('.')[0] for m in sys.modules} & "
        "{'numpy', 'PIL', 'tifffile', 'imageio', 'scipy'}))\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_no_public_function_has_the_name_of_a_module_that_would_hide_it() -> None:
    """Importing a module puts it under its name into the package."""
    folder = Path(files.__file__).parent
    assert not {path.stem for path in folder.glob("*.py")} & {*files.__all__}


def test_threads_may_read_and_write_at_the_same_time() -> None:
    samples = {name: _sample(name) for name in ("png", "jpeg", "tiff", "webp", "gif")} | {
        "lzw": _lzw()
    }
    expected = {name: read(data).frames[0] for name, data in samples.items()}

    def work(name: str) -> None:
        picture = read(samples[name])
        np.testing.assert_array_equal(picture.frames[0], expected[name])
        encode(picture, picture.format)

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(work, [*samples] * 10))


def test_every_public_name_is_there() -> None:
    for name in files.__all__:
        assert getattr(files, name) is not None
    assert dir(files) == sorted(files.__all__)
    with pytest.raises(AttributeError, match="nothing_like_it"):
        files.nothing_like_it  # noqa: B018 -- to look it up is the test
