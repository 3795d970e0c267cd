"""A sliding kernel, read back from its pixels."""

from __future__ import annotations

from collections import Counter
from itertools import combinations
from math import prod
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import ndimage

from dilcli.draw import animation
from dilcli.draw.animation import CURRENT, INPUT, OUTPUT, sliding_frames
from dilcli.draw.captions import caption
from dilcli.draw.colours import BOX, HOLE, PAPER, TAP, Colour

Frame = np.ndarray[tuple[int, ...], np.dtype[np.uint8]]
Pair = tuple[int, int]

#: Rows of dots that the legend and the margin below it take.
LEGEND = 44


def boxes(picture: Frame, colour: Colour) -> list[tuple[int, int, int, int]]:
    """Find the patches of one colour above the legend: top, left, bottom, right."""
    labels, _ = ndimage.label((picture[:-LEGEND] == colour).all(axis=2))
    return [(y.start, x.start, y.stop, x.stop) for y, x in ndimage.find_objects(labels)]


def steps(places: list[int]) -> set[int]:
    return set(np.diff(sorted(set(places))).tolist())


def main_colour(part: Frame) -> Colour:
    red, green, blue = Counter(map(tuple, part.reshape(-1, 3).tolist())).most_common(1)[0][0]
    return red, green, blue


def colours_of(picture: Frame) -> set[tuple[int, ...]]:
    packed = np.unique(picture.astype(int) @ [1, 256, 65536])
    return {(n & 255, n >> 8 & 255, n >> 16) for n in packed.tolist()}


def pitch_of(frames: list[Frame]) -> int:
    """Tell how far apart two cells are: one output is one cell from the next."""
    first, second = (boxes(frame, CURRENT)[0] for frame in frames[:2])
    return max(second[0] - first[0], second[1] - first[1])


PAIRS = st.tuples(st.integers(1, 4), st.integers(1, 4))
SLIDES = {"size": PAIRS, "dilation": PAIRS, "outputs": st.tuples(*[st.integers(2, 4)] * 2)}
FEW = settings(max_examples=6)


@FEW
@given(**SLIDES)
def test_each_picture_has_the_taps_of_one_output(size: Pair, dilation: Pair, outputs: Pair) -> None:
    frames = sliding_frames(size, [dilation], outputs)
    assert len(frames) == prod(outputs)
    pitch = pitch_of(frames)
    corners = []
    for frame in frames:
        taps = boxes(frame, TAP)
        assert len(taps) == prod(size)
        tops, lefts = zip(*[tap[:2] for tap in taps], strict=True)
        for places, count, step in zip((tops, lefts), size, dilation, strict=True):
            assert len(set(places)) == count
            assert steps(list(places)) == ({step * pitch} if count > 1 else set())
        corners.append((min(tops), min(lefts)))
    top, left = corners[0]
    assert corners == [(top + y * pitch, left + x * pitch) for y, x in np.ndindex(outputs)]


@FEW
@given(**SLIDES)
def test_all_pictures_together_read_the_whole_input(
    size: Pair, dilation: Pair, outputs: Pair
) -> None:
    outputs = (max(outputs[0], dilation[0]), max(outputs[1], dilation[1]))
    frames = sliding_frames(size, [dilation], outputs)
    read = {tap for frame in frames for tap in boxes(frame, TAP)}
    sides = [n + (k - 1) * d for n, k, d in zip(outputs, size, dilation, strict=True)]
    assert len(read) == prod(sides)
    pitch = pitch_of(frames)
    for places, side in zip(zip(*[tap[:2] for tap in read], strict=True), sides, strict=True):
        assert len(set(places)) == side
        assert steps(list(places)) == {pitch}
    # Nothing else is input: beside the cells that are read there are only their gaps.
    for _, left, bottom, right in boxes(frames[0], INPUT):
        assert min(tap[1] for tap in read) <= left < right <= max(tap[3] for tap in read)
        assert bottom <= max(tap[2] for tap in read)


@FEW
@given(**SLIDES)
def test_the_frame_is_about_the_effective_size(size: Pair, dilation: Pair, outputs: Pair) -> None:
    frames = sliding_frames(size, [dilation], outputs)
    pitch = pitch_of(frames)
    for frame in frames:
        taps = boxes(frame, TAP)
        top, left = min(tap[0] for tap in taps), min(tap[1] for tap in taps)
        bottom, right = max(tap[2] for tap in taps), max(tap[3] for tap in taps)
        for axis, (n, step) in enumerate(zip(size, dilation, strict=True)):
            assert (bottom - top, right - left)[axis] == pytest.approx(
                ((n - 1) * step + 1) * pitch, abs=2
            )
        around = np.ones((bottom - top + 2, right - left + 2), bool)
        around[1:-1, 1:-1] = False
        part = frame[top - 1 : bottom + 1, left - 1 : right + 1]
        assert (part[around] == BOX).all()


@FEW
@given(**SLIDES)
def test_outputs_fill_up_in_reading_order(size: Pair, dilation: Pair, outputs: Pair) -> None:
    frames = sliding_frames(size, [dilation], outputs)
    pitch = pitch_of(frames)
    top, left, bottom, right = boxes(frames[0], CURRENT)[0]
    for number, frame in enumerate(frames):
        cells = [
            main_colour(frame[top + y * pitch : bottom + y * pitch, left + x * pitch :][:, :side])
            for side in [right - left]
            for y, x in np.ndindex(outputs)
        ]
        rest = len(frames) - number - 1
        assert cells == [OUTPUT] * number + [CURRENT] + [HOLE] * rest


def test_all_panels_fill_in_step() -> None:
    for number, frame in enumerate(sliding_frames((3, 3), [(1, 1), (2, 2), (2, 3)], (3, 4))):
        assert len(boxes(frame, TAP)) == 3 * 9
        current = boxes(frame, CURRENT)
        assert len(current) == 3
        assert len({box[0] for box in current}) == 1, f"all on one line, picture {number}"


@pytest.mark.parametrize(("size", "outputs", "along"), [((1, 3), (1, 9), 1), ((3, 1), (9, 1), 0)])
def test_a_row_has_its_output_below_it_and_a_column_beside_it(
    size: Pair, outputs: Pair, along: int
) -> None:
    frames = sliding_frames(size, [(1, 1), (2, 2)], outputs)
    assert len(frames) == 9
    places = []
    for frame in frames:
        taps = sorted(boxes(frame, TAP), key=lambda box: box[1 - along])
        currents = sorted(boxes(frame, CURRENT), key=lambda box: box[1 - along])
        assert len(taps) == 6
        for panel, current in zip((taps[:3], taps[3:]), currents, strict=True):
            assert len({tap[1 - along] for tap in panel}) == 1
            assert current[1 - along] > panel[0][3 - along], "behind the input"
            middle = sorted(panel)[1]
            assert current[along] == middle[along], "before the middle of its taps"
        assert currents[0][along] == currents[1][along]
        places.append(middle[along])
    assert places == sorted(places)
    assert len(set(places)) == 9
    assert len(steps(places)) == 1
    assert currents[0][1 - along] < taps[3][1 - along], "one panel behind the other"


def test_panels_of_one_dilation_are_alike() -> None:
    first, *rest = sliding_frames((3, 2), [(2, 2)] * 2, (2, 2))
    for frame in (first, *rest):
        lefts = sorted({tap[1] for tap in boxes(frame, TAP)})
        apart = lefts[2] - lefts[0]
        left, right = (frame[:-LEGEND, at : at + 60] for at in (lefts[0], lefts[0] + apart))
        np.testing.assert_array_equal(left, right)


@pytest.mark.parametrize(
    ("size", "dilations"),
    [
        ((3, 3), [(1, 1), (2, 2)]),
        ((3, 3), [(1, 1), (31, 31)]),
        ((15, 15), [(1, 1), (4, 4)]),
        ((3, 3), [(1, 1), (2, 2), (4, 4), (8, 8), (16, 16), (31, 31)]),
        ((1, 1), [(1, 1)]),
    ],
)
def test_pictures_can_be_looked_at_and_have_few_colours(size: Pair, dilations: list[Pair]) -> None:
    frames = sliding_frames(size, dilations, (2, 2))
    assert {frame.shape for frame in frames} == {frames[0].shape}
    assert 200 <= min(frames[0].shape[:2]) <= max(frames[0].shape[:2]) <= 1200
    for frame in frames:
        colours = colours_of(frame)
        assert len(colours) <= 64
        assert colours >= {INPUT, OUTPUT, TAP, CURRENT, BOX, PAPER}
        assert len(boxes(frame, TAP)) == prod(size) * len(dilations)


def lightness(colour: Colour) -> float:
    """L* of CIE 1976 from sRGB, IEC 61966-2-1."""
    share = np.array(colour) / 255
    linear = np.where(share <= 0.04045, share / 12.92, ((share + 0.055) / 1.055) ** 2.4)
    luminance = float(linear @ (0.2126, 0.7152, 0.0722))
    return 116 * float(np.cbrt(luminance)) - 16


def test_input_taps_and_outputs_differ_in_lightness_too() -> None:
    for one, other in combinations((INPUT, OUTPUT, TAP, CURRENT), 2):
        assert abs(lightness(one) - lightness(other)) > 10


def test_captions_give_dilation_holes_taps_and_field(monkeypatch: pytest.MonkeyPatch) -> None:
    said = []

    def heard(lines: list[str], width: int, **settings: Any) -> Frame:
        said.extend(lines)
        return caption(lines, width, **settings)

    monkeypatch.setattr(animation, "caption", heard)
    sliding_frames((3, 3), [(1, 1), (2, 2), (2, 3)], (1, 2))
    assert list(zip(said[::2], said[1::2], strict=True)) == [
        ("dilation 1 (0 holes)", "9 taps, field of view 3x3"),
        ("dilation 2 (1 hole)", "9 taps, field of view 5x5"),
        ("dilation 2x3 (1x2 holes)", "9 taps, field of view 5x7"),
    ]
    said.clear()
    sliding_frames((1, 1), [(1, 1)], (1, 2))
    assert said == ["dilation 1 (0 holes)", "1 tap, field of view 1x1"]


def test_threads_lead_from_the_field_to_the_output() -> None:
    frame = sliding_frames((3, 3), [(2, 2)], (3, 3))[4].astype(int)
    bottom = max(box[2] for box in boxes(frame, TAP))
    top, left, _, right = boxes(frame, CURRENT)[0]
    apart = []
    for row in frame[bottom + 4 : top - 4]:
        shaded = row[:, 0] - row[:, 2] > 60
        assert ndimage.label(shaded)[1] == 2
        apart.append(float(np.ptp(np.flatnonzero(shaded))))
    assert apart == sorted(apart, reverse=True)
    assert apart[-1] == pytest.approx(right - left, abs=8)


def test_flat_threads_end_at_the_corners_of_the_field() -> None:
    frame = sliding_frames((3, 3), [(31, 31)], (2, 2))[3].astype(int)
    taps = boxes(frame, TAP)
    shaded = np.flatnonzero((frame[:-LEGEND, :, 0] - frame[:-LEGEND, :, 2] > 60).any(axis=0))
    assert min(tap[1] for tap in taps) - shaded[0] <= 3
    assert shaded[-1] - max(tap[3] for tap in taps) < 3
