"""Programmes from YAML files. docs/reference/programme-file.md describes every key."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from reinforce.content.fields import Fields
from reinforce.content.marks import FaultList, Listing, Marked, read_yaml
from reinforce.content.plain_text import beside
from reinforce.content.programme_items import LISTS, ItemReader, adopt
from reinforce.content.scalars import slug_of
from reinforce.content.schedule_file import find_schedule, read_schedule
from reinforce.domain.cohort import Completes
from reinforce.domain.errors import ContentRefused, NotFound
from reinforce.domain.nugget import Confidentiality
from reinforce.domain.programmes.programme import LONGEST_DAYS, Phase, Programme
from reinforce.domain.texts.canonical_text import nfc

MOST_PHASES = 12
_KEYS = ("title", "slug", "about", "audience", "completes", "join_days", "phases")
_PHASE_KEYS = ("name", "days", "cadence", "caps", "goal", "recall", "assessment", *LISTS)
_CAPS = {"a_day": 50, "a_week": 200, "new_a_week": 200}
_USUAL = "cohort-adaptive"


def read_programme(path: Path, schedules: Path) -> Programme:
    """The programme in a YAML file; `schedules` is the folder of the cadences that ship. Raises ContentRefused with
    every fault of the file, and of the cadences and quizzes that it names."""
    faults = FaultList()
    programme = _Reader(path, schedules, faults).programme(read_yaml(path, faults))
    faults.raise_if_any()
    return programme


class _Reader:
    def __init__(self, path: Path, schedules: Path, faults: FaultList) -> None:
        self._path = path
        self._schedules = schedules
        self._faults = faults
        self._items = ItemReader(path.parent, faults)
        self._names: set[str] = set()

    def programme(self, node: Marked) -> Programme:
        top = Fields(node, "a programme", _KEYS, self._faults)
        top.need("title", 'Add a line such as "title: Lockout rollout".')
        top.need("phases", 'Add "phases:" and under it a list, such as before, during and after.')
        slug = top.slug("slug", slug_of(self._path.stem))
        if not slug:
            self._faults.add(node, "the file's name makes no slug.", 'Add one: "slug: lockout-rollout".')
        nodes = top.nodes("phases", most=MOST_PHASES)
        listed = top.value("phases")
        if isinstance(listed, Listing) and not nodes:
            self._faults.add(listed, "there are no phases.", "Add at least one.")
        phases = tuple(self._phase(one, last=place == len(nodes)) for place, one in enumerate(nodes, start=1))
        programme = Programme(
            slug=slug,
            title=nfc(top.text("title", longest=100)),
            about=nfc(top.text("about", longest=1000)),
            audience=top.choice("audience", Confidentiality.INTERNAL),
            completes=top.choice("completes", Completes.END),
            join_days=top.whole("join_days", 0, least=1, most=LONGEST_DAYS) or None,
            phases=phases,
            quizzes=self._items.quizzes,
        )
        self._check_whole(top, programme)
        return programme

    def _phase(self, node: Marked, *, last: bool) -> Phase:
        fields = Fields(node, "a phase", _PHASE_KEYS, self._faults)
        fields.need("name", "Give it one: name: before")
        name = fields.slug("name", "")
        if name and name in self._names:
            self._faults.add(fields.where("name"), f'the phase "{name}" stands here twice.', "Give each its own name.")
        self._names.add(name)
        if not last:
            fields.need("days", "Say how long it is: days: 14. Only the last phase may go on without an end.")
        days = fields.whole("days", 1, least=1, most=LONGEST_DAYS) if "days" in fields else None
        return Phase(
            name=name,
            days=days,
            cadence=self._cadence(fields),
            goal=nfc(fields.text("goal", longest=500)),
            recall=fields.whole("recall", 0, least=1, most=99) or None,
            assessment=fields.whole("assessment", 0, least=1, most=days or 366) or None,
            items=self._items.read(fields, name, days),
        )

    def _cadence(self, fields: Fields) -> Mapping[str, Any]:
        """The whole content of the phase's cadence, with its caps. After a fault: one that ships."""
        name = fields.text("cadence", _USUAL)
        content: dict[str, Any] = {}
        try:
            content = dict(read_schedule(self._cadence_file(name)).content)
        except NotFound as missing:
            self._faults.add(fields.where("cadence"), f"{missing.message}.", missing.advice)
        except ContentRefused as refused:
            adopt(refused, self._faults)
        if not content:
            content = dict(read_schedule(find_schedule(_USUAL, self._schedules)).content)
        return {**content, "caps": {**content["caps"], **self._caps(fields, content["caps"])}}

    def _cadence_file(self, name: str) -> Path:
        if not name.endswith((".yaml", ".yml")):
            return find_schedule(name, self._schedules)
        path = beside(self._path.parent, name)
        if path is None:
            raise NotFound(f"there is no file {name} beside this one", "Its path begins where this file is.")
        return path

    def _caps(self, fields: Fields, usual: Mapping[str, int]) -> dict[str, int]:
        node = fields.value("caps")
        if node is None:
            return {}
        caps = Fields(node, "caps", tuple(_CAPS), self._faults)
        found = {key: caps.whole(key, usual[key], least=1, most=most) for key, most in _CAPS.items()}
        if found["a_week"] < found["a_day"] and "a_day" not in caps:
            found["a_day"] = found["a_week"]
        if found["a_week"] < found["a_day"]:
            advice = "Raise a_week or lower a_day."
            self._faults.add(caps.where("a_week"), "a week can't hold less than a day may.", advice)
        return found

    def _check_whole(self, top: Fields, programme: Programme) -> None:
        faults, phases = self._faults, programme.phases
        total = sum(phase.days or 0 for phase in phases)
        if total > LONGEST_DAYS:
            advice = f"A programme has {LONGEST_DAYS} days at most."
            faults.add(top.where("phases"), f"its phases have {total} days together.", advice)
        ending = bool(phases) and phases[-1].days is not None
        if programme.join_days is not None and ending and programme.join_days > total:
            faults.add(top.where("join_days"), "one could still join when it is over.", f"Write {total} or less.")
        tested = [phase for phase in phases if phase.assessment is not None]
        if len(tested) > 1:
            advice = "Keep the one that recall is wanted for; a nugget can have a date of its own in its procedure."
            faults.add(top.where("phases"), "there are several assessments.", advice)
        if tested and phases[0] is tested[0] and tested[0].assessment == 1:
            faults.add(top.where("phases"), "the assessment is on the very first day.", "Give it a later day.")
        if programme.completes is Completes.ASSESSMENT and not tested:
            advice = 'Give a phase its day ("assessment: 5"), or write "completes: end".'
            faults.add(top.where("completes"), "there is no assessment to complete it.", advice)
        countries = {(one.cadence["holidays"]["country"], one.cadence["holidays"]["subdivision"]) for one in phases}
        if len(countries) > 1:
            advice = "Leave the country out of the cadences: the cohort's own is kept then."
            faults.add(top.where("phases"), "its cadences keep the holidays of different countries.", advice)
