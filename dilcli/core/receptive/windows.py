"""One axis of one layer: its taps once padding is a number, and the size it makes."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from dilcli.errors import LayerError

if TYPE_CHECKING:
    from dilcli.core.receptive.layers import Layer

__all__ = ["Window", "output_size", "window"]


class Window(NamedTuple):
    """The taps of a layer on one axis.

    Output ``o`` reads inputs ``o * stride + t * dilation - before`` for ``0 <= t < kernel``. A
    transposed window is read the other way round: output ``o`` reads every input ``i`` for which
    ``i * stride + t * dilation - before == o``.

    Attributes
    ----------
    kernel, stride, dilation : int
    before, after : int
        Padding in pixels of the input (of the output where transposed); negative crops.
    transposed : bool
    known : bool
        False where TensorFlow's SAME rule needs a size to tell the padding; `before` is then only
        a stand-in.
    triangle : bool
        Taps weigh by their distance from the middle, as in linear interpolation; else all alike.
    """

    kernel: int
    stride: int
    dilation: int
    before: int
    after: int
    transposed: bool = False
    known: bool = True
    triangle: bool = False

    @property
    def effective_size(self) -> int:
        """Distance from the first tap to the last, plus one."""
        return (self.kernel - 1) * self.dilation + 1

    def weight(self, tap: int) -> int:
        """Weigh a tap, beside the other taps of one output."""
        return 2 * self.stride - abs(2 * tap - self.kernel + 1) if self.triangle else 1


def window(layer: Layer, axis: int, size: int | None) -> Window:
    """Take one axis of a layer, its padding resolved for an input of `size` pixels, if known."""
    kernel, stride, dilation = layer.kernel[axis], layer.stride[axis], layer.dilation[axis]
    if layer.kind == "up":
        if layer.mode == "nearest":
            return Window(stride, stride, 1, 0, 0, transposed=True)
        # Half-pixel bilinear interpolation by a whole factor is a transposed convolution with a
        # triangle of this width (Long, Shelhamer, Darrell 2015, "deconvolution" initialised so).
        kernel = 2 * stride - stride % 2
        pad = (kernel - stride) // 2
        return Window(kernel, stride, 1, pad, pad, transposed=True, triangle=True)
    transposed = layer.kind == "tconv"
    if layer.padding != "same":
        before, after = layer.padding[axis]
        return Window(kernel, stride, dilation, before, after, transposed)
    effective = (kernel - 1) * dilation + 1
    if transposed:
        total = max(effective - stride, 0)
        return Window(kernel, stride, dilation, total // 2, total - total // 2, transposed)
    # The last window of SAME begins at the last multiple of the stride inside the input, so the
    # padding lies between these two, whatever the size (TensorFlow, "Notes on padding").
    most, least = max(effective - 1, 0), max(effective - stride, 0)
    if size is not None:
        total = max((-(-size // stride) - 1) * stride + effective - size, 0)
        return Window(kernel, stride, dilation, total // 2, total - total // 2)
    return Window(
        kernel, stride, dilation, most // 2, most - most // 2, known=most // 2 == least // 2
    )


def output_size(layer: Layer, axis: int, taps: Window, size: int) -> int:
    """Count the outputs that an input of `size` pixels gives along one axis.

    Raises
    ------
    LayerError
        If there are none.
    """
    if layer.kind == "gap":
        return 1
    if taps.transposed:
        made = (size - 1) * taps.stride + taps.effective_size - taps.before - taps.after
        if layer.padding == "same":
            made = size * taps.stride
        made += layer.output_padding[axis]
        if made < 1:
            raise LayerError(f"its padding leaves {made} pixels of {size}")
        return made
    if layer.padding == "same":
        return -(-size // taps.stride)
    padded = size + taps.before + taps.after
    if padded < taps.effective_size:
        raise LayerError(
            f"its effective size {taps.effective_size} is larger than the padded input {padded}"
        )
    room = padded - taps.effective_size
    if not layer.ceil_mode:
        return room // taps.stride + 1
    made = -(-room // taps.stride) + 1
    # A window that begins in the padding behind the input is left out (PyTorch, ONNX).
    return made - 1 if (made - 1) * taps.stride >= size + taps.before else made
