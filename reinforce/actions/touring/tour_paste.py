"""Show a few steps of somebody's own procedure as posts, with what they would cost; nothing is stored."""

from __future__ import annotations

import re
from dataclasses import dataclass

from reinforce.domain.authoring.post_rules import Objection, objections
from reinforce.domain.nugget import Form
from reinforce.domain.sending.budget import Tariff, holds_link, monthly_cost, price_micros
from reinforce.domain.texts.wording import LIMIT, weighted_length
from reinforce.rendering.posts import PostForm, PostRenderer, PostValues

MOST_STEPS = 12
LONGEST_LINE = 4_000
# "1.", "2)", "Step 3:", "-", "•" before a step; but not the number of "5.5 bar", "3-way" or "10:30".
_NUMBERING = re.compile(
    r"^\s*(?:(?:(?:step|schritt|étape|paso)\s*)?\d{1,3}\s*(?:\)|[.:–-](?=\s|$))|[-*•–](?=\s|$))\s*", re.IGNORECASE
)


@dataclass(frozen=True, slots=True)
class PastedStep:
    """One step as the reminder it would become. `length` is weighted as X counts, of `LIMIT`."""

    text: str
    length: int
    price_micros: int
    link: bool
    objections: tuple[Objection, ...]

    @property
    def room(self) -> int:
        """Weighted characters left; negative where the text is too long."""
        return LIMIT - self.length


@dataclass(frozen=True, slots=True)
class Pasted:
    """All steps, and what a month of posts costs at the cadence, links counted as they stand in the steps.

    `left_out` counts lines beyond the first `MOST_STEPS`.
    """

    steps: tuple[PastedStep, ...]
    left_out: int
    posts_a_week: float
    month_micros: int

    @property
    def good(self) -> int:
        """How many steps could be posted as they are."""
        return sum(not step.objections for step in self.steps)


def paste_steps(text: str, *, language: str, posts_a_week: float, renderer: PostRenderer, tariff: Tariff) -> Pasted:
    """One step a line, with or without numbering; empty lines don't count."""
    lines = [_NUMBERING.sub("", line[:LONGEST_LINE]).strip() for line in text.splitlines()]
    lines = [line for line in lines if line]
    steps = tuple(_step(line, language, renderer, tariff) for line in lines[:MOST_STEPS])
    share = sum(step.link for step in steps) / len(steps) if steps else 0.0
    cost = monthly_cost(tariff, posts_per_day=posts_a_week / 7, link_share=share)
    return Pasted(steps, max(len(lines) - MOST_STEPS, 0), posts_a_week, cost.posts)


def _step(line: str, language: str, renderer: PostRenderer, tariff: Tariff) -> PastedStep:
    text = renderer.render(PostForm.REMINDER, PostValues(language=language, text=line))
    return PastedStep(
        text=text,
        length=weighted_length(text),
        price_micros=price_micros(text, form=Form.REMINDER, tariff=tariff),
        link=holds_link(text),
        objections=objections(text),
    )
