"""The steps of a tick: each fails on its own, is said once, and is tried again ever more rarely while it fails."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from reinforce.telemetry import concealed, get_logger, own_context

log = get_logger("daemon")

# Longer than this nobody waits: what was mended goes on within half a minute.
LONGEST_WAIT = 30.0
# What the heartbeat says of a failing step: enough to know what to do, no more than a line.
_SHORT = 300


@dataclass(slots=True)
class _Failing:
    words: str
    times: int
    not_before: float


class Steps:
    """Does steps by name. `expected`: errors of the world, whose traceback would tell nobody anything; `words`: an
    error as a person reads it; `first_wait`: seconds until a step that failed is tried again, doubled each time."""

    def __init__(
        self,
        monotonic: Callable[[], float],
        expected: Callable[[Exception], bool],
        words: Callable[[Exception], str],
        first_wait: float,
        longest_wait: float = LONGEST_WAIT,
    ) -> None:
        self._monotonic = monotonic
        self._expected = expected
        self._words = words
        self._first_wait = first_wait
        self._longest_wait = longest_wait
        self._failing: dict[str, _Failing] = {}
        self.moved_at = monotonic()

    def do(self, step: str, act: Callable[[], Any]) -> Any:
        """The result of `act`; None if it failed, or failed so recently that it is not tried yet.

        A failure is logged when it begins, when it changes and when it ends: never once a tick.
        """
        self.moved_at = self._monotonic()
        failing = self._failing.get(step)
        if failing is not None and self.moved_at < failing.not_before:
            return None
        with own_context():
            try:
                result = act()
            except Exception as error:
                self._note(step, error)
                return None
            finally:
                self.moved_at = self._monotonic()
            if self._failing.pop(step, None) is not None:
                log.info("step works again", step=step)
        return result

    def _note(self, step: str, error: Exception) -> None:
        words, known = self._words(error), self._failing.get(step)
        if known is None or known.words != words:
            log.error("step failed", step=step, error=words, exc_info=not self._expected(error))
        times = 1 if known is None else known.times + 1
        # The exponent is bounded before the power is taken: a step may fail for days.
        wait = min(self._first_wait * 2 ** min(times, 16), self._longest_wait)
        self._failing[step] = _Failing(words, times, self._monotonic() + wait)

    def retry_now(self) -> None:
        """Wait for nothing any more: what kept the steps from working is over."""
        for failing in list(self._failing.values()):  # other threads do steps meanwhile
            failing.not_before = 0.0

    def forget(self, step: str) -> None:
        """The step is not this process's any more."""
        self._failing.pop(step, None)

    def fails(self, step: str) -> bool:
        """Whether a step failed when it was last done."""
        return step in self._failing

    @property
    def last_error(self) -> str:
        """What keeps failing, the step that failed most often first, without secrets; "" if nothing does."""
        return self.last_error_besides("")

    def last_error_besides(self, leave_out: str) -> str:
        """What keeps failing besides one step."""
        worst = sorted(self._failing.copy().items(), key=lambda one: -one[1].times)
        said = "; ".join(f"{step}: {failing.words}" for step, failing in worst if step != leave_out)
        return concealed(said)[:_SHORT]
