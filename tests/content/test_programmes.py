"""Programme files: what they hold, and every fault with its file and line."""

from __future__ import annotations

from pathlib import Path

import pytest

from reinforce.content.programme_file import read_programme
from reinforce.domain.errors import ContentRefused, Fault
from reinforce.domain.programmes.programme import ItemKind, Programme
from reinforce.shipped import shipped
from tests.actions.programmes.conftest import PROGRAMME, write_programme


def _faults(tmp_path: Path, text: str) -> list[Fault]:
    with pytest.raises(ContentRefused) as refused:
        read_programme(write_programme(tmp_path, text), shipped("schedules"))
    return list(refused.value.faults)


def test_a_programme_is_read_whole_and_comes_back_from_what_is_kept(tmp_path: Path) -> None:
    read = read_programme(write_programme(tmp_path), shipped("schedules"))

    assert [(one.name, one.days, one.cadence["caps"]["a_week"]) for one in read.phases] == [
        ("before", 7, 40),
        ("during", 14, 40),
        ("after", 14, 1),
    ]
    assert [(one.kind, one.day, one.lead) for one in read.phases[1].items] == [
        (ItemKind.EVENT, 3, 2),
        (ItemKind.QUIZ, 4, 0),
    ]
    assert Programme.from_content(read.as_content()) == read


def test_the_last_phase_may_go_on(tmp_path: Path) -> None:
    text = "title: T\nphases:\n  - {name: a, days: 3}\n  - {name: b}\n"

    read = read_programme(write_programme(tmp_path, text), shipped("schedules"))

    assert [one.days for one in read.phases] == [3, None]


def test_faults_of_the_files_that_are_named_stand_beside_its_own(tmp_path: Path) -> None:
    path = write_programme(tmp_path)
    (tmp_path / "slow.yaml").write_text('slots:\n  - {name: late, at: "25:00"}\n', "utf-8")
    (tmp_path / "round.yaml").write_text("title: R\nquestions: []\n", "utf-8")
    path.write_text(PROGRAMME.replace("goal: Everybody can", "gaol: Everybody can"), "utf-8")

    with pytest.raises(ContentRefused) as refused:
        read_programme(path, shipped("schedules"))

    assert {(Path(one.file).name, one.line) for one in refused.value.faults} >= {
        ("slow.yaml", 2),
        ("round.yaml", 2),
        ("press-line.yaml", PROGRAMME[: PROGRAMME.index("goal: Everybody can")].count("\n") + 1),
    }


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("day: 3,", "day: 30,", '"day" is 30'),
        ("name: during", "name: before", "stands here twice"),
        ("    days: 7\n", "", 'needs "days"'),
        ("cadence: slow.yaml", "cadence: slower", "there is no schedule slower"),
        ("hashtag: presslive", 'hashtag: "press live"', "is no hashtag"),
        ("options: [Isolating, Trying out]", "options: [Isolating]", "X takes 2 to 4 options"),
        ("file: round.yaml", "file: square.yaml", "there is no file"),
        ("audience: public", "audience: public\ncompletes: assessment\nslug: press-line", ""),
        ("    assessment: 12\n", "    assessment: 40\n", '"assessment" is 40'),
        ("caps: {a_week: 1}", "caps: {a_week: 1, a_day: 2}", "a week can't hold less"),
        ("join_days: 10", "join_days: 100", "one could still join when it is over"),
        ("    days: 7\n", "    days: 7\n    assessment: 3\n", "there are several assessments"),
    ],
)
def test_what_cannot_be_is_said_where_it_stands(tmp_path: Path, old: str, new: str, words: str) -> None:
    text = PROGRAMME.replace(old, new, 1)
    assert text != PROGRAMME
    if not words:
        assert read_programme(write_programme(tmp_path, text), shipped("schedules")).slug == "press-line"
        return

    faults = _faults(tmp_path, text)

    assert [one for one in faults if words in one.message], [str(one) for one in faults]
    assert all(one.line >= 1 and one.advice for one in faults)
