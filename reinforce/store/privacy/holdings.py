"""The register of what the database holds of people, and what erasing somebody does with it.

Erasing goes by this register (erasing.py), so a table that is missing from it would keep its people: a house test wants
every table here, every column with a text, JSON or bytes in it, every remote id and every reference to what may go.
Columns that are not named are numbers, instants and flags; they go with their row, or say nothing by themselves.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum
from typing import Any


class Fate(Enum):
    """What becomes of a column's content when a person is erased. A row goes whole, with all that is in it."""

    WHOSE = "the row is the learner's, and goes"
    AUTHOR = "the row is the X user's, and goes"
    WITH = "the row goes with what it points at"
    ABOUT = "the row stays without its words when what it points at goes (`emptied`)"
    CUT = "emptied when what it points at goes"
    TO_USER = "emptied, in whosever row, where it is the X user"
    TO_POST = "emptied, in whosever row, where it is the X id of a post that goes"
    SEARCHED = "what names the person is struck out, in whosever row it stands"
    REWRITTEN = "the learner's part is taken out of the bytes"
    OWN = "the row's owner's alone, and goes with the row"
    WORDS = "words and numbers of the product, of the team's or of X's; nothing of a learner"
    OPAQUE = "a number or a hash that leads to nobody once the learner's row is gone"


@dataclass(frozen=True, slots=True)
class Column:
    """A column's fate; `of` is the table that WITH, ABOUT and CUT point at."""

    fate: Fate
    of: str = ""


@dataclass(frozen=True, slots=True)
class Holding:
    """One table. `emptied` is what is written into a row of which an ABOUT column's target goes. `note` says what a
    reader of the register would ask."""

    columns: Mapping[str, Column] = field(default_factory=dict)
    emptied: Mapping[str, Any] = field(default_factory=dict)
    note: str = ""

    def named(self, *fates: Fate) -> tuple[str, ...]:
        """The columns of one of these fates."""
        return tuple(name for name, column in self.columns.items() if column.fate in fates)


WHOSE, AUTHOR = Column(Fate.WHOSE), Column(Fate.AUTHOR)
SEARCHED, OWN, WORDS, OPAQUE = (Column(fate) for fate in (Fate.SEARCHED, Fate.OWN, Fate.WORDS, Fate.OPAQUE))
REWRITTEN, TO_USER, TO_POST = Column(Fate.REWRITTEN), Column(Fate.TO_USER), Column(Fate.TO_POST)


def goes_with(table: str) -> Column:
    """The row goes with the row of `table` it points at."""
    return Column(Fate.WITH, table)


def about(table: str) -> Column:
    """The row stays, emptied, when the row of `table` it points at goes."""
    return Column(Fate.ABOUT, table)


def cut(table: str) -> Column:
    """Emptied when the row of `table` it points at goes."""
    return Column(Fate.CUT, table)


def _words(*names: str) -> dict[str, Column]:
    return dict.fromkeys(names, WORDS)


def _searched(*names: str) -> dict[str, Column]:
    return dict.fromkeys(names, SEARCHED)


HOLDINGS: dict[str, Holding] = {
    # --- people ---------------------------------------------------------------------------------------------------
    "learner": Holding(
        {
            "id": WHOSE,
            **dict.fromkeys(("employee_id", "name", "handle", "zone", "language", "role", "remote_user_id"), OWN),
        }
    ),
    "enrollment": Holding({"learner_id": WHOSE, "state": OWN, "cause": OWN, "team": OWN}),
    "joining": Holding({"since_id": OPAQUE}, note="how far search was read for a hashtag"),
    "join_request": Holding({"inbound_id": goes_with("inbound"), "outcome": OWN}),
    "enrollment_gap": Holding({"enrollment_id": goes_with("enrollment")}),
    "absence": Holding({"learner_id": WHOSE}),
    "invitation": Holding({"enrollment_id": goes_with("enrollment"), "code_hash": OWN}),
    "consent": Holding({"learner_id": WHOSE, "kind": OWN, "source": OWN}),
    "wish": Holding(
        {"learner_id": WHOSE, "inbound_id": goes_with("inbound"), "kind": OWN, "value": OWN, "outcome": OWN}
    ),
    # --- what came back -------------------------------------------------------------------------------------------
    "inbound": Holding(
        {
            "learner_id": WHOSE,
            "author_remote_id": AUTHOR,
            "author_handle": OWN,
            "remote_id": OWN,
            "reply_to_user": TO_USER,
            **dict.fromkeys(("in_reply_to", "conversation_id", "quote_of", "edit_of", "replaced_by"), TO_POST),
            "read_as": OWN,
            **_searched("text", "read_why"),
        },
        note="in what others wrote, what names the person is struck out; their posts on X are theirs",
    ),
    "review": Holding({"learner_id": WHOSE, "inbound_id": goes_with("inbound"), "evidence": OWN}),
    "memory": Holding({"packed": REWRITTEN, "mark": OPAQUE, "parameters": WORDS}),
    "signal": Holding(_words("kind"), note="counts only: of nobody in particular"),
    "parameters": Holding(_words("version", "why", "weights", "model", "figures"), note="fitted over all answers"),
    # --- what goes out --------------------------------------------------------------------------------------------
    "outbox": Holding(
        {
            "inbound_id": about("inbound"),
            "reply_to": OPAQUE,
            "remote_id": OPAQUE,
            "text_hash": OPAQUE,
            **_searched("text", "poll", "media", "alternatives", "reason", "decision", "outcome"),
            **_words("form", "occurrence", "state", "owner", "confidentiality"),
        },
        emptied={
            "text": "",
            "reply_to": None,
            "poll": None,
            "media": None,
            "alternatives": [],
            "reason": "",
            "decision": {},
        },
        note="a reply to the person stays as a fact: that it went out, when, and under which id of ours",
    ),
    "attempt": Holding(
        {
            "outbox_id": about("outbox"),
            "text_hash": OPAQUE,
            "reply_to": OPAQUE,
            "since_id": OPAQUE,
            **_searched("poll", "detail"),
            **_words("outcome"),
        },
        emptied={"reply_to": None, "poll": None, "detail": ""},
    ),
    "deletion": Holding({"state": WORDS, **_searched("reason", "outcome")}),
    "picture": Holding(
        {"hash": OPAQUE, "content": WORDS, "media_type": WORDS},
        note="a course's or a nugget's, its author's doing",
    ),
    "picture_upload": Holding({"remote_id": OPAQUE}),
    "quiet": Holding({**_words("occurrence"), **_searched("reason", "decision")}),
    "approval": Holding(
        {
            **_searched("text", "note", "media"),
            **_words("form", "state", "author", "submitted_by", "decided_by"),
            "text_hash": OPAQUE,
            "media_hash": OPAQUE,
        },
        note="who asked and decided are members of the team, not learners",
    ),
    "announcement": Holding(
        {**_searched("texts", "link"), **_words("slug", "at", "ladder", "rank", "audience")},
        note="the team's own words; no text that names somebody is taken",
    ),
    "member": Holding(_words("name", "password_hash"), note="members of the team, not learners"),
    "member_role": Holding(_words("role")),
    "member_identity": Holding(
        {**_words("named", "issuer"), "subject": OPAQUE}, note="whom the company's sign-in knows members of the team as"
    ),
    "sign_in_start": Holding({"mark": OPAQUE, "going_to": WORDS}, note="deleted within a quarter of an hour"),
    "session": Holding({"token_hash": OPAQUE}, note="of members of the team, as are links and tokens"),
    "sign_in_link": Holding({"code_hash": OPAQUE}),
    "sign_in_attempt": Holding({"mark": OPAQUE}, note="hashes of names and addresses, deleted within a day"),
    "api_token": Holding({"token_hash": OPAQUE, **_words("label", "grants")}),
    "kept_answer": Holding(
        dict.fromkeys(("mark", "asked", "sealed"), OPAQUE),
        note="sealed with the caller's token and key; deleted by the first such call after a day",
    ),
    # --- what is taught -------------------------------------------------------------------------------------------
    "procedure": Holding(
        {
            **_searched("title", "owner"),
            **_words("slug", "language", "audience", "confidentiality", "content_hash", "source"),
        }
    ),
    "nugget": Holding(
        {
            **_searched("title", "source_step", "picture"),
            "inbound_id": cut("inbound"),
            **_words("slug", "topic", "tags", "audience", "confidentiality", "content_hash", "origin"),
        },
        note="a nugget made of a colleague's tip stays, without the colleague: its words were edited and approved",
    ),
    "nugget_revision": Holding({"change": WORDS, "content": SEARCHED, "why": WORDS}),
    "recall": Holding(_words("actor", "digest"), note="names members of the team, not learners"),
    "recall_post": Holding(),
    "memory_reset": Holding(),
    "prerequisite": Holding(),
    "wording": Holding({"text": SEARCHED, **_words("language", "style")}),
    "question": Holding({"kind": WORDS, **_searched("prompt", "accepted", "hints", "explanation")}),
    "option": Holding({"key": WORDS, "text": SEARCHED}),
    # --- cohorts and accounts -------------------------------------------------------------------------------------
    "schedule": Holding(_words("name", "content", "content_hash")),
    "cohort": Holding(
        {
            **_searched("title", "paused_reason"),
            **_words("slug", "zone", "language", "country", "answers", "approval", "state", "completes", "hashtag"),
        }
    ),
    "cohort_cadence": Holding(),
    "programme": Holding({**_searched("title", "content"), **_words("slug", "content_hash")}),
    "programme_run": Holding({"content": SEARCHED, **_words("state", "was", "shifts")}),
    "programme_phase": Holding({**_searched("name", "goal")}),
    "programme_item": Holding({**_searched("name", "content", "note"), **_words("kind", "at", "state")}),
    "hold": Holding({"reason": SEARCHED}),
    "column_map": Holding(_words("name", "content"), note="headings of another system's files, not what stood below"),
    "roster_import": Holding({"moves": OPAQUE}, note="ids and states of enrollments; those of the erased are gone"),
    "cohort_procedure": Holding(),
    # --- questions people ask -------------------------------------------------------------------------------------
    "facilitator": Holding(_words("name", "initials", "channel", "address"), note="members of the team, not learners"),
    "inquiry": Holding(
        {
            "inbound_id": goes_with("inbound"),
            "similar_to": cut("inquiry"),
            "kind": OWN,
            "state": OWN,
            "initials": WORDS,
            "way": OWN,
            **_searched("topic", "about", "answer", "outcome"),
        },
        note="a published answer is a post of the outbox, without a name, and stays",
    ),
    "notice": Holding({"inquiry_id": goes_with("inquiry"), "last_error": SEARCHED, **_words("kind", "state")}),
    "passage": Holding(
        {"inquiry_id": goes_with("inquiry"), **_searched("head", "words")},
        note="SQLite's full-text index over it is written anew",
    ),
    # --- quizzes, events, polls -----------------------------------------------------------------------------------
    "quiz": Holding({**_searched("title", "note"), **_words("slug", "state", "pace", "confidentiality", "standings")}),
    "quiz_question": Holding({"content": SEARCHED}),
    "quiz_team": Holding(
        {"name": SEARCHED, "handle": SEARCHED, "remote_user_id": WORDS}, note="a team's own handle is nobody's memory"
    ),
    "quiz_member": Holding({"learner_id": WHOSE, "author_remote_id": AUTHOR, "via": OWN}),
    "quiz_post": Holding(_words("kind")),
    "quiz_answer": Holding(
        {
            "learner_id": WHOSE,
            "author_remote_id": AUTHOR,
            "post_remote_id": OWN,
            **dict.fromkeys(("team", "choice", "ruling", "why"), OWN),
        },
        note="their team keeps the points they brought: places are kept as they were told when the round ended",
    ),
    "event": Holding(
        {"title": SEARCHED, **_words("slug", "kind", "hashtag", "link", "zone", "starts", "ends", "reminders")}
    ),
    "event_feed": Holding({**dict.fromkeys(("since_id", "top_id", "until_id"), OPAQUE), "term": OPAQUE}),
    "event_follow_up": Holding(),
    "event_gap": Holding(_words("reason")),
    "event_post": Holding({"inbound_id": goes_with("inbound")}),
    "course": Holding(
        {
            **_searched("title", "content"),
            **_words("slug", "language", "confidentiality", "author", "content_hash", "loaded_by"),
        }
    ),
    "course_approval": Holding(_words("content_hash", "approved_by"), note="names members of the team, not learners"),
    "course_thread": Holding({**_searched("content", "note"), **_words("state", "content_hash")}),
    "course_post": Holding(),
    "introduction": Holding({"inbound_id": goes_with("inbound")}),
    "introduction_tag": Holding({"introduction_id": goes_with("introduction")}),
    "poll": Holding({**_searched("question", "options"), **_words("topics", "label", "votes", "lost")}),
    "roster_version": Holding(),
    "account": Holding(
        {
            "remote_user_id": WORDS,
            **_words("name", "base_url", "handle", "confidentiality", "state", "paused_reason"),
        },
        note="the company's own account",
    ),
    "credential": Holding(_words("name", "ciphertext", "lease_owner")),
    "cursor": Holding({"since_id": OPAQUE, "feed": WORDS}),
    "rate_window": Holding(_words("name")),
    "breaker": Holding(_words("state")),
    "read_tally": Holding(),
    "budget": Holding(),
    # --- the workspace --------------------------------------------------------------------------------------------
    "workspace": Holding(_words("instance_id", "place")),
    "heartbeat": Holding({**_words("owner", "role"), "last_error": SEARCHED}),
    "leader": Holding(_words("token", "host")),
    "audit": Holding(
        {**_words("actor", "verb", "previous", "hash"), "subject": OPAQUE, "detail": OPAQUE},
        note="opaque ids and counts only, so that it stays whole: nothing in it has to be taken out",
    ),
    "audit_head": Holding({"previous": OPAQUE, "hash": OPAQUE}),
    "suppression": Holding(
        {"person": OPAQUE, "kind": WORDS, "mark": OPAQUE, "key_id": WORDS},
        note="keyed hashes, kept on purpose: they keep the person erased",
    ),
}
