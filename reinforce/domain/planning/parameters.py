"""What a belief is computed with: the weights of memory, and how people see and answer posts.

They belong to a procedure, not to a cohort: a belief about a nugget is shared by all cohorts that learn it, and how
fast something is forgotten is first of all a matter of what it is.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from enum import StrEnum
from typing import Any

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

    def model_content(self) -> dict[str, Any]:
        """The model of evidence as plain JSON."""
        content = asdict(self.model)
        return {
            name: {form.value: share for form, share in value.items()} if isinstance(value, Mapping) else value
            for name, value in content.items()
        }

    @classmethod
    def from_content(cls, weights: Sequence[float], model: Mapping[str, Any]) -> Parameters:
        """What `model_content` wrote, with its weights; what a later version has added takes its default."""
        known: dict[str, Any] = {}
        for name, default in asdict(MODEL).items():
            value = model.get(name, default)
            if isinstance(default, Mapping):
                # In the order of the model itself, whatever a database makes of it: the version depends on it.
                value = {form: float(value.get(form, default[form])) for form in default}
            known[name] = value
        return cls(Weights(tuple(float(one) for one in weights)), EvidenceModel(**known))


class Origin(StrEnum):
    """Why a procedure has the parameters it has."""

    SHRINKAGE = "shrinkage"
    FIT = "fit"
    RESET = "reset"


DEFAULT_PARAMETERS = Parameters()
