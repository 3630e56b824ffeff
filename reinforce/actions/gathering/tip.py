"""A colleague's tip becomes a nugget in one step: nameless, or credited to who has agreed to be named."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import regex
from sqlalchemy import Connection

from reinforce.content.added_nugget import read_added
from reinforce.content.nugget_entry import Inherited
from reinforce.domain.cohort import ConsentKind
from reinforce.domain.errors import NotAllowed, NotFound
from reinforce.domain.listening.inbound import Inbound
from reinforce.domain.nugget import Confidentiality, Nugget, Origin, StoredNugget
from reinforce.domain.texts.naming_guard import find_names
from reinforce.domain.texts.web_addresses import find_addresses
from reinforce.rendering.composing import ordinary_words
from reinforce.rendering.posts import PostRenderer
from reinforce.store.authoring import additions, nuggets
from reinforce.store.authoring.nuggets import StoredProcedure
from reinforce.store.listening import inbox
from reinforce.store.operating import audit
from reinforce.store.people import cohorts, people
from reinforce.store.session import Database

_AT_OR_TAG = regex.compile(r"(?<![\p{L}\p{N}_])[@#＠＃][\p{L}\p{M}\p{N}_]+")


@dataclass(frozen=True, slots=True)
class NewTip:
    """What becomes of a reply. Without `wordings` it is the reply's own words, less handles, hashtags and links.
    `credit`: with its author's name where that author has agreed to be named."""

    procedure: str
    title: str
    wordings: tuple[str, ...] = ()
    slug: str = ""
    topic: str = ""
    public: bool = False
    credit: bool = False


def add_tip(
    database: Database, inbound_id: int, new: NewTip, renderer: PostRenderer, *, actor: str, now: datetime
) -> StoredNugget:
    """Make a nugget of a reply. A credited one keeps its nameless wordings beside those with the name: if the author
    takes the consent back, or says stop, the naming guard lets no text with the name through, and those remain.

    Raises NotFound; NotAllowed where the author has not agreed to be named, a text names somebody else, or the reply is
    gone from X; ContentRefused and Conflict as loading a file would.
    """
    with database.write() as connection:
        post = _post(connection, inbound_id)
        procedure = nuggets.procedure_by_slug(connection, new.procedure)
        plain = new.wordings or (own_words(post.text),)
        credited = _credited(connection, post, plain, procedure.language, renderer) if new.credit else ()
        nugget = _read(new, (*credited, *plain), procedure)
        _require_nameless(connection, procedure, post, nugget)
        made = additions.add_nugget(connection, procedure, nugget, Origin.TIP, inbound_id, now)
        detail = {"inbound": inbound_id, "procedure": procedure.id, "credited": new.credit}
        audit.record(connection, actor, "tip", f"nugget/{made.id}", detail, now)
        return made


def take_back(database: Database, inbound_id: int, *, actor: str, now: datetime) -> StoredNugget:
    """Retire the nugget that was made of a reply; what was posted stays on record. Raises NotFound."""
    with database.write() as connection:
        gone = additions.retire_addition(connection, inbound_id, now)
        audit.record(connection, actor, "tip-undo", f"nugget/{gone.id}", {"inbound": inbound_id}, now)
        return gone


def own_words(text: str) -> str:
    """What somebody wrote, less what is no part of a tip: handles, hashtags, addresses."""
    for address in reversed(find_addresses(text)):
        text = text[: address.start] + text[address.end :]
    return " ".join(_AT_OR_TAG.sub("", text).split())


def _post(connection: Connection, inbound_id: int) -> Inbound:
    post = inbox.inbound(connection, inbound_id)
    if post is None:
        raise NotFound(f"there is no reply with the number {inbound_id}", "See what there is: reinforce inbox")
    if post.gone_at is not None:
        raise NotAllowed("X shows this reply no more: its author took it back", "Ask them, and write it in your words.")
    return post


def _credited(
    connection: Connection, post: Inbound, wordings: tuple[str, ...], language: str, renderer: PostRenderer
) -> tuple[str, ...]:
    advice = "Leave --credit out: the tip goes out without a name."
    learner = None if post.learner_id is None else people.learner_by_id(connection, post.learner_id)
    if learner is None:
        raise NotAllowed("nobody on a roster is known to have written this reply", advice)
    if learner.stopped or learner.id not in people.live_consents(connection, ConsentKind.NAMING):
        raise NotAllowed("its author has not agreed to be named", advice)
    return tuple(renderer.say("credited", language, text=text, name=learner.name) for text in wordings)


def _read(new: NewTip, wordings: tuple[str, ...], procedure: StoredProcedure) -> Nugget:
    values = {
        "title": new.title,
        "slug": new.slug,
        "topic": new.topic,
        "wordings": wordings,
        "confidentiality": Confidentiality.PUBLIC.value if new.public else "",
    }
    return read_added(values, Inherited(procedure.language, procedure.confidentiality))


def _require_nameless(connection: Connection, procedure: StoredProcedure, post: Inbound, nugget: Nugget) -> None:
    """The guard is asked again at plan and publish; who types a name should hear of it now."""
    account_ids = {cohort.account_id for cohort in cohorts.cohorts_of_procedure(connection, procedure.id)}
    ordinary = ordinary_words(nuggets.procedure_nuggets(connection, procedure.id))
    for account_id in sorted(account_ids | {post.account_id}):
        marks = people.people_marks(connection, account_id)
        if any(find_names(wording.text, marks, ordinary) for wording in nugget.wordings):
            raise NotAllowed(
                "a wording names somebody who has not agreed to it", "Write the role instead, with --wording TEXT."
            )
