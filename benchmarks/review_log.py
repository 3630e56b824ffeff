"""Reads a log of reviews: learner, item, time, rating, as CSV or Parquet.

`learner` and `item` are any names. `rating` is FSRS's: 1 Again, 2 Hard, 3 Good, 4 Easy. `time` is ISO 8601 (UTC where
it names no zone), or a number of seconds since 1970. More columns may be there. Every fault is told with its file and
line (in Parquet its row), and nothing is read from a file that has any.
"""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, date, datetime
from math import isfinite
from pathlib import Path
from typing import Any

import numpy as np

from reinforce.domain.planning.fitting import Repetitions

COLUMNS = ("learner", "item", "time", "rating")
# Faults that are told before the rest are only counted.
_SHOWN = 20
_RATINGS = {1, 2, 3, 4}


class BadLog(ValueError):
    """The file is no log of reviews; the message lists the faults, each with its place."""


def read_log(path: Path) -> Repetitions:
    """The reviews of a file in order of time; those of one instant as the file has them. Raises BadLog."""
    if not path.is_file():
        raise BadLog(f"{path}: there is no such file.")
    rows = _parquet_rows(path) if path.suffix.lower() in (".parquet", ".pq") else _csv_rows(path)
    pairs: dict[tuple[str, str], int] = {}
    found: list[tuple[int, float, int]] = []
    faults: list[str] = []
    for place, row in rows:
        if not row:
            faults.append(f"{path}:{place}: it has another number of cells than the first line.")
            continue
        try:
            learner, item = _name(row, "learner"), _name(row, "item")
            day, rating = _day(row["time"]), _rating(row["rating"])
        except ValueError as error:
            faults.append(f"{path}:{place}: {error}")
            continue
        found.append((pairs.setdefault((learner, item), len(pairs)), day, rating))
    if faults:
        more = [f"and {len(faults) - _SHOWN} more"] if len(faults) > _SHOWN else []
        raise BadLog("\n".join([*faults[:_SHOWN], *more]))
    if not found:
        raise BadLog(f"{path}: there are no reviews in it.")
    whose, days, ratings = (np.asarray(column) for column in zip(*found, strict=True))
    order = np.argsort(days, kind="stable")
    return Repetitions(whose[order].astype(np.intp), days[order].astype(np.float64), ratings[order].astype(np.int64))


def _csv_rows(path: Path) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """(line, row) of each row that is not blank."""
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            reader = csv.DictReader(file, strict=True)
            _require_columns(path, reader.fieldnames or ())
            for row in reader:
                # A cell too many comes under the key None, one too few as the value None: then no cell can be trusted.
                torn = None in row or None in row.values()
                yield str(reader.line_num), {} if torn else row
    except UnicodeDecodeError as error:
        raise BadLog(f"{path}: it is not UTF-8 text (byte {error.start}).") from error
    except csv.Error as error:
        raise BadLog(f"{path}:{reader.line_num + 1}: it is no CSV: {error}.") from error


def _parquet_rows(path: Path) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """("row n", row) of each row."""
    try:
        from pyarrow import ArrowException  # noqa: PLC0415 - a CSV is read without it
        from pyarrow.parquet import ParquetFile  # noqa: PLC0415
    except ImportError as error:
        raise BadLog(f"{path}: reading Parquet needs pyarrow (pip install pyarrow), or save it as CSV.") from error
    try:
        file = ParquetFile(path)
        _require_columns(path, file.schema_arrow.names)
        place = 0
        for batch in file.iter_batches(columns=list(COLUMNS)):
            for row in batch.to_pylist():
                place += 1
                yield f"row {place}", row
    except (ArrowException, OSError) as error:
        raise BadLog(f"{path}: it is no Parquet: {error}.") from error


def _require_columns(path: Path, names: Iterable[str]) -> None:
    missing = [name for name in COLUMNS if name not in set(names)]
    if missing:
        raise BadLog(f"{path}:1: the columns {', '.join(COLUMNS)} are wanted; there is no {', no '.join(missing)}.")


def _name(row: Mapping[str, Any], column: str) -> str:
    value = row[column]
    if value is None or not str(value).strip():
        raise ValueError(f"there is no {column}.")
    return str(value).strip()


def _rating(value: Any) -> int:
    try:
        number = float(value)
    except (TypeError, ValueError):
        number = 0.0
    if number not in _RATINGS:
        raise ValueError(f"the rating is {value!r}: 1 (Again), 2 (Hard), 3 (Good) or 4 (Easy) is wanted.")
    return int(number)


def _day(value: Any) -> float:
    """Days since 1970, UTC."""
    if isinstance(value, datetime):
        return _of_instant(value)
    if isinstance(value, date):
        return _of_instant(datetime(value.year, value.month, value.day, tzinfo=UTC))
    text = "" if value is None else str(value).strip()
    try:
        seconds = float(text)
    except ValueError:
        try:
            return _of_instant(datetime.fromisoformat(text))
        except ValueError:
            wanted = "ISO 8601 (2026-03-02T08:55:00Z) or seconds since 1970"
            raise ValueError(f"the time is {text!r}: {wanted} is wanted.") from None
    if not isfinite(seconds):
        raise ValueError(f"the time is {text!r}, which is no instant.")
    return seconds / 86_400.0


def _of_instant(instant: datetime) -> float:
    return (instant if instant.tzinfo else instant.replace(tzinfo=UTC)).timestamp() / 86_400.0
