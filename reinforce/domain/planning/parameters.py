"""What a belief is computed with: the weights of memory, and how people see and answer posts.

They belong to a procedure, not to a cohort: a belief about a nugget is shared by all cohorts that learn it, and how
fast something is forgotten is first of all a matter of what it is.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field

from reinforce.domain.planning.exposure import MODEL, EvidenceModel
from reinforce.domain.planning.memory import DEFAULT, Weights


@dataclass(frozen=True, slots=True)
class Parameters:
    """The weights of FSRS-6 and the model of evidence, together."""

    weights: Weights = field(default=DEFAULT)
    model: EvidenceModel = field(default=MODEL)

    @property
    def version(self) -> str:
        """Names the pair: "fsrs6-<weights>-<model>"; differs where any number differs."""
        model = hashlib.blake2b(repr(self.model).encode(), digest_size=4).hexdigest()
        return f"fsrs6-{self.weights.version}-{model}"


DEFAULT_PARAMETERS = Parameters()
