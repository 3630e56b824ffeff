"""What is left to do before a real cohort hears from a real account, each with the command that does it."""

from __future__ import annotations

from dataclasses import dataclass

from reinforce.store.reporting.console.cohorts import CohortLine
from reinforce.store.reporting.console.status import HouseStatus


@dataclass(frozen=True, slots=True)
class Item:
    """One line of the checklist: what, why it matters, and the command to type ("" where a person does it on X)."""

    what: str
    why: str
    command: str = ""


def checklist(line: CohortLine | None, house: HouseStatus) -> tuple[Item, ...]:
    """The way to a live cohort, in order. A rehearsal never goes live itself: content moves, people and dates don't."""
    slug = "press-shop" if line is None else line.slug
    schedule = "cohort-adaptive" if line is None else line.schedule
    account = house.accounts[0].name if house.accounts else "main"
    return (
        Item(
            "A workspace of its own",
            "This one stays a rehearsal for good, so that no scripted answer ever counts for a person.",
            "reinforce --workspace live init",
        ),
        Item(
            "Connect the account on X",
            "Opens X in the browser; the tokens are kept encrypted in the workspace.",
            f"reinforce --workspace live account connect {account}",
        ),
        Item(
            "Label it “Automated” and say in its bio who runs it",
            "X asks for both: Settings → Your account → Automation. The check-up below sees what the API shows of it.",
        ),
        Item(
            "Check it: permissions, label, limits, clock",
            "Says what is missing and what to do about it.",
            f"reinforce --workspace live account check {account}",
        ),
        Item(
            "Decide what may be public",
            "Nuggets are internal unless their file says “confidentiality: public”; an internal one is refused for an "
            "account that is not protected on X.",
            "reinforce --workspace live load my-procedure.yaml --dry-run",
        ),
        Item(
            "Have the texts approved by somebody else",
            "Let the owner of the procedure read every wording as it will be posted.",
            f"reinforce --workspace live plan {slug} --days 28",
        ),
        Item(
            "Create the cohort with its cadence",
            "The cadence holds the slots, quiet hours, holidays and caps.",
            f"reinforce --workspace live cohort create {slug} --schedule {schedule} --procedure my-procedure",
        ),
        Item(
            "Enroll the roster",
            "The employee id is the key; a handle is not needed. The dry run lists every line's fault.",
            f"reinforce --workspace live enroll {slug} roster.csv --dry-run",
        ),
        Item(
            "Invite: voluntary, in plain words, with a single-use code",
            "Whoever sends the code back is linked; whoever doesn't stays “not linked”, never “silent”.",
            f"reinforce --workspace live invite {slug}",
        ),
        Item("Start it", "One daemon, looked after like cron.", "reinforce --workspace live daemon"),
    )
