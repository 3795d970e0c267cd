"""One axis of a layer: its size is a count of windows, and SAME is TensorFlow's."""

from __future__ import annotations

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from dilcli.core.receptive.layers import Layer, make_layer
from dilcli.core.receptive.network import lay_out
from dilcli.core.receptive.windows import Window, output_size, window
from dilcli.errors import LayerError
from tests.receptive_networks import conv
from tests.receptive_reference import Unfit, sizes_of

SMALL = st.integers(1, 6)


def made(layer: Layer, n: int) -> int:
    return output_size(layer, 0, window(layer, 0, n), n)


@given(SMALL, SMALL, SMALL, st.tuples(st.integers(-2, 4), st.integers(-2, 4)), st.data())
@pytest.mark.parametrize("kind", ["conv", "dwconv", "maxpool", "tconv"])
def test_outputs_are_counted(  # noqa: PLR0917
    kind: str, kernel: int, stride: int, dilation: int, pads: tuple[int, int], data: st.DataObject
) -> None:
    n = data.draw(st.integers(1, 30))
    layer = make_layer(
        kind,
        (kernel,),
        stride=(stride,),
        dilation=(dilation if kernel > 1 else 1,),
        padding=[pads],
    )
    try:
        (expected,) = sizes_of(lay_out([layer], axes=1), (n,))
    except Unfit:
        with pytest.raises(LayerError):
            made(layer, n)
    else:
        assert (made(layer, n),) == expected


@given(SMALL, SMALL, st.integers(0, 3), st.integers(1, 30))
def test_under_ceil_mode_windows_count_that_begin_before_the_padding_at_the_end(
    kernel: int, stride: int, pad: int, n: int
) -> None:
    assume(pad <= kernel // 2)
    layer = make_layer("maxpool", (kernel,), stride=(stride,), padding=[(pad, pad)], ceil_mode=True)
    assume(n + 2 * pad >= kernel)
    starts = [start - pad for start in range(0, n + 2 * pad, stride)]
    reached, counted = -pad, 0
    for start in starts:
        # The last window ends where nothing is left over.
        if start >= n or (counted and reached >= n + pad):
            break
        counted, reached = counted + 1, start + kernel
    assert made(layer, n) == counted


@given(SMALL, SMALL, SMALL, st.integers(1, 60))
def test_same_padding_gives_ceil_n_over_stride_outputs_of_all_n_and_no_less(
    kernel: int, stride: int, dilation: int, n: int
) -> None:
    layer = conv(kernel, s=stride, d=dilation if kernel > 1 else 1, p="same")
    taps = window(layer, 0, n)
    count = made(layer, n)
    assert count == -(-n // stride)
    assert taps.known
    assert 0 <= taps.after - taps.before <= 1
    end = (count - 1) * stride + taps.effective_size - taps.before
    # Either the padding is used up exactly, or none is needed.
    assert end == n + taps.after if taps.before + taps.after else end <= n


@given(SMALL, SMALL, SMALL)
def test_same_padding_without_a_size_is_known_where_all_sizes_agree(
    kernel: int, stride: int, dilation: int
) -> None:
    layer = conv(kernel, s=stride, d=dilation if kernel > 1 else 1, p="same")
    befores = {window(layer, 0, n).before for n in range(1, 3 * stride * kernel * dilation)}
    taps = window(layer, 0, None)
    assert taps.known == (len(befores) == 1)
    assert not taps.known or taps.before in befores


@given(SMALL, SMALL, st.integers(1, 20))
def test_a_transposed_same_convolution_undoes_the_size_of_a_same_convolution(
    kernel: int, stride: int, n: int
) -> None:
    tconv = make_layer("tconv", (kernel,), stride=(stride,), padding="same")
    assert made(tconv, n) == n * stride
    forward = window(conv(kernel, s=stride, p="same"), 0, n * stride)
    taps = window(tconv, 0, n)
    assert (taps.before, taps.after) == (forward.before, forward.after)


@given(SMALL, st.integers(1, 20), st.sampled_from(["nearest", "bilinear"]))
def test_upsampling_multiplies_the_size(factor: int, n: int, mode: str) -> None:
    assert made(make_layer("up", (factor,), mode=mode), n) == factor * n


def test_a_global_layer_makes_one_output() -> None:
    assert made(make_layer("gap"), 17) == 1


@given(st.integers(1, 9), st.integers(1, 9))
def test_the_effective_size_spans_first_to_last_tap(kernel: int, dilation: int) -> None:
    taps = [t * dilation for t in range(kernel)]
    assert Window(kernel, 1, dilation, 0, 0).effective_size == taps[-1] - taps[0] + 1


def test_a_kernel_wider_than_its_padded_input_is_refused_with_both_widths() -> None:
    with pytest.raises(LayerError, match=r"effective size 13 .* padded input 12"):
        made(conv(3, d=6, p=1), 10)


def test_a_padding_that_leaves_nothing_of_a_transposed_convolution_is_refused() -> None:
    layer = make_layer("tconv", (2,), stride=(2,), padding=[(2, 2)])
    with pytest.raises(LayerError, match="leaves 0 pixels of 2"):
        made(layer, 2)


@given(st.integers(1, 9))
def test_bilinear_taps_weigh_by_distance_and_all_others_alike(factor: int) -> None:
    taps = window(make_layer("up", (factor,), mode="bilinear").on_axes(1), 0, None)
    weights = [taps.weight(tap) for tap in range(taps.kernel)]
    half = taps.kernel - 1
    assert weights == [2 * factor - abs(2 * tap - half) for tap in range(taps.kernel)]
    # Side by side, the triangles of all inputs sum to the same everywhere.
    sums = {sum(weights[phase::factor]) for phase in range(factor)}
    assert len(sums) == 1
    flat = window(make_layer("tconv", (factor,)).on_axes(1), 0, None)
    assert {flat.weight(tap) for tap in range(flat.kernel)} == {1}
