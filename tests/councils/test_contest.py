"""Contests, bases, shares, and what is refused."""

import numpy as np
import pytest

from forecaster.councils.base import joint_tickets, swing_wards
from forecaster.councils.contest import read_contest
from forecaster.councils.data import PARTIES, read_results, read_wards, slug
from forecaster.councils.lists import read_shares
from forecaster.councils.plan import Shares, expect
from forecaster.errors import ConfigError, DataError


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("london", "PLACE-YEAR"),
        ("lundon-2026", "[Dd]id you mean .*london"),
        ("narnia-2024", "no council or kind"),
        ("london-2022", "no ward has an earlier election"),
        ("london-1066", "the data begin in 2021"),
    ],
)
def test_elections_that_cannot_be_simulated_say_why(name, message):
    with pytest.raises(ConfigError, match=message):
        read_contest(name)


def test_wards_with_new_boundaries_are_left_out_and_said():
    contest = read_contest("counties-2025")
    assert len(contest.last) == 566 and contest.notes[0].startswith("322 wards with 328 seats")
    assert contest.now.code.tolist() == contest.last.code.tolist()


def test_wards_where_nobody_voted_last_time_are_said():
    """28 councillors of Gwynedd were elected unopposed in 2022."""
    gwynedd = read_contest("gwynedd-2027")
    assert gwynedd.notes[0].startswith("27 wards with 28 seats are left out: nobody voted")
    assert gwynedd.seats.sum() == 69 - 28


@pytest.mark.parametrize(
    "name",
    ["Bristol City Council-2027", "city of bristol 2027", "Bristol, City of-2027", "BRISTOL-2027"],
)
def test_a_council_is_found_by_any_of_its_names(name):
    assert read_contest(name).councils == ["Bristol, City of"]


def test_a_council_is_there_once_although_its_name_changed():
    """Hull is called otherwise in 2021 than since."""
    names = [slug(council) for council in read_contest("all-2027").councils]
    assert len(set(names)) == len(names) and "kingston-upon-hull" in names


def test_only_richmond_shared_its_places_in_2022():
    assert joint_tickets(read_wards(2022)) == [
        ("Richmond upon Thames", PARTIES.index("LD"), PARTIES.index("Green"))
    ]


def test_the_swing_comes_out_at_the_shares_of_the_place(london, expected):
    votes = london.votes / london.votes.sum()
    results = [read_results(2026)[council].votes for council in london.councils]
    shares = np.sum(results, 0) / np.sum(results)
    assert votes @ expected.shares == pytest.approx(shares, abs=2e-3)
    assert expected.certain.all()


def test_slopes_are_what_a_moved_share_moves():
    random = np.random.default_rng(1)
    base = random.dirichlet([4, 3, 2, 1], 50)
    votes = np.full(50, 1 / 50)
    target = votes @ base
    shares, slopes = swing_wards(base, target, votes)
    step = np.array([0.0005, 0, 0, -0.0005])
    moved, _ = swing_wards(base, target + step, votes)
    expected = shares + slopes[1] * np.maximum(step, 0) + slopes[0] * np.minimum(step, 0)
    assert moved == pytest.approx(expected / expected.sum(1, keepdims=True), abs=2e-4)


def test_given_shares_are_met_and_others_keep_their_ratio(london):
    usual = expect(london, Shares("polls")).level[0]
    given = expect(london, Shares("polls", {"Lab": 0.4})).level[0]
    assert given[1] == pytest.approx(0.4, abs=2e-3)
    others = (np.arange(len(usual)) != 1) & (usual > 0)
    ratio = given[others] / usual[others]
    assert ratio == pytest.approx(np.full(len(ratio), 0.6 / (1 - usual[1])), rel=0.05)


@pytest.mark.parametrize(
    ("shares", "message"),
    [
        (Shares("polls", {"Lab": 0.7, "Con": 0.6}), "sum to 130 %"),
        (Shares("polls", {"SNP": 0.1}), "expected Con"),
        (Shares("polls", None, {"Narnia": {"Lab": 0.4}}), "no ward of it"),
    ],
)
def test_shares_that_cannot_be_are_refused(london, shares, message):
    with pytest.raises(ConfigError, match=message):
        expect(london, shares)


SHARES = "council,party,share\n"


def test_a_list_of_shares_names_councils_as_people_do(tmp_path, london):
    path = tmp_path / "shares.csv"
    path.write_text(f"{SHARES}london borough of wandsworth,Labour,38\n", encoding="utf-8")
    found = expect(london, Shares("polls", *read_shares(path, "polls")))
    here = london.last.council == "Wandsworth"
    assert found.level[found.place[here][0], 1] == pytest.approx(0.38, abs=2e-3)
    assert found.certain[found.place[here]].all() and not found.certain.all()


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "no rows"),
        ("Barnet,Lab,30\nbarnet,Labour,31\n", "named twice"),
        ("Barnet,Lab,\n", "no share"),
    ],
)
def test_wrong_lists_of_shares_say_what_to_mend(tmp_path, text, message):
    path = tmp_path / "shares.csv"
    path.write_text(SHARES + text, encoding="utf-8")
    with pytest.raises(DataError, match=message):
        read_shares(path, "polls")


def test_further_results_make_a_contest(tmp_path, london):
    """A list of votes of a later year is scored like an election of the data."""
    path = tmp_path / "votes.csv"
    code, ward = london.last.code[0], london.last.name[0]
    rows = [f"2026,Barking and Dagenham,{code},{ward},{p},{v},2" for p, v in VOTES]
    path.write_text("\n".join([HEAD, *rows]) + "\n", encoding="utf-8")
    contest = read_contest("london-2026", results=path)
    assert contest.now.won[0].sum() == 2 and contest.now.won[0, PARTIES.index("Lab")] == 2
    path.write_text(f"{HEAD}\n2022,Barnet,{code},{ward},Lab,1,2\n", encoding="utf-8")
    last = read_contest("london-2026", results=path).last
    assert last.top[last.code == code].sum() == 1 and len(last) == len(london.last)
    path.write_text(f"{HEAD}\n2026,Barnet,{code},{ward},Lab,1,6\n", encoding="utf-8")
    with pytest.raises(DataError, match="from 1 to 5"):
        read_contest("london-2026", results=path)
    path.write_text(f"{HEAD}\n", encoding="utf-8")
    with pytest.raises(DataError, match="no rows"):
        read_contest("london-2026", results=path)


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        ("2026,Barnet,E1,Vale,Lab,9,3\n2026,Barnet,E1,Vale,Con,8,2", "seats '2', but '3'"),
        ("2026,Barnet,E1,Vale,Lab,9,1\n2026,Enfield,E1,Vale,Con,8,1", "council 'Enfield'"),
        ("2026,Barnet,,Vale,Lab,9,1", "no code of the ward"),
        ("2026,Barnet,E1,Vale,Lab,-9,1", "votes '-9'"),
    ],
)
def test_wrong_lists_of_votes_say_what_to_mend(tmp_path, rows, message):
    path = tmp_path / "votes.csv"
    path.write_text(f"{HEAD}\n{rows}\n", encoding="utf-8")
    with pytest.raises(DataError, match=message):
        read_contest("barnet-2026", results=path)


def test_a_council_of_a_list_alone_is_forecast_from_it(tmp_path):
    """Glasgow is in no official result of the data, of 2024 or other years."""
    path = tmp_path / "votes.csv"
    path.write_text(f"{HEAD}\n2024,Glasgow,S1,Linn,Lab,9,1\n2024,Glasgow,S1,Linn,Con,8,1\n")
    contest = read_contest("glasgow-2027", results=path)
    assert contest.councils == ["Glasgow"] and not any("Not due" in n for n in contest.notes)


def test_who_is_elected_goes_by_votes_where_the_list_cannot_be_right(tmp_path, london):
    path = tmp_path / "votes.csv"
    row = f"2026,Barnet,{london.last.code[0]},Vale"
    for said, party in (("no,yes", "Con"), ("yes,yes", "Lab"), (",", "Lab")):
        first, second = said.split(",")
        rows = f"{row},Lab,9,1,{first}\n{row},Con,8,1,{second}"
        path.write_text(f"{HEAD},elected\n{rows}\n", encoding="utf-8")
        won = read_contest("barnet-2026", results=path).now.won[0]
        assert won.sum() == won[PARTIES.index(party)] == 1


HEAD = "year,council,code,ward,party,votes,seats"
VOTES = (("Labour", 900), ("Labour", 850), ("Reform UK", 700), ("Green", 300), ("Aspire", 20))
