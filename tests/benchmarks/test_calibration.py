"""Models of recall held against a log: what is read, what is refused, and that the figures are right."""

from __future__ import annotations

import json
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
from fsrs_rs_python import DEFAULT_PARAMETERS, FSRS, FSRSItem, FSRSReview
from pyarrow import parquet

from calibration import measure, table
from recall_models import Log, fsrs
from reinforce.domain.planning import memory
from reinforce.domain.planning.accuracy import History, auc, calibration, log_loss, rmse_bins
from reinforce.domain.planning.fitting import Repetitions
from reinforce.domain.planning.memory import Weights
from reinforce.domain.planning.shrinkage import scaled
from review_log import BadLog, read_log

PROGRAM = Path(__file__).resolve().parents[2] / "benchmarks" / "calibration.py"
START = datetime(2026, 1, 5, 9, tzinfo=UTC)
MODELS = {"constant", "moving-average", "hlr", "fsrs6-default", "fsrs6-fitted"}
Row = tuple[str, str, str, int]


def _simulated(pairs: int, each: int, truth: Weights, seed: int = 1) -> list[Row]:
    """Reviews on whole days by memories with weights `truth`, half of them known from the start."""
    draw = np.random.default_rng(seed)
    stability, difficulty, day = np.full(pairs, np.nan), np.full(pairs, np.nan), draw.integers(0, 300, pairs)
    rows = []
    for turn in range(each):
        gap = np.ceil(np.exp(draw.normal(1.2, 1.0, pairs)))
        known = memory.retrievability(stability, gap, truth.decay) if turn else np.full(pairs, 0.5)
        rating = np.where(draw.random(pairs) < known, 3, 1)
        stability, difficulty = memory.repeat(stability, difficulty, gap, rating, truth)
        day = day + gap.astype(int)
        rows += [
            (f"l{i % 40}", f"i{i // 40}", (START + timedelta(days=int(day[i]))).isoformat(), int(rating[i]))
            for i in range(pairs)
        ]
    return rows


@pytest.fixture(scope="module")
def log_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """4,800 reviews of what is forgotten far sooner than FSRS's defaults have it."""
    path = tmp_path_factory.mktemp("log") / "log.csv"
    truth = scaled(memory.DEFAULT, 0.15)
    lines = ["learner,item,time,rating,note", *(f"{a},{b},{c},{d},x" for a, b, c, d in _simulated(800, 6, truth))]
    path.write_text("\n".join(lines), "utf-8")
    return path


def test_the_fit_beats_the_defaults_and_everything_plainer_on_a_log_of_other_weights(log_file: Path) -> None:
    done = subprocess.run(
        [sys.executable, str(PROGRAM), str(log_file), "--json"], capture_output=True, text=True, check=True
    )
    found = json.loads(done.stdout)
    assert found["reviews"] == 4_800
    assert 0 < found["judged_by"] < 4_800 - found["fitted_to"] + 1
    assert set(found["models"]) == MODELS
    loss = {name: model["log_loss"] for name, model in found["models"].items()}
    assert min(loss, key=lambda name: loss[name]) == "fsrs6-fitted"
    assert loss["fsrs6-fitted"] < loss["constant"] - 0.02
    assert loss["fsrs6-fitted"] < loss["fsrs6-default"] - 0.02
    assert found["models"]["fsrs6-fitted"]["auc"] > 0.6
    assert found["models"]["constant"]["auc"] == 0.5
    assert all(model["rmse_bins"] < 0.5 for model in found["models"].values())


def test_parquet_gives_the_same_figures_and_the_table_names_every_model(log_file: Path, tmp_path: Path) -> None:
    rows = [line.split(",") for line in log_file.read_text("utf-8").splitlines()[1:]]
    columns = {
        "learner": [row[0] for row in rows],
        "item": [row[1] for row in rows],
        "time": [datetime.fromisoformat(row[2]) for row in rows],
        "rating": [int(row[3]) for row in rows],
    }
    path = tmp_path / "log.parquet"
    parquet.write_table(pa.table(columns), path)
    found = measure(Log.of(read_log(path)), 0.25)
    assert found == measure(Log.of(read_log(log_file)), 0.25)
    assert all(name in table(found) for name in MODELS)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("learner,item,when,rating\na,b,1,3\n", ["log.csv:1:", "no time"]),
        ("learner,item,time,rating\na,b,1,3\na,b,tomorrow,3\n", ["log.csv:3:", "tomorrow", "ISO 8601"]),
        ("learner,item,time,rating\na,b,1,5\n,b,2,3\n", ["log.csv:2:", "1 (Again)", "log.csv:3:", "no learner"]),
        ("learner,item,time,rating\na,b,nan,3\n", ["log.csv:2:", "no instant"]),
        ("learner,item,time,rating\na,b\n", ["log.csv:2:", "number of cells"]),
        ("learner,item,time,rating\n", ["no reviews"]),
        ('learner,item,time,rating\na,"b,1,3\n', ["log.csv:2:", "no CSV"]),
        ("learner,item,time,rating\na,b,1,3\nc,d,90000,1\n", ["too few reviews"]),
    ],
)
def test_a_bad_file_is_refused_with_its_lines(tmp_path: Path, text: str, words: list[str]) -> None:
    path = tmp_path / "log.csv"
    path.write_text(text, "utf-8")
    with pytest.raises(BadLog) as refused:
        measure(Log.of(read_log(path)), 0.25)
    assert all(word in str(refused.value) for word in words)


def test_what_is_no_log_at_all_is_refused(tmp_path: Path) -> None:
    (tmp_path / "log.parquet").write_bytes(b"PAR1 and nothing else")
    (tmp_path / "log.csv").write_bytes(b"learner,item\xff\xfe")
    for name, words in (("log.parquet", "no Parquet"), ("log.csv", "not UTF-8"), ("none.csv", "no such file")):
        with pytest.raises(BadLog, match=words):
            read_log(tmp_path / name)
    done = subprocess.run(
        [sys.executable, str(PROGRAM), str(tmp_path / "none.csv")], capture_output=True, text=True, check=False
    )
    assert done.returncode == 1
    assert done.stdout == ""
    assert "no such file" in done.stderr


def test_times_are_iso_8601_or_seconds_and_without_a_zone_they_are_utc(tmp_path: Path) -> None:
    path = tmp_path / "log.csv"
    path.write_text(
        "learner,item,time,rating\na,b,1970-01-03T00:00:00+00:00,3\na,b,1970-01-02,1\na,b,1970-01-02T14:00:00+02:00,2\n"
        "a,b,259200,4\n",
        "utf-8",
    )
    log = read_log(path)
    assert log.day.tolist() == [1.0, 1.5, 2.0, 3.0]
    assert log.rating.tolist() == [1, 2, 3, 4]


@pytest.mark.parametrize(
    "reviews",
    [[(3, 0), (3, 4)], [(1, 0), (3, 4), (1, 9)], [(3, 0), (1, 4), (3, 1), (3, 25)], [(2, 0), (4, 6), (1, 90)]],
)
def test_each_review_costs_what_fsrs_rs_says_it_does(reviews: list[tuple[int, int]]) -> None:
    theirs = FSRS(DEFAULT_PARAMETERS).evaluate([FSRSItem([FSRSReview(*one) for one in reviews])])
    rating, gap = (np.asarray(column) for column in zip(*reviews, strict=True))
    log = Log.of(Repetitions(np.zeros(rating.size, np.intp), np.cumsum(gap).astype(np.float64), rating))
    last = np.arange(rating.size) == rating.size - 1
    assert log_loss(fsrs(log, memory.DEFAULT)[last], log.right[last]) == pytest.approx(theirs.log_loss, abs=1e-5)


def test_rmse_over_bins_weighs_each_bin_by_its_size() -> None:
    past = History(np.asarray([1.0, 1.0, 1.0, 30.0]), np.asarray([1, 1, 1, 1]), np.asarray([0, 0, 0, 0]))
    right = np.asarray([True, False, False, True])
    chance = np.asarray([0.5, 0.5, 0.5, 0.8])
    assert rmse_bins(chance, right, past) == pytest.approx(np.sqrt((3 * (0.5 - 1 / 3) ** 2 + 0.2**2) / 4))


def test_auc_counts_ties_half_and_needs_both_kinds() -> None:
    right = np.asarray([True, False, True, False])
    assert auc(np.asarray([0.9, 0.1, 0.8, 0.2]), right) == 1.0
    assert auc(np.asarray([0.5, 0.5, 0.5, 0.5]), right) == 0.5
    assert auc(np.asarray([0.9, 0.9, 0.2, 0.1]), right) == pytest.approx(0.625)
    assert np.isnan(auc(np.asarray([0.5]), np.asarray([True])))


def test_the_points_of_a_calibration_plot_hold_every_answer_once() -> None:
    draw = np.random.default_rng(1)
    chance = np.round(draw.random(997), 1)
    points = calibration(chance, draw.random(997) < chance)
    assert sum(size for _, _, size in points) == 997
    assert [point[0] for point in points] == sorted(point[0] for point in points)
    assert max(abs(foretold - right) for foretold, right, _ in points) < 0.2
