"""How a scripted learner forgets: a power law of time with an ability of their own.

After Wickelgren (1974) as fitted by Wixted & Carpenter (2007, Psychological Science 18:133-134): the strength of a
memory t after it was last met is m(t) = λ·(1 + β·t)^(-ψ). Here λ rises and ψ falls with the number of encounters, and
each learner has their own ψ. It shares nothing with the model the product uses to plan.
"""

from __future__ import annotations

DAY = 86_400_000

# λ after the first full encounter, and β a day: Wixted & Carpenter's fits lie around these.
FIRST_STRENGTH = 0.82
SCALE_PER_DAY = 1.2
DECAY = 0.42
# How much slower one forgets with each encounter.
CONSOLIDATION = 0.55

# Worth of an encounter against answering a question about it.
SILENT_READING = 0.4
ACKNOWLEDGED = 0.7
ANSWERED = 1.0


def recall(encounters: float, elapsed_ms: int, forgetting: float, known_before: float) -> float:
    """Chance of recalling something after `encounters`, the last of them `elapsed_ms` of programme time ago.

    `forgetting` is the learner's own factor on the decay (1: average); `known_before` the chance of having known it
    without ever meeting it here.
    """
    if encounters <= 0:
        return known_before
    strength = 1.0 - (1.0 - FIRST_STRENGTH) ** encounters
    decay = DECAY * forgetting / (1.0 + CONSOLIDATION * (encounters - min(encounters, 1.0)))
    kept: float = strength * (1.0 + SCALE_PER_DAY * max(elapsed_ms, 0) / DAY) ** -decay
    return known_before + (1.0 - known_before) * kept
