"""How well replies are read: precision and recall of each class on a labelled set.

    python benchmarks/reading.py FILE [--json]

FILE is a CSV with the columns text, context, label; tests/domain/readings.csv is ours. `context` is `nugget`,
`question:mc:ABCD`, `question:short:<accepted>`, `prompt` or `none`; `label` the most binding intent.
"""

from __future__ import annotations

import argparse
import csv
import json
import sys
from collections import Counter
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from reinforce.content.lexicon_file import read_lexicons
from reinforce.domain.listening.reading import Intent, parse_context, read
from reinforce.shipped import shipped

# A wish is told apart for its own sake; among the labels of a set it is a comment.
LABELS = tuple(intent.value for intent in Intent if intent is not Intent.WISH)


def measure(rows: list[dict[str, str]]) -> dict[str, Any]:
    """{"accuracy", "classes": {label: {"precision", "recall", "count"}}, "rows": [{"text", "label", "read"}]}."""
    lexicon = read_lexicons(shipped("templates") / "lexicon")
    read_rows = [
        {
            "text": row["text"],
            "label": row["label"],
            "read": _label(read(row["text"], parse_context(row["context"]), lexicon).first),
        }
        for row in rows
    ]
    right = sum(row["label"] == row["read"] for row in read_rows)
    return {
        "accuracy": right / len(read_rows) if read_rows else 0.0,
        "classes": {label: _class(read_rows, label) for label in LABELS},
        "rows": read_rows,
    }


def _label(first: Intent) -> str:
    return (Intent.COMMENT if first is Intent.WISH else first).value


def _class(rows: list[dict[str, str]], label: str) -> dict[str, float | int]:
    hits = sum(row["label"] == row["read"] == label for row in rows)
    labelled = sum(row["label"] == label for row in rows)
    read_as = sum(row["read"] == label for row in rows)
    # Nothing read as it, nothing wrongly so; nothing labelled so, nothing missed.
    precision = hits / read_as if read_as else 1.0
    return {"precision": precision, "recall": hits / labelled if labelled else 1.0, "count": labelled}


def load(path: Path) -> list[dict[str, str]]:
    """The rows of a labelled set. Raises SystemExit with what to do where a column or a label is unknown."""
    with path.open(encoding="utf-8-sig", newline="") as file:
        reader = csv.DictReader(file)
        missing = {"text", "context", "label"} - set(reader.fieldnames or ())
        if missing:
            raise SystemExit(f"{path}: no column {', '.join(sorted(missing))}: it needs text, context and label")
        rows = list(reader)
    for number, row in enumerate(rows, start=2):
        if row["label"] not in LABELS:
            raise SystemExit(f"{path}: row {number}: {row['label']!r} is no label; known are {', '.join(LABELS)}")
    return rows


def _print(result: dict[str, Any]) -> None:
    confusion = Counter((row["label"], row["read"]) for row in result["rows"])
    width = max(map(len, LABELS)) + 2
    print("label \\ read".ljust(width + 4) + "".join(label[:8].rjust(9) for label in LABELS) + "   prec.  recall")
    for label in LABELS:
        figures = result["classes"][label]
        counts = "".join(str(confusion[label, read_as] or ".").rjust(9) for read_as in LABELS)
        print(f"{label.ljust(width + 4)}{counts}   {figures['precision']:.3f}   {figures['recall']:.3f}")
    print(f"accuracy {result['accuracy']:.3f} of {len(result['rows'])}")
    for row in result["rows"]:
        if row["label"] != row["read"]:
            print(f"  {row['label']} read as {row['read']}: {row['text']!r}")


def main() -> None:
    """Parse the arguments, measure, print."""
    parser = argparse.ArgumentParser(description="Precision and recall of the reading of replies.")
    parser.add_argument("file", type=Path)
    parser.add_argument("--json", action="store_true", help="print JSON instead of a table")
    arguments = parser.parse_args()
    result = measure(load(arguments.file))
    if arguments.json:
        print(json.dumps(result, ensure_ascii=False, indent=2))
    else:
        _print(result)


if __name__ == "__main__":
    main()
