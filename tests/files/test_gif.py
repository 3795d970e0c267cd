from __future__ import annotations

import io
from typing import Any

import numpy as np
import pytest
from PIL import Image

from dilcli.files import gif
from dilcli.files.records import Decoded, Metadata, Options, Picture, Source
from tests.files import makers

OPTIONS = Options("gif")


def _encode(*frames: Any, alpha: bool = False, **metadata: Any) -> bytes:
    return gif.encode(Picture(frames, alpha, "x", Metadata(**metadata)), OPTIONS)


def _decode(data: bytes) -> Decoded:
    source = Source("x.gif", data=data)
    header = gif.inspect(source)
    decoded = gif.decode(source, tuple(range(header.frames)))
    assert all(frame.shape == header.shape for frame in decoded.frames)
    assert decoded.alpha == header.alpha
    return decoded


def _transparent(count: int, seed: int = 0) -> Any:
    """RGBA of at most ``count`` colours, some pixels off, with nothing under them."""
    image = np.concatenate(
        [makers.few_colours((9, 11, 3), count, seed), np.full((9, 11, 1), 255, np.uint8)], axis=2
    )
    image[makers.noise((9, 11), seed=seed + 1) < 90] = 0
    return image


def _pillow_frames(data: bytes) -> list[Any]:
    image: Any = Image.open(io.BytesIO(data))
    out = []
    for index in range(image.n_frames):
        image.seek(index)
        frame = np.array(image.convert("RGBA"))
        frame[frame[..., 3] == 0] = 0
        out.append((frame, image.info.get("duration")))
    return out


@pytest.mark.parametrize("count", [1, 2, 3, 17, 255, 256])
def test_a_frame_of_256_colours_is_exact(count: int) -> None:
    image = makers.few_colours((40, 50, 3), count)
    data = _encode(image)
    np.testing.assert_array_equal(_decode(data).frames[0], image)
    np.testing.assert_array_equal(_pillow_frames(data)[0][0][..., :3], image)


@pytest.mark.parametrize("count", [1, 2, 254, 255])
def test_a_transparent_frame_of_256_colours_is_exact(count: int) -> None:
    image = _transparent(count)
    data = _encode(image, alpha=True)
    np.testing.assert_array_equal(_decode(data).frames[0], image)
    np.testing.assert_array_equal(_pillow_frames(data)[0][0], image)


def test_gray_is_exact_and_stays_gray() -> None:
    image = makers.noise((40, 50))
    decoded = _decode(_encode(image))
    np.testing.assert_array_equal(decoded.frames[0], image)


def test_colour_that_happens_to_be_all_256_grays_stays_colour() -> None:
    ramp = np.arange(256, dtype=np.uint8).reshape(16, 16)
    image = np.stack([ramp] * 3, axis=-1)
    np.testing.assert_array_equal(_decode(_encode(image)).frames[0], image)


def test_alpha_that_hides_nothing_stays_alpha() -> None:
    image = np.concatenate(
        [makers.few_colours((6, 7, 3), 9), np.full((6, 7, 1), 255, np.uint8)], axis=2
    )
    np.testing.assert_array_equal(_decode(_encode(image, alpha=True)).frames[0], image)


def test_equal_frames_and_their_durations_are_all_kept() -> None:
    """Pillow's writer merges equal neighbours: three frames would become two."""
    a, b = makers.few_colours((9, 11, 3), 200), makers.few_colours((9, 11, 3), 256, 1)
    data = _encode(a, a, b, b, durations=(100.0, 70.0, 40.0, 40.0), loop=0)
    decoded = _decode(data)
    for found, expected in zip(decoded.frames, (a, a, b, b), strict=True):
        np.testing.assert_array_equal(found, expected)
    assert decoded.metadata.durations == (100.0, 70.0, 40.0, 40.0)
    assert [duration for _, duration in _pillow_frames(data)] == [100, 70, 40, 40]


def test_a_transparent_animation_shows_no_frame_through_the_next() -> None:
    frames = [_transparent(100, seed) for seed in range(4)]
    data = _encode(*frames, frames[0], alpha=True, durations=(50.0,) * 5, loop=3)
    decoded = _decode(data)
    for found, expected in zip(decoded.frames, [*frames, frames[0]], strict=True):
        np.testing.assert_array_equal(found, expected)
    for (found, _), expected in zip(_pillow_frames(data), [*frames, frames[0]], strict=True):
        np.testing.assert_array_equal(found, expected)


@pytest.mark.parametrize("plays", [0, 1, 2, 7])
def test_the_number_of_plays_comes_back(plays: int) -> None:
    frame = makers.few_colours((3, 3, 3), 4)
    assert _decode(_encode(frame, frame, loop=plays)).metadata.loop == plays


def test_frames_without_timing_get_a_tenth_of_a_second_and_play_for_ever() -> None:
    frame = makers.few_colours((3, 3, 3), 4)
    metadata = _decode(_encode(frame, frame)).metadata
    assert metadata.durations == (100.0, 100.0)
    assert metadata.loop == 0


def test_more_colours_are_reduced_and_stay_near() -> None:
    y, x = np.mgrid[:60, :80]
    image = np.stack([x * 3, y * 4, 255 - x * 2], axis=-1).astype(np.uint8)
    found = _decode(_encode(image)).frames[0].astype(int)
    assert np.abs(found - image).mean() < 8
    assert len(np.unique(found.reshape(-1, 3), axis=0)) > 200


def test_reduced_colours_keep_what_is_transparent() -> None:
    image = np.concatenate([makers.noise((30, 30, 3)), np.zeros((30, 30, 1), np.uint8)], axis=2)
    image[5:, :, 3] = 200
    found = _decode(_encode(image, alpha=True)).frames[0]
    np.testing.assert_array_equal(found[..., 3], np.where(image[..., 3] > 127, 255, 0))


def test_comments_come_back() -> None:
    text = (("Comment", "grüß dich"), ("Author", "x" * 300))
    decoded = _decode(_encode(makers.noise((3, 3)), text=text))
    assert decoded.metadata.text == (("Comment", "grüß dich"), ("Comment", "Author: " + "x" * 300))


def _pillow_animation(**options: Any) -> bytes:
    """Make an animation by Pillow: later frames cover only what changed."""
    first = makers.few_colours((12, 14, 3), 30)
    frames = [first]
    for seed in range(1, 4):
        frame = frames[-1].copy()
        frame[seed : seed + 3, 2 * seed : 2 * seed + 4] = makers.few_colours((3, 4, 3), 5, seed)
        frames.append(frame)
    images = [Image.fromarray(frame).quantize(200) for frame in frames]
    buffer = io.BytesIO()
    images[0].save(buffer, "GIF", save_all=True, append_images=images[1:], **options)
    return buffer.getvalue()


@pytest.mark.parametrize("disposal", [0, 1, 2, 3])
def test_frames_that_cover_a_part_are_composed_as_pillow_does(disposal: int) -> None:
    data = _pillow_animation(duration=50, disposal=[0, disposal, disposal, disposal])
    decoded = _decode(data)
    for found, (expected, _) in zip(decoded.frames, _pillow_frames(data), strict=True):
        rgba = np.concatenate([found, np.full((12, 14, 1), 255, np.uint8)], axis=2)
        np.testing.assert_array_equal(found if decoded.alpha else rgba, expected)


def test_a_first_frame_that_is_taken_back_leaves_an_empty_canvas() -> None:
    """Browsers show it so; Pillow keeps the frame."""
    data = bytearray(_pillow_animation(duration=50, disposal=[3, 0, 0, 0]))
    decoded = _decode(bytes(data))
    assert decoded.alpha
    assert (decoded.frames[0][..., 3] == 255).all()
    assert not decoded.frames[1][-1].any()


def test_an_interlaced_gif_is_read() -> None:
    image = Image.fromarray(makers.noise((37, 23)))
    buffer = io.BytesIO()
    image.save(buffer, "GIF", interlace=1, optimize=False)
    np.testing.assert_array_equal(_decode(buffer.getvalue()).frames[0], np.asarray(image))


def test_a_still_has_no_axis_of_frames() -> None:
    assert gif.inspect(Source("x", data=_encode(makers.noise((5, 6))))).shape == (5, 6)


def test_frames_can_be_chosen_in_any_order() -> None:
    frames = [makers.few_colours((5, 6, 3), 9, seed) for seed in range(4)]
    decoded = gif.decode(Source("x.gif", data=_encode(*frames)), (3, 0))
    np.testing.assert_array_equal(decoded.frames[0], frames[3])
    np.testing.assert_array_equal(decoded.frames[1], frames[0])
