from __future__ import annotations

import io
import struct
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from dilcli.errors import ImageFileError
from dilcli.files.gif_blocks import GRAYS, blocks, centiseconds, parse
from dilcli.files.records import Source
from tests.files import makers


def _gif(count: int = 3, **options: Any) -> bytes:
    frames = [Image.fromarray(makers.noise((6, 7), seed=seed)) for seed in range(count)]
    buffer = io.BytesIO()
    frames[0].save(
        buffer, "GIF", save_all=count > 1, append_images=frames[1:], optimize=False, **options
    )
    return buffer.getvalue()


def _source(data: bytes) -> Source:
    return Source("x.gif", data=data)


def test_frames_durations_and_comments_are_read_without_decoding() -> None:
    parts = parse(_source(_gif(duration=[100, 70, 2000], loop=0, comment=b"hello" * 100)))
    assert [frame.duration for frame in parts.frames] == [100, 70, 2000]
    assert parts.comments == ["hello" * 100]
    assert (parts.width, parts.height) == (7, 6)
    assert parts.metadata().durations == (100, 70, 2000)


@pytest.mark.parametrize(("repeats", "plays"), [(None, 1), (0, 0), (1, 2), (4, 5)])
def test_a_gif_counts_repetitions_and_we_count_plays(repeats: int | None, plays: int) -> None:
    options = {} if repeats is None else {"loop": repeats}
    assert parse(_source(_gif(duration=100, **options))).metadata().loop == plays


def test_a_still_has_neither_durations_nor_loop() -> None:
    metadata = parse(_source(_gif(1))).metadata()
    assert (metadata.durations, metadata.loop) == ((), None)


def test_the_ramp_of_grays_means_gray_and_any_other_palette_colour() -> None:
    assert parse(_source(_gif(1))).channels() == 1
    data = _gif(1)
    at = data.index(GRAYS)
    assert parse(_source(data[: at + 3] + b"\1\1\2" + data[at + 6 :])).channels() == 3


def test_a_first_frame_that_leaves_canvas_empty_means_alpha() -> None:
    data = bytearray(_gif(1))
    assert not parse(_source(bytes(data))).has_alpha()
    data[6:8] = struct.pack("<H", 9)
    assert parse(_source(bytes(data))).has_alpha()


def test_other_application_data_is_named_in_a_note() -> None:
    data = _gif(1)
    start = 13 + 768
    extra = b"\x21\xff\x0bXMP DataXMP" + blocks(b"<x/>")
    parts = parse(_source(data[:start] + extra + data[start:]))
    assert parts.notes == ["GIF application data not kept (XMP DataXMP)"]


def test_what_follows_the_last_whole_frame_of_a_cut_file_is_left_out_and_said() -> None:
    data = _gif(3, duration=100)
    parts = parse(_source(data[:-20]))
    assert len(parts.frames) == 2
    assert "cut off" in parts.notes[0]


@pytest.mark.parametrize("data", [b"GIF89a", _gif(1)[:60], _gif(1)[:13] + b"\x3b"])
def test_a_file_without_a_whole_frame_is_damage(data: bytes) -> None:
    with pytest.raises(ImageFileError, match=r"x\.gif: the GIF"):
        parse(_source(data))


@given(st.binary(max_size=2000))
def test_blocks_are_at_most_255_bytes_and_end_with_an_empty_one(data: bytes) -> None:
    packed, at, out = blocks(data), 0, b""
    while packed[at]:
        out += packed[at + 1 : at + 1 + packed[at]]
        at += 1 + packed[at]
    assert out == data
    assert at == len(packed) - 1


@given(st.lists(st.floats(0, 5000), max_size=40))
def test_rounded_durations_never_drift_from_the_true_sum(durations: list[float]) -> None:
    rounded = centiseconds(durations)
    for count in range(len(durations) + 1):
        assert abs(sum(rounded[:count]) - sum(durations[:count]) / 10) <= 0.5 + 1e-6
    assert all(value >= 0 for value in rounded)
