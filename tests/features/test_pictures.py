"""Pictures keep their frames, their alpha of either kind, and lie flat on a background."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from dilcli.core.filtering import filter_frame
from dilcli.core.kernels import parse_kernel
from dilcli.core.recipe import Recipe
from dilcli.features.pictures import (
    frame_layout,
    one_frame,
    picture_layout,
    treat_picture,
)
from dilcli.files import Metadata, Picture

if TYPE_CHECKING:
    from numpy.typing import NDArray

BOX = parse_kernel("box")
SOBEL = parse_kernel("sobel-y")


def _picture(
    shape: tuple[int, ...],
    *,
    alpha: bool = False,
    associated: bool = False,
    frames: int = 1,
    dtype: str = "uint8",
) -> Picture:
    rng = np.random.default_rng(3)
    made = rng.integers(0, 256, (frames, *shape)).astype(dtype)
    if associated:
        made[..., :-1] = np.minimum(made[..., :-1], made[..., -1:])
    return Picture(tuple(made), alpha, "tiff", Metadata(associated_alpha=associated))


@pytest.mark.parametrize("background", [None, (255, 255, 255), (255, 0, 0)])
@pytest.mark.parametrize("kernel", [BOX, SOBEL], ids=lambda k: str(k.name))
@pytest.mark.parametrize("alpha", ["auto", "keep", "drop"])
@pytest.mark.parametrize(
    ("shape", "kind"),
    [
        ((5, 6), {}),
        ((5, 6, 3), {}),
        ((5, 6, 2), {"alpha": True}),
        ((5, 6, 4), {"alpha": True}),
        ((5, 6, 2), {"associated": True}),
        ((5, 6, 4), {"associated": True}),
        ((5, 6, 2), {}),
    ],
)
def test_the_layout_told_before_is_what_comes_out(
    shape: tuple[int, ...], kind: dict[str, Any], alpha: Any, kernel: Any, background: Any
) -> None:
    picture = _picture(shape, **kind)
    recipe = Recipe(kernel, alpha=alpha)
    layout = picture_layout(picture, recipe, background)
    made, *_ = treat_picture(picture, recipe, background)
    assert made.frames[0].shape == layout.shape
    assert made.frames[0].dtype == layout.dtype
    assert made.alpha == layout.alpha
    has_alpha = made.alpha or made.metadata.associated_alpha
    given = bool(kind)
    assert has_alpha == (given and alpha != "drop" and background is None)


def test_every_frame_is_filtered_by_itself_and_clipping_is_summed() -> None:
    picture = _picture((6, 7, 3), frames=3)
    recipe = Recipe(SOBEL)
    made, clipped, noise = treat_picture(picture, recipe)
    each = [filter_frame(frame, recipe) for frame in picture.frames]
    for got, wanted in zip(made.frames, each, strict=True):
        np.testing.assert_array_equal(got, wanted.samples)
    assert clipped == sum(frame.clipped for frame in each) > 0
    assert noise == ()


def test_pages_of_different_sizes_keep_them() -> None:
    pages = (np.zeros((3, 4), np.uint8), np.zeros((5, 2, 3), np.uint8))
    made, *_ = treat_picture(Picture(pages, False, "tiff"), Recipe(BOX))
    assert [page.shape for page in made.frames] == [(3, 4), (5, 2, 3)]


def test_associated_alpha_is_weighed_by_filtering_all_channels_alike() -> None:
    picture = _picture((8, 9, 4), associated=True, dtype="float32")
    made, *_ = treat_picture(picture, Recipe(BOX))
    assert made.metadata.associated_alpha
    assert not made.alpha
    channels = [filter_frame(picture.frames[0][..., i], Recipe(BOX)).samples for i in range(4)]
    np.testing.assert_array_equal(made.frames[0], np.dstack(channels))


def test_associated_alpha_is_kept_by_kernels_that_do_not_weigh_it() -> None:
    picture = _picture((8, 9, 4), associated=True)
    made, *_ = treat_picture(picture, Recipe(SOBEL))
    np.testing.assert_array_equal(made.frames[0][..., 3], picture.frames[0][..., 3])
    assert made.metadata.associated_alpha


@pytest.mark.parametrize("associated", [False, True])
def test_a_background_shows_where_the_result_is_clear(associated: bool) -> None:
    pixels: NDArray[Any] = np.zeros((4, 8, 4), np.uint8)
    pixels[:, :4] = (9, 9, 9, 255)
    kind = Picture((pixels,), not associated, "tiff", Metadata(associated_alpha=associated))
    made, *_ = treat_picture(kind, Recipe(parse_kernel("identity")), (10, 20, 30))
    assert made.frames[0][0, 0].tolist() == [9, 9, 9]
    assert made.frames[0][0, 7].tolist() == [10, 20, 30]
    assert not made.metadata.associated_alpha


@pytest.mark.parametrize("depth", ["same", "16", "float"])
def test_a_background_is_on_the_scale_of_the_samples_at_every_depth(depth: Any) -> None:
    pixels = np.zeros((2, 2, 4), np.uint8)
    pixels[0] = (50, 60, 70, 255)
    picture = Picture((pixels,), True, "png")
    recipe = Recipe(parse_kernel("identity"), depth=depth)
    made, *_ = treat_picture(picture, recipe, (255, 51, 0))
    unit = 257 if depth == "16" else 1
    assert (made.frames[0] / unit).tolist() == [[[50, 60, 70]] * 2, [[255, 51, 0]] * 2]


def test_a_background_leaves_pictures_without_alpha_alone() -> None:
    picture = _picture((5, 6, 3))
    layout = frame_layout((5, 6, 3), "uint8", Recipe(BOX), (1, 2, 3), alpha=False)
    assert layout.shape == (5, 6, 3)
    made, *_ = treat_picture(picture, Recipe(BOX), (1, 2, 3))
    np.testing.assert_array_equal(
        made.frames[0], treat_picture(picture, Recipe(BOX)).picture.frames[0]
    )


def test_metadata_stays_and_what_reading_said_is_not_said_twice() -> None:
    metadata = Metadata(icc=b"profile", durations=(10.0, 20.0), loop=0)
    frames = (np.zeros((2, 2), np.uint8),) * 2
    picture = Picture(frames, False, "gif", metadata, ("palette expanded",))
    made, *_ = treat_picture(picture, Recipe(BOX))
    assert made.metadata == metadata
    assert made.notes == ()
    still = one_frame(picture, 1)
    assert len(still.frames) == 1
    assert (still.metadata.durations, still.metadata.loop) == ((), None)
    assert still.metadata.icc == b"profile"
