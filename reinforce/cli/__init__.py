"""The command line: parse, call one action or start one of the top rooms, print.

Every verb imports what it needs when it runs, so that `reinforce --help` stays quick; a test holds the list of modules
that help may import.
"""

from reinforce.cli import (
    access,
    announcing,
    answering,
    approving,
    authoring,
    budgeting,
    courses,
    digesting,
    drafting,
    enrolling,
    events,
    facilitators,
    fitting,
    forecasting,
    guarding,
    introducing,
    joining,
    looking_ahead,
    operating,
    planning,
    polling,
    privacy,
    programmes,
    quizzing,
    reporting,
    revising,
    rosters,
    sharing,
    starters,
    starting,
    watching,
)
from reinforce.cli.house import main_group

for _module in (
    starting,
    authoring,
    drafting,
    rosters,
    enrolling,
    digesting,
    starters,
    programmes,
    joining,
    revising,
    looking_ahead,
    planning,
    approving,
    access,
    announcing,
    quizzing,
    forecasting,
    fitting,
    events,
    introducing,
    sharing,
    courses,
    watching,
    answering,
    facilitators,
    polling,
    reporting,
    operating,
    budgeting,
    guarding,
    privacy,
):
    for _section, _command in _module.COMMANDS:
        main_group.add_to_section(_section, _command)


def main() -> None:
    """Entry point of the `reinforce` script."""
    main_group()
