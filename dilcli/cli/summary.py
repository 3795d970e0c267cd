"""What a run over many pictures came to, said when it has ended."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from dilcli.cli.report import Line, echo, lines

if TYPE_CHECKING:
    from collections.abc import Sequence

    from dilcli.features.outcome import Outcome

__all__ = ["Tally", "say_summary", "summary_line"]


@dataclass(frozen=True, slots=True)
class Tally:
    """Outcomes counted as they stream by; only the lines of failures are kept.

    Attributes
    ----------
    planned : int
        Outputs that were asked for.
    done, skipped : int
        Outputs that were made, and that were left alone since they exist.
    failures : tuple of str
        The line of each output that failed.
    clipped : int
        Outputs with clipped samples.
    clipped_samples, samples : int
        How many of all samples were clipped.
    pixels : int
        Of the inputs of outputs that were made.
    """

    planned: int
    done: int = 0
    skipped: int = 0
    failures: tuple[str, ...] = ()
    clipped: int = 0
    clipped_samples: int = 0
    samples: int = 0
    pixels: int = 0

    @property
    def not_tried(self) -> int:
        """Outputs whose turn never came."""
        return self.planned - self.done - self.skipped - len(self.failures)

    def plus(self, outcome: Outcome) -> Tally:
        """Count one more outcome."""
        if outcome.status == "skipped":
            return replace(self, skipped=self.skipped + 1)
        if outcome.status == "failed":
            return replace(self, failures=(*self.failures, *(line.text for line in lines(outcome))))
        return replace(
            self,
            done=self.done + 1,
            clipped=self.clipped + bool(outcome.clipped),
            clipped_samples=self.clipped_samples + (outcome.clipped or 0),
            samples=self.samples + outcome.samples,
            pixels=self.pixels + outcome.pixels,
        )


def say_summary(tally: Tally, seconds: float, passed_over: Sequence[str] = ()) -> None:
    """Say on standard error what a run came to, and last what failed.

    Parameters
    ----------
    tally : Tally
        Of the whole run. One output alone has said it all, and gets no summary.
    seconds : float
        That the run took.
    passed_over : sequence of str, optional
        What was not taken as an input: how many, of what.
    """
    if tally.planned < 2:
        return
    facts = _facts(tally, seconds, passed_over)
    left = max(map(len, facts))
    for label, text in facts.items():
        echo(f"{label:<{left}}  {text}")
    for failure in tally.failures:
        echo(failure)


def summary_line(tally: Tally, seconds: float, passed_over: Sequence[str] = ()) -> Line:
    """Write a summary as one line, for the log."""
    facts = _facts(tally, seconds, passed_over)
    text = "; ".join(f"{label}: {text}" for label, text in facts.items())
    return Line("info", text, text)


def _facts(tally: Tally, seconds: float, passed_over: Sequence[str]) -> dict[str, str]:
    counts = f"{tally.done} done, {tally.skipped} skipped, {len(tally.failures)} failed"
    facts = {"outputs": f"{counts}, {tally.not_tried} not tried" if tally.not_tried else counts}
    if tally.clipped:
        share = tally.clipped_samples / tally.samples
        facts["clipped"] = (
            f"{tally.clipped} output{'s' * (tally.clipped != 1)}: "
            f"{tally.clipped_samples} of {tally.samples} samples ({share:.1%})"
        )
    if passed_over:
        facts["passed over"] = ", ".join(passed_over)
    facts["time"] = f"{seconds:.1f} s"
    if tally.pixels and seconds > 0:
        megapixels = tally.pixels / 1e6
        speed = megapixels / seconds
        facts["time"] = f"{megapixels:.1f} Mpx in {seconds:.1f} s, {speed:.1f} Mpx/s"
    return facts
