"""What the cells of a roster say: its states, its dates."""

from __future__ import annotations

from datetime import date

import regex

from reinforce.content.marks import FaultList, Place
from reinforce.content.roster_headings import folded
from reinforce.content.scalars import short
from reinforce.domain.cohort import EnrollmentState
from reinforce.domain.enrolling.column_map import ColumnMap, DateOrder
from reinforce.domain.texts.spreadsheet_cells import as_written

_PRESENT = (
    "invited|enrolled|active|enabled|current|employed|registered|assigned|in progress|not started|started|joined|"
    "aktiv|angemeldet|eingeschrieben|in bearbeitung|nicht begonnen|beschäftigt|actif|inscrit|inscrite|"
    "en cours|non commencé|activo|activa|inscrito|inscrita|en curso|no iniciado"
)
_WITHDRAWN = (
    "withdrawn|left|leaver|terminated|inactive|disabled|deactivated|resigned|retired|cancelled|canceled|unenrolled|"
    "dropped|ausgetreten|inaktiv|ausgeschieden|abgemeldet|gekündigt|parti|partie|sorti|sortie|inactif|"
    "désinscrit|démissionné|baja|inactivo|inactiva|retirado|retirada|dado de baja"
)
_COMPLETED = (
    "completed|complete|passed|finished|done|certified|abgeschlossen|bestanden|fertig|terminé|terminée|"
    "achevé|achevée|réussi|completado|completada|aprobado|aprobada|finalizado|finalizada"
)
_LAPSED = "lapsed|expired|overdue|abgelaufen|verfallen|expiré|expirée|caducado|vencido"
_WORDS: dict[str, EnrollmentState | None] = {
    **{folded(word): EnrollmentState.LAPSED for word in _LAPSED.split("|")},
    **{folded(word): None for word in _PRESENT.split("|")},
    **{folded(word): EnrollmentState.WITHDRAWN for word in _WITHDRAWN.split("|")},
    **{folded(word): EnrollmentState.COMPLETED for word in _COMPLETED.split("|")},
}
_NUMBERS = regex.compile(r"([0-9]{1,4})[./\-]([0-9]{1,2})[./\-]([0-9]{1,4})(?:[T ].*)?")
_WHOLE_NUMBER = regex.compile(r"([0-9]+)[.,]0+")


class States:
    """What the words of a state column mean, by a map and by what everybody calls it."""

    def __init__(self, columns: ColumnMap) -> None:
        self._words = dict(_WORDS)
        for words, state in (
            (columns.present, None),
            (columns.withdrawn, EnrollmentState.WITHDRAWN),
            (columns.completed, EnrollmentState.COMPLETED),
        ):
            self._words |= {folded(word): state for word in words}

    def read(self, text: str, place: Place, faults: FaultList) -> EnrollmentState | None:
        """WITHDRAWN, COMPLETED, LAPSED, or None for somebody who takes part; another word is reported."""
        if not text:
            return None
        if folded(text) not in self._words:
            advice = f'Say so with --present, --withdrawn or --completed "{short(text)}".'
            faults.add(place, f'what the state "{short(text)}" means is not known.', advice)
        return self._words.get(folded(text))


def read_date(text: str, order: DateOrder, place: Place, faults: FaultList) -> date | None:
    """A date in whatever order the map says, with or without a time of day; reported where it is none, or where it
    could be two."""
    if not text:
        return None
    found = _NUMBERS.fullmatch(text)
    if found is None:
        faults.add(place, f'"{short(text)}" is no date.', "Write it like 2026-12-31.")
        return None
    first, second, third = (int(number) for number in found.groups())
    if len(found[1]) == 4:
        return _date(first, second, third, text, place, faults)
    if len(found[3]) != 4:
        faults.add(place, f'"{short(text)}" has no year of four digits.', "Write it like 2026-12-31.")
        return None
    day_first, month_first = (second, first), (first, second)
    if order is DateOrder.DAY_FIRST or first > 12:
        month, day = day_first
    elif order is DateOrder.MONTH_FIRST or second > 12 or first == second:
        month, day = month_first
    else:
        faults.add(place, f'"{text}" could be two dates.', "Say what comes first: --dates dmy or --dates mdy.")
        return None
    return _date(third, month, day, text, place, faults)


def _date(year: int, month: int, day: int, text: str, place: Place, faults: FaultList) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        faults.add(place, f'"{short(text)}" is no date.', "See whether day and month are the right way round: --dates.")
        return None


def read_id(text: str, digits: int) -> str:
    """An employee id as it is meant: what a spreadsheet made a decimal of (123.0) is whole again, and numbers get their
    zeros back where the map says how long they are."""
    found = _WHOLE_NUMBER.fullmatch(text)
    whole = found[1] if found else text
    return whole.zfill(digits) if whole.isdigit() else whole


def read_cell(text: str, *, of_sheet: bool) -> str:
    """A cell's text with its white space folded; in a CSV, less an apostrophe that kept it from being a formula."""
    folded_text = " ".join(text.split())
    return folded_text if of_sheet else as_written(folded_text)
