from __future__ import annotations

import numpy as np
import pytest
from PIL import Image, ImageOps

from dilcli.files.orient import upright_array, upright_shape
from tests.files import makers


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("channels", [None, 1, 2, 3, 5])
def test_all_eight_orientations_equal_pillows(orientation: int, channels: int | None) -> None:
    image = makers.noise((5, 7) if channels is None else (5, 7, channels))
    planes = image.reshape(5, 7, -1)
    expected = []
    for plane in np.moveaxis(planes, -1, 0):
        picture = Image.fromarray(np.ascontiguousarray(plane))
        picture.getexif()[274] = orientation
        expected.append(np.asarray(ImageOps.exif_transpose(picture)))
    turned = upright_array(image, orientation)
    assert turned.shape == upright_shape(image.shape, orientation)
    assert turned.flags.c_contiguous
    np.testing.assert_array_equal(
        turned.reshape(*turned.shape[:2], -1), np.stack(expected, axis=-1)
    )
    assert turned.ndim == image.ndim


def test_an_upright_picture_is_not_copied() -> None:
    image = makers.noise((3, 4))
    assert upright_array(image, 1) is image
