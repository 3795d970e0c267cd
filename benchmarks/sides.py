"""One filter done by dilcli and by its peers: each function prepares a call that is then timed.

Every call filters `image` with `weights` at `dilation` under the mirror boundary (OpenCV's
REFLECT_101) into an array of the image's own type; float32 results are not rounded, uint8 results
are rounded half to even and saturated.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

import numpy as np

from dilcli.core.correlate import correlate
from dilcli.core.filtering import filter_frame
from dilcli.core.kernels import Kernel
from dilcli.core.recipe import Recipe

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    Image = NDArray[Any]
    Weights = NDArray[np.float64]
    Run = Callable[[], Image]

__all__ = ["PREPARE", "PREPARE_SEPARABLE", "spread"]


def spread(weights: Weights, dilation: int) -> Weights:
    """Put ``dilation - 1`` zeros between the weights: the kernel for tools without dilation."""
    sizes = [(n - 1) * dilation + 1 for n in weights.shape]
    stuffed = np.zeros(sizes)
    stuffed[tuple(slice(None, None, dilation) for _ in sizes)] = weights
    return stuffed


def _to_uint8(response: NDArray[np.floating]) -> Image:
    np.rint(response, out=response)
    np.clip(response, 0, 255, out=response)
    return response.astype(np.uint8)


def _dilcli(image: Image, weights: Weights, dilation: int) -> Run:
    kernel = Kernel(tuple(map(tuple, weights.tolist())))
    if image.dtype == np.uint8:
        return lambda: filter_uint8(image, kernel, dilation)
    out = np.empty_like(image)
    return lambda: correlate(image, kernel, dilation=dilation, boundary="mirror", out=out)


def filter_uint8(image: Image, kernel: Kernel, dilation: int) -> Image:
    """Filter 8-bit samples to 8-bit samples, as ``dilcli apply`` does."""
    recipe = Recipe(kernel, ((dilation, dilation),), boundary="mirror", response="clip")
    return filter_frame(image, recipe).samples


def _out_of(image: Image) -> Image | None:
    """Give OpenCV an output where dilcli has one; for uint8 both make theirs anew in each call."""
    return None if image.dtype == np.uint8 else np.empty_like(image)


def _opencv(image: Image, weights: Weights, dilation: int) -> Run:
    cv2 = importlib.import_module("cv2")
    kernel = spread(weights, dilation).astype(np.float32)
    out = _out_of(image)
    return lambda: cv2.filter2D(image, -1, kernel, dst=out, borderType=cv2.BORDER_REFLECT_101)


def _opencv_separable(image: Image, weights: Weights, dilation: int) -> Run:
    cv2 = importlib.import_module("cv2")
    column, row = (spread(part, dilation).astype(np.float32) for part in _halves(weights))
    out = _out_of(image)
    return lambda: cv2.sepFilter2D(
        image, -1, row, column, dst=out, borderType=cv2.BORDER_REFLECT_101
    )


def _scipy(image: Image, weights: Weights, dilation: int) -> Run:
    ndimage = importlib.import_module("scipy.ndimage")
    kernel = spread(weights, dilation)[(..., *[None] * (image.ndim - 2))]
    out = np.empty(image.shape, np.float32)

    def run() -> Image:
        ndimage.correlate(image, kernel, output=out, mode="mirror")
        return _to_uint8(out) if image.dtype == np.uint8 else out

    return run


def _scipy_separable(image: Image, weights: Weights, dilation: int) -> Run:
    ndimage = importlib.import_module("scipy.ndimage")
    halves = [spread(part, dilation) for part in _halves(weights)]
    between, out = np.empty(image.shape, np.float32), np.empty(image.shape, np.float32)

    def run() -> Image:
        ndimage.correlate1d(image, halves[0], axis=0, output=between, mode="mirror")
        ndimage.correlate1d(between, halves[1], axis=1, output=out, mode="mirror")
        return _to_uint8(out) if image.dtype == np.uint8 else out

    return run


def _torch(image: Image, weights: Weights, dilation: int) -> Run:
    torch = importlib.import_module("torch")
    functional = torch.nn.functional
    kernel = torch.from_numpy(weights.astype(np.float32))[None, None]
    reach = [(n // 2) * dilation for n in weights.shape]
    margins = (reach[1], reach[1], reach[0], reach[0])

    def run() -> Image:
        planes = torch.from_numpy(image.reshape(*image.shape[:2], -1)).permute(2, 0, 1)[:, None]
        padded = functional.pad(planes.float(), margins, mode="reflect")
        result = functional.conv2d(padded, kernel, dilation=dilation)
        if image.dtype == np.uint8:
            result = result.round_().clamp_(0, 255).to(torch.uint8)
        answer: Image = result[:, 0].permute(1, 2, 0).contiguous().numpy().reshape(image.shape)
        return answer

    return run


def _halves(weights: Weights) -> tuple[Weights, Weights]:
    """Split a symmetric positive kernel of rank 1, as a Gaussian is, into column and row."""
    column, row = weights.sum(axis=1), weights.sum(axis=0)
    return column / weights.sum(), row


PREPARE = {"dilcli": _dilcli, "opencv": _opencv, "scipy": _scipy, "torch": _torch}
PREPARE_SEPARABLE = {
    "dilcli": _dilcli,
    "opencv": _opencv_separable,
    "scipy": _scipy_separable,
    "torch": _torch,
}
