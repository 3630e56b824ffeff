"""What each procedure's beliefs are computed with: every version that was ever tried, and which is in force."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, RowMapping, and_, func, insert, select

from reinforce.domain.planning.memory import DEFAULT, Weights
from reinforce.domain.planning.parameters import Origin, Parameters
from reinforce.store import tables as t

_p = t.parameters.c


@dataclass(frozen=True, slots=True)
class ParameterVersion:
    """One row: what was tried at `at` (programme time), why, with how many graded `answers` and closed `posts` to go
    by, what came out (`figures`, plain JSON), and whether it was `kept`."""

    procedure_id: int
    parameters: Parameters
    why: Origin
    kept: bool
    answers: int
    posts: int
    at: datetime
    figures: Mapping[str, Any] = field(default_factory=dict)


def in_force(connection: Connection, at: datetime | None = None) -> dict[int, ParameterVersion]:
    """The newest version that was kept, by procedure, now or `at` an instant that has passed (programme time); those
    that go by the defaults are absent."""
    kept = _p.kept if at is None else and_(_p.kept, _p.at <= at)
    newest = select(func.max(_p.id)).where(kept).group_by(_p.procedure_id)
    rows = connection.execute(select(t.parameters).where(_p.id.in_(newest))).mappings()
    return {row["procedure_id"]: _version(row) for row in rows}


def newest_kept(connection: Connection, procedure_id: int) -> ParameterVersion | None:
    """What is in force for one procedure, locked for this transaction where there is anything to lock."""
    newest = select(t.parameters).where(_p.procedure_id == procedure_id, _p.kept).order_by(_p.id.desc()).limit(1)
    row = connection.execute(newest.with_for_update()).mappings().first()
    return None if row is None else _version(row)


def base_weights(connection: Connection, procedure_id: int) -> Weights:
    """The weights a procedure's scale is sought for: those last fitted and kept, the defaults if there are none."""
    query = select(_p.why, _p.weights).where(_p.procedure_id == procedure_id, _p.kept, _p.why != Origin.SHRINKAGE.value)
    row = connection.execute(query.order_by(_p.id.desc()).limit(1)).first()
    return DEFAULT if row is None else Weights(tuple(row.weights))


def by_nugget(connection: Connection, at: datetime | None = None) -> dict[int, Parameters]:
    """What the beliefs about each nugget are computed with, or were `at` an instant that has passed; those that go by
    the defaults are absent."""
    versions = in_force(connection, at)
    if not versions:
        return {}
    n = t.nugget.c
    query = select(n.id, n.procedure_id).where(n.procedure_id.in_(sorted(versions)))
    return {nugget_id: versions[procedure].parameters for nugget_id, procedure in connection.execute(query)}


def history(connection: Connection, procedure_id: int) -> tuple[ParameterVersion, ...]:
    """Every version of a procedure, the newest first."""
    query = select(t.parameters).where(_p.procedure_id == procedure_id).order_by(_p.id.desc())
    return tuple(_version(row) for row in connection.execute(query).mappings())


def last_tried(connection: Connection, why: Origin) -> dict[int, ParameterVersion]:
    """The newest version that was tried for this reason, kept or not, by procedure."""
    newest = select(func.max(_p.id)).where(_p.why == why.value).group_by(_p.procedure_id)
    rows = connection.execute(select(t.parameters).where(_p.id.in_(newest))).mappings()
    return {row["procedure_id"]: _version(row) for row in rows}


def left_alone(connection: Connection) -> frozenset[int]:
    """The procedures that a person set back to the defaults and nobody has fitted since."""
    newest = select(func.max(_p.id)).group_by(_p.procedure_id)
    query = select(_p.procedure_id).where(_p.id.in_(newest), _p.why == Origin.RESET.value)
    return frozenset(connection.execute(query).scalars())


def record(connection: Connection, version: ParameterVersion) -> None:
    """Add a version, in force from now on if it was kept."""
    connection.execute(
        insert(t.parameters).values(
            procedure_id=version.procedure_id,
            version=version.parameters.version,
            why=version.why.value,
            kept=version.kept,
            weights=list(version.parameters.weights.values),
            model=version.parameters.model_content(),
            answers=version.answers,
            posts=version.posts,
            figures=dict(version.figures),
            at=version.at,
        )
    )


def _version(row: RowMapping) -> ParameterVersion:
    return ParameterVersion(
        procedure_id=row["procedure_id"],
        parameters=Parameters.from_content(row["weights"], row["model"]),
        why=Origin(row["why"]),
        kept=row["kept"],
        answers=row["answers"],
        posts=row["posts"],
        at=row["at"],
        figures=row["figures"],
    )
