"""Leaves X's own cases out where a checkout does not have them beside it (not skipped: there is nothing to run)."""

from __future__ import annotations

from pathlib import Path

OFFICIAL = Path(__file__).resolve().parents[3] / "shared" / "data" / "twitter-text"

collect_ignore = [] if OFFICIAL.is_dir() else ["test_x_conformance.py"]
