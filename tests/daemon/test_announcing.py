"""News with a date: shown with its price first, told on the days before by the daemon, called off, never said twice."""

from __future__ import annotations

import json
from datetime import date, datetime, time
from zoneinfo import ZoneInfo

import pytest
from click.testing import CliRunner, Result

from reinforce.actions.announcing.prepare import cancel, create, foretell
from reinforce.cli.house import main_group
from reinforce.domain.announcing.announcement import NewAnnouncement, tellings
from reinforce.domain.errors import Conflict, NotAllowed, NotFound, ReinforceError
from reinforce.domain.nugget import Confidentiality
from reinforce.domain.sending.outbox import OutboxItem, State
from tests.daemon.conftest import Crew

BERLIN = ZoneInfo("Europe/Berlin")
DAY = date(2026, 3, 17)
TEXTS = ("Open day at the training centre on {date}.", "Three days to the open day.", "Open day today, from ten.")


def _typed(crew: Crew, *words: str, answer: str = "") -> Result:
    return CliRunner().invoke(main_group, ["--workspace", str(crew.folder / "workspace"), *words], input=answer)


def _slug(crew: Crew) -> str:
    return str(json.loads(_typed(crew, "cohort", "list", "--json").output)[0]["slug"])


def _news(crew: Crew, *states: State) -> list[OutboxItem]:
    return [one for one in crew.items(*states) if one.form == "announcement"]


def test_an_event_is_told_of_on_its_ladder_and_called_off(sqlite_crew: Crew) -> None:
    crew = sqlite_crew
    house = crew.open_house()
    slug, daemon = _slug(crew), crew.hire(house=house)
    said = [word for text in TEXTS for word in ("--text", text)]
    words = ["announce", "create", "open-day", "--cohort", slug, "--day", DAY.isoformat(), *said]
    words += ["--link", "https://example.org/open-day", "--audience", "public", "--at", "10:00"]
    refused = _typed(crew, *words, answer="n\n")
    assert refused.exit_code == 1
    assert "With its link it costs $0.60 in all" in refused.output
    assert "No announcement yet" in _typed(crew, "announce", "list").output
    assert _typed(crew, *words, answer="y\n").exit_code == 0
    for day, hour in ((2, 12), (3, 9), (3, 12), (13, 9), (14, 12), (16, 12)):
        crew.house.clock.step_to(datetime(2026, 3, day, hour, tzinfo=BERLIN))
        for _ in range(3):
            house.let_pass(60)
            daemon.tick()
    posted = _news(crew, State.POSTED)
    assert [one.occurrence.rsplit("/", 1)[1] for one in posted] == ["14", "3"]
    assert posted[0].text == "Open day at the training centre on Tuesday 17 March.\nhttps://example.org/open-day"
    assert posted[0].due_at == datetime(2026, 3, 3, 10, tzinfo=BERLIN)
    (waiting,) = _news(crew, State.PLANNED)
    assert "14 d: posted, 3 d: posted, 0 d: planned" in " ".join(_typed(crew, "announce", "list").output.split())
    done = json.loads(_typed(crew, "announce", "cancel", "open-day", "--json").output)
    assert done["withdrawn"] == [waiting.id]
    crew.house.clock.step_to(datetime(2026, 3, 17, 11, tzinfo=BERLIN))
    daemon.tick()
    assert _news(crew, State.PLANNED) == []
    assert len(_news(crew, State.POSTED)) == 2
    crew.require_nothing_twice()


def test_what_can_t_be_told_so_is_refused_with_what_to_do(sqlite_crew: Crew) -> None:
    crew, slug = sqlite_crew, _slug(sqlite_crew)
    house, now = crew.house, crew.house.clock.now()

    def made(**changes: object) -> None:
        values = {"slug": "news", "day": DAY, "texts": TEXTS, "expires": DAY, "audience": Confidentiality.PUBLIC}
        foretell(house.database, slug, NewAnnouncement(**{**values, **changes}), house.tariff, now=now)  # type: ignore[arg-type]

    made()
    with pytest.raises(ReinforceError, match="3 posts need 3 wordings, and there are 2"):
        made(texts=TEXTS[:2])
    with pytest.raises(ReinforceError, match="two of its wordings are the same"):
        made(texts=(TEXTS[0],) * 3)
    with pytest.raises(ReinforceError, match="the days before must be different"):
        made(ladder=(3, 3, 0))
    with pytest.raises(ReinforceError, match="would expire before it was first told of"):
        made(expires=date(2026, 3, 1))
    with pytest.raises(ReinforceError, match="is no web address"):
        made(link="example")
    with pytest.raises(NotAllowed, match="its time is over"):
        made(day=date(2026, 2, 20), expires=date(2026, 2, 20))
    with pytest.raises(NotAllowed):
        made(texts=("word " * 80, *TEXTS[1:]))
    new = NewAnnouncement("news", DAY, TEXTS, DAY, audience=Confidentiality.PUBLIC)
    create(house.database, slug, new, house.tariff, actor="test", now=now)
    with pytest.raises(Conflict, match="there is an announcement news already"):
        create(house.database, slug, new, house.tariff, actor="test", now=now)
    with pytest.raises(NotFound, match="there is no announcement other"):
        cancel(house.database, "other", actor="test", now=now)


def test_each_step_is_said_until_the_next_has_its_turn_and_none_after_it_expires() -> None:
    new = NewAnnouncement("news", DAY, TEXTS, date(2026, 3, 16), ladder=(0, 3, 14), at=time(10))
    steps = tellings(new, "Europe/Berlin", "Tuesday")
    assert [one.days for one in steps] == [14, 3]
    assert steps[0].until == steps[1].at == datetime(2026, 3, 14, 10, tzinfo=BERLIN)
    assert steps[1].until == datetime(2026, 3, 17, 0, tzinfo=BERLIN)
    assert steps[0].occurrence(7) == "announcement/7/14"
