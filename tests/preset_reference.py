"""What a named network sees, found backwards: from an output down to the pixels it needs.

An own small reader of layer texts, and one rule: to know outputs ``first`` to ``last``, a layer
must know such and such inputs. dilcli goes the other way, from the input, and by sets of pixels.
"""

from __future__ import annotations

import re
from fractions import Fraction
from typing import NamedTuple

__all__ = ["Reference", "Seen"]

INPUT = -1
_SHORT = re.compile(r"([a-z]+)([\dx]*)((?:p[vshc]|[sdp]\d+)*)(?:@(\w+))?")
_LONG = re.compile(r"([a-z]+):([\w=,]+)(?:@(\w+))?")
_TIMES = re.compile(r"(?:(\d+)x(?![\d]))?(.*)")


class Step(NamedTuple):
    """A layer or a meeting of branches; `padding` is a number or v, h, s, c."""

    kind: str
    inputs: tuple[int, ...]
    name: str = ""
    kernel: tuple[int, ...] = (1,)
    stride: int = 1
    dilation: int = 1
    padding: str = "0"
    ceil: bool = False

    def span(self, axis: int) -> int:
        """Distance from the first tap to the last."""
        return (self.kernel[axis % len(self.kernel)] - 1) * self.dilation

    def before(self, axis: int, size: int | None) -> int:
        return self.pads(axis, size)[0]

    def pads(self, axis: int, size: int | None) -> tuple[int, int]:
        """Tell the padding before and after, for an input of `size`."""
        span = self.span(axis)
        if self.padding == "c":
            return span, 0
        if self.padding == "s" and self.stride > 1:
            assert size is not None, "SAME with a stride needs the input's size"
            span = max((-(-size // self.stride) - 1) * self.stride + span + 1 - size, 0)
        if self.padding in "hs":
            return span // 2, span - span // 2
        pad = 0 if self.padding == "v" else int(self.padding)
        return pad, pad


def _layer(word: str, at: int) -> Step:
    long = _LONG.fullmatch(word)
    if long:
        kind, options, name = long.groups()
        given = dict(pair.split("=") for pair in options.split(","))
        size = int(given["k"])
        if given.get("mode") == "bilinear":
            # A triangle twice as wide as its factor, which is even (Long et al. 2015).
            return Step("tconv", (at,), name or "", (2 * size,), size, 1, str(size // 2))
        steps = int(given.get("s", 1)), int(given.get("d", 1))
        padding = "c" if given["p"] == "causal" else given["p"]
        return Step(kind, (at,), name or "", (size,), *steps, padding, "ceil" in given)
    short = _SHORT.fullmatch(word)
    assert short, f"{word} is not read here"
    kind, sizes, options, name = short.groups()
    kernel = tuple(map(int, sizes.split("x"))) if sizes else (1,)
    if kind == "crop":
        return Step(kind, (at,), name or "", padding=f"-{sizes}")
    if kind == "up":
        return Step("tconv", (at,), name or "", kernel, kernel[0])
    given = {option[0]: option[1:] for option in re.findall(r"p[vshc]|[sdp]\d+", options)}
    stride = int(given.get("s", kernel[0] if kind.endswith("pool") else 1))
    padding = given.get("p", "h" if kind in ("conv", "dwconv") else "0")
    return Step(kind, (at,), name or "", kernel, stride, int(given.get("d", 1)), padding)


class _Reader:
    """Reads the grammar as far as the presets use it."""

    def __init__(self, text: str) -> None:
        self.words = re.findall(r"[()|]|[^\s()|]+", text)
        self.steps: list[Step] = []
        self.names: dict[str, int] = {}
        self.output = self.stack(INPUT)

    def stack(self, at: int) -> int:
        while self.words and self.words[0] not in ("|", ")"):
            word = self.words.pop(0)
            if word == "(":
                at = self.branches(at)
            elif re.fullmatch(r"\d+x|cat|add", word):
                inside = self.words[1:]
                for _ in range(int(word[:-1]) if word[0].isdigit() else 1):
                    self.words = list(inside)
                    at = self.branches(at)
            elif word.startswith("from:"):
                at = self.names[word.removeprefix("from:")]
            else:
                count, layer = re.fullmatch(_TIMES, word).groups()  # type: ignore[union-attr]
                for _ in range(int(count or 1)):
                    at = self.add(_layer(layer, at))
        return at

    def branches(self, at: int) -> int:
        ends = [self.stack(at)]
        while self.words.pop(0) == "|":
            ends.append(self.stack(at))
        name = ""
        if self.words and self.words[0].startswith("@"):
            name = self.words.pop(0)[1:]
        return ends[0] if len(ends) == 1 else self.add(Step("meet", tuple(ends), name))

    def add(self, step: Step) -> int:
        self.steps.append(step)
        self.names[step.name] = len(self.steps) - 1
        return len(self.steps) - 1


class Seen(NamedTuple):
    """What the outputs of a layer see along one axis."""

    widths: set[int]
    whole: bool
    stride: Fraction
    padding: int | None


class Reference:
    """A network read from its text, for inputs of one size along one axis."""

    def __init__(self, text: str, axis: int = 0, size: int | None = None) -> None:
        read = _Reader(text)
        self.steps, self.names, self.output, self.axis = read.steps, read.names, read.output, axis
        self.sizes: dict[int, int | None] = {INPUT: size}
        self.strides: dict[int, Fraction | None] = {INPUT: Fraction(1)}
        for index, step in enumerate(self.steps):
            self.sizes[index] = self._size(step)
            self.strides[index] = self._stride(step)

    def _size(self, step: Step) -> int | None:
        sizes = [self.sizes[i] for i in step.inputs]
        if step.kind == "meet":
            several = {size for size in sizes if size != 1} or {1}
            assert len(several) == 1, f"sizes {sizes} meet"
            return several.pop()
        (size,) = sizes
        if step.kind == "gap" or size is None:
            return None if size is None else 1
        before, after = step.pads(self.axis, size)
        if step.kind == "tconv":
            return (size - 1) * step.stride + step.span(self.axis) + 1 - before - after
        last = size + before + after - step.span(self.axis) - 1
        assert last >= 0, f"{step} has no output"
        starts = range(0, last + step.stride if step.ceil else last + 1, step.stride)
        return sum(start < size + before for start in starts) if step.ceil else len(starts)

    def _stride(self, step: Step) -> Fraction | None:
        strides = {self.strides[i] for i in step.inputs} - {None}
        assert len(strides) <= 1, f"strides {strides} meet"
        stride = strides.pop() if strides else None
        if step.kind == "gap" or stride is None:
            return None
        return stride / step.stride if step.kind == "tconv" else stride * step.stride

    def box(self, index: int, output: int) -> tuple[int, int, bool]:
        """Tell the first and last pixel that an output needs, and if it needs all there are."""
        needed, whole = {index: (output, output)}, False
        for at in range(index, INPUT, -1):
            if at not in needed:
                continue
            step = self.steps[at]
            if step.kind == "gap":
                whole = True
                continue
            first, last = self._inputs(step, *needed[at])
            for source in step.inputs:
                low, high = needed.get(source, (first, last))
                needed[source] = min(low, first), max(high, last)
        return (*needed.get(INPUT, (0, -1)), whole)

    def _inputs(self, step: Step, first: int, last: int) -> tuple[int, int]:
        if step.kind == "meet":
            return first, last
        before = step.before(self.axis, self.sizes[step.inputs[0]])
        if step.kind == "tconv":
            least = first + before - step.span(self.axis)
            return -(-least // step.stride), (last + before) // step.stride
        return first * step.stride - before, last * step.stride - before + step.span(self.axis)

    def phases(self, index: int) -> range:
        """List the outputs after which the pattern repeats."""
        stride = self.strides[index]
        assert stride is not None
        return range(int(max(s for s in self.strides.values() if s is not None) / stride) or 1)

    def seen(self, name: str | None = None) -> Seen:
        """Tell what the outputs of a layer see; without a name, the network's."""
        index = self.names[name] if name else self.output
        stride = self.strides[index]
        assert stride is not None, f"{name} sees nothing but the whole input"
        boxes = [self.box(index, output) for output in self.phases(index)]
        widths = {last - first + 1 for first, last, _ in boxes}
        starts = [first - output * stride for output, (first, _, _) in enumerate(boxes)]
        lawful = len(widths) == 1 and len(set(starts)) == 1
        whole = any(whole for _, _, whole in boxes)
        return Seen(widths, whole, stride, -boxes[0][0] if lawful else None)

    def aligned(self) -> bool:
        """Tell if the centres agree, on average over the phases, wherever branches meet."""
        for index, step in enumerate(self.steps):
            if step.kind != "meet":
                continue
            sources = [i for i in step.inputs if self.strides[i] is not None]
            centres = {
                sum(sum(self.box(source, output)[:2]) for output in self.phases(index))
                for source in sources
            }
            if len(centres) > 1:
                return False
        return True
