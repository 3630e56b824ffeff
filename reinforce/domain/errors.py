"""What can go wrong, in the words a person reads.

::

    ReinforceError            message + what to do next; the command line prints both and exits 1
    ├── ContentRefused        every fault of the files, none of their content loaded
    ├── NotFound              a name that nothing answers to (with near names)
    ├── NotAllowed            a rule of the product forbids it (confidentiality, consent, rehearsal)
    │   └── SignInRefused     a name and password that fit nobody, or too many of them
    ├── ProviderFault         the company's sign-in did not answer, or not in a way that can be believed
    └── Conflict              somebody changed the same thing first
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass


class ReinforceError(Exception):
    """An error a person can act on. `advice` is one sentence that says what to do next."""

    def __init__(self, message: str, advice: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.advice = advice


@dataclass(frozen=True, slots=True, order=True)
class Fault:
    """One fault of one file. Lines and columns count from 1; in a sheet `cell` names the place ("Nuggets!C7")."""

    file: str
    line: int
    column: int
    message: str
    advice: str
    cell: str = ""

    def __str__(self) -> str:
        place = f"{self.file}:{self.cell}" if self.cell else f"{self.file}:{self.line}:{self.column}"
        return f"{place}: {self.message} {self.advice}".rstrip()


class ContentRefused(ReinforceError):
    """The files were refused whole. `faults` lists everything that is wrong with them, in file order."""

    def __init__(self, faults: Iterable[Fault]) -> None:
        self.faults: tuple[Fault, ...] = tuple(sorted(faults))
        count = len(self.faults)
        super().__init__(
            f"{count} fault{'s' if count != 1 else ''} found; nothing was loaded.",
            "Mend the lines above and load the file again.",
        )


class NotFound(ReinforceError):
    """A name that nothing answers to."""


class NotAllowed(ReinforceError):
    """A rule of the product forbids what was asked."""


class SignInRefused(NotAllowed):
    """A sign-in that failed, without saying why. `wait` (seconds): none is looked at before."""

    def __init__(self, message: str, advice: str = "", *, wait: int = 0) -> None:
        super().__init__(message, advice)
        self.wait = wait


class ProviderFault(ReinforceError):
    """The company's sign-in did not answer, or not in a way that can be believed."""


class Conflict(ReinforceError):
    """Somebody changed the same thing first; reading it again and repeating is safe."""
