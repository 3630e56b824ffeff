"""Headings of rosters as HR and learning systems write them, in several languages, and what they stand for."""

from __future__ import annotations

from collections.abc import Mapping

import regex

from reinforce.content.scalars import near
from reinforce.domain.enrolling.column_map import ColumnMap

# By field; compared in lower case without punctuation.
_HEADINGS = {
    "employee_id": (
        "employee id|employee number|employee no|employee nr|employee|employee code|personnel number|personnel no|"
        "personnel id|staff id|staff number|worker id|person number|payroll number|user id|userid|learner id|"
        "student id|id number|idnumber|external id|id|personalnummer|personalnr|personal nr|pers nr|persnr|"
        "mitarbeiternummer|mitarbeiter nr|mitarbeiternr|mitarbeiter id|matricule|numéro de matricule|numéro employé|"
        "numéro d employé|numero de empleado|número de empleado|número de personal|id de empleado|nº empleado|"
        "no empleado|matrícula|matricola|personeelsnummer|medewerkernummer|número de funcionário"
    ),
    "name": (
        "name|full name|fullname|employee name|learner|learner name|user full name|display name|displayname|"
        "student name|worker|participant|mitarbeiter|mitarbeitername|vollständiger name|anzeigename|teilnehmer|"
        "nom complet|nom et prénom|nom prénom|prénom et nom|nombre completo|nombre y apellidos|apellidos y nombre|"
        "nome completo|naam|volledige naam"
    ),
    "first_name": (
        "first name|firstname|given name|givenname|forename|preferred name|vorname|prénom|prenom|nombre|voornaam"
    ),
    "last_name": (
        "last name|lastname|surname|family name|familyname|sn|nachname|familienname|zuname|nom|nom de famille|"
        "apellido|apellidos|cognome|achternaam|sobrenome"
    ),
    "handle": "handle|x handle|x|twitter|twitter handle|x account|account|username|user name|x konto|compte x|cuenta x",
    "zone": "zone|time zone|timezone|tz|zeitzone|fuseau horaire|zona horaria|fuso orario|tijdzone",
    "role": (
        "role|job role|job|job title|jobtitle|function|position|position title|rolle|funktion|stelle|tätigkeit|"
        "rôle|fonction|poste|puesto|cargo|función|functie"
    ),
    "team": "team|quiz team|mannschaft|équipe|equipe|equipo",
    "naming": "naming|may be named|naming opt in|opt in|named|credit|credit opt in",
    "state": (
        "state|status|enrollment status|enrolment status|enrollment state|employment status|employee status|"
        "completion status|learner status|registration status|course status|zustand|teilnahmestatus|"
        "beschäftigungsstatus|kursstatus|statut|état|statut d inscription|estado|estado de inscripción|stato"
    ),
    "left_on": (
        "left on|leaving date|leave date|termination date|last working day|end of employment|exit date|"
        "austritt|austrittsdatum|austritt am|date de sortie|date de départ|date de fin de contrat|fecha de baja|"
        "fecha de salida|uit dienst"
    ),
    "completed_on": (
        "completed on|completion date|date completed|completed date|finished on|abgeschlossen am|abschlussdatum|"
        "date d achèvement|date de fin de formation|terminé le|fecha de finalización|completado el"
    ),
    "moved_from": (
        "moved from|previous cohort|former cohort|from cohort|bisherige kohorte|groupe précédent|grupo anterior"
    ),
}
_FIELDS: Mapping[str, str] = {
    heading: field for field, headings in _HEADINGS.items() for heading in headings.split("|")
}
# How like a known heading one has to be to be taken for a slip of the pen.
_MISSPELT = 80


def folded(heading: str) -> str:
    """A heading as it is compared: lower case, without punctuation."""
    return " ".join(regex.sub(r"[^\p{L}\p{N}]+", " ", heading.casefold()).split())


class Recognising:
    """Which field a heading stands for: as the map says where there is one, else as people call it; with `both`, as
    either says."""

    def __init__(self, columns: ColumnMap | None = None, *, both: bool = False) -> None:
        self._mapped = columns is not None
        self._known = _FIELDS
        if columns is not None:
            mapped = {folded(heading): field for field, heading in columns.columns.items()}
            self._known = {**_FIELDS, **mapped} if both else mapped

    def field(self, heading: str) -> str:
        """The field, "" for none."""
        return self._known.get(folded(heading), "")

    def meant(self, heading: str) -> str:
        """The field that a heading was probably meant to be, "" for none; under a map nothing is guessed."""
        words = folded(heading)
        if self._mapped or not words or words in self._known:
            return ""
        nearest = near(words, self._known, at_least=_MISSPELT)
        return self._known[nearest] if nearest else ""

    def fields(self, cells: tuple[str, ...]) -> list[str]:
        """The field of each cell of a line of headings."""
        return [self.field(cell) for cell in cells]

    def is_whole(self, cells: tuple[str, ...]) -> bool:
        """Whether these cells name the employee id and a name."""
        found = set(self.fields(cells))
        return "employee_id" in found and bool(found & {"name", "first_name", "last_name"})


def proposed(headings: tuple[str, ...]) -> dict[str, str]:
    """Field → heading for those that are recognised, misspelt ones too; the first of a kind is taken."""
    known = Recognising()
    found: dict[str, str] = {}
    for guess in (known.field, known.meant):
        for heading in headings:
            field = guess(heading)
            if field and heading not in found.values():
                found.setdefault(field, heading)
    return found
