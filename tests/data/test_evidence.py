"""The evidence on pacts as embedded."""

from collections import defaultdict

import pytest

from forecaster.elections.election import read_election, read_seats
from forecaster.resources import read_table
from forecaster.vocabulary import PARTIES

PETERBOROUGH = "2019-06-06 Peterborough"


def test_answers_to_one_question_do_not_exceed_all_voters():
    table = read_table("evidence/transfers.csv")
    total = defaultdict(float)
    for question, share in zip(table["question"], table["share"], strict=True):
        assert 0 <= share <= 1
        total[question] += share
    assert max(total.values()) <= 1.005
    assert set(table["donor"]) <= {*PARTIES, "all"}
    assert set(table["recipient"]) <= {*PARTIES, "stay", "abstain", "other", "lost"}


def test_behaviour_is_told_from_intention():
    table = read_table("evidence/transfers.csv")
    for kind, behaviour in zip(table["kind"], table["behaviour"], strict=True):
        assert behaviour == (kind in ("ballots", "recall"))


def test_unite_to_remain_had_sixty_seats_whose_flag_bearers_stood():
    table = read_table("pacts/unite-to-remain-2019.csv")
    election = read_election("2019")
    codes = election.seats.code.tolist()
    assert len(set(table["seat"])) == 60
    for seat, party in zip(table["seat"], table["party"], strict=True):
        assert election.votes[codes.index(seat), PARTIES.index(party)] > 0


@pytest.mark.parametrize(
    ("seat", "day", "winner", "majority"),
    [
        ("Chesham and Amersham", "2021-06-17", "LD", 8028),
        ("North Shropshire", "2021-12-16", "LD", 5925),
        ("Runcorn and Helsby", "2025-05-01", "Reform", 6),
    ],
)
def test_by_elections_have_their_known_majorities(seat, day, winner, majority):
    table = read_table("results/by-elections.csv")
    rows = list(zip(*(table[k] for k in ("name", "date", "party", "votes", "won")), strict=True))
    votes = {party: n for name, date, party, n, _ in rows if (name, str(date)) == (seat, day)}
    won = [party for name, date, party, _, won in rows if (name, str(date)) == (seat, day) and won]
    ranked = sorted(votes.values(), reverse=True)
    assert won == [winner]
    assert ranked[0] - ranked[1] == majority


def test_by_elections_lie_on_their_boundaries():
    table = read_table("results/by-elections.csv")
    known = {b: set(read_seats(b).code.tolist()) for b in ("2010", "2024")}
    for seat, boundaries in zip(table["seat"], table["boundaries"], strict=True):
        assert seat in known[str(boundaries)]


def test_ukip_is_not_added_to_the_brexit_party():
    table = read_table("results/by-elections.csv")
    rows = zip(*(table[name] for name in ("date", "name", "party", "votes")), strict=True)
    votes = {party: n for date, name, party, n in rows if f"{date} {name}" == PETERBOROUGH}
    assert (votes["Reform"], votes["UKIP"]) == (9801, 400)


def test_no_published_figure_is_cut_in_two():
    table = read_table("evidence/published-results.csv")
    for figures, source in zip(table["published"], table["source"], strict=True):
        assert figures.count("(") == figures.count(")"), figures
        assert source.count("(") == source.count(")"), source


def test_the_totals_since_1945_end_with_our_own_counts():
    table = read_table("results/vote-totals-1945-2019.csv")
    votes = read_election("2019").votes.sum(0)
    assert (table["con"][-1], table["lab"][-1]) == (votes[0], votes[1])


def behaviour(**fields):
    table = read_table("evidence/behaviour.csv")
    rows = [dict(zip(table, row, strict=True)) for row in zip(*table.values(), strict=True)]
    return [row for row in rows if all(str(row[key]) == value for key, value in fields.items())]


def test_rates_of_behaviour_are_parts_of_the_votes_of_known_parties():
    rows = behaviour()
    assert {row["donor"] for row in rows} <= set(PARTIES)
    assert {row["to"] for row in rows} <= {*PARTIES, "none"}
    for row in rows:
        assert -0.3 <= row["rate"] <= 1.2, row
        assert 0 < row["error"] < 0.5, row
        assert row["cases"] >= 5, row
        assert row["source"], row
        assert row["licence"], row


def test_no_piece_of_behaviour_is_given_twice():
    keys = ("kind", "donor", "to", "against", "period")
    found = [tuple(row[key] for key in keys) for row in behaviour()]
    assert len(set(found)) == len(found)


def test_ballots_with_two_left_go_to_one_or_the_other_or_to_none():
    total = defaultdict(float)
    for row in behaviour(kind="ballot"):
        left = row["against"].split(" v ") if row["to"] == "none" else (row["to"], row["against"])
        total[row["donor"], row["period"], *sorted(left)] += row["rate"]
    assert len(total) > 100
    assert list(total.values()) == pytest.approx([1] * len(total), abs=2e-4)


def test_ballots_agree_with_their_published_counts():
    (row,) = behaviour(kind="ballot", donor="Con", to="LD", against="SNP", period="2022")
    assert row["rate"] == pytest.approx(0.422, abs=0.001)
    assert row["spread"] == pytest.approx(0.124, abs=0.005)
    assert row["cases"] == 251


@pytest.mark.parametrize(
    ("kind", "donor", "to", "rate", "error"),
    [
        ("withdrawal", "Green", "Con", 0.16, 0.03),
        ("withdrawal", "Green", "Lab", 0.41, 0.03),
        ("withdrawal", "Green", "LD", 0.52, 0.06),
        ("withdrawal", "LD", "Con", 0.21, 0.04),
        ("withdrawal", "LD", "Lab", 0.35, 0.04),
        ("withdrawal", "LD", "Green", 0.67, 0.07),
        ("withdrawal", "Lab", "LD", 0.75, 0.07),
        ("withdrawal", "Lab", "Green", 0.40, 0.11),
        ("withdrawal", "UKIP", "Con", 0.42, 0.02),
        ("entry", "Green", "LD", 0.26, 0.03),
        ("entry", "LD", "Lab", 0.40, 0.03),
        ("entry", "Reform", "Con", 0.32, 0.04),
        ("exclusion", "Green", "Alliance", 0.49, 0.03),
        ("exclusion", "SDLP", "none", 0.25, 0.03),
        ("exclusion", "TUV", "DUP", 0.42, 0.03),
    ],
)
def test_behaviour_agrees_with_a_first_estimate(kind, donor, to, rate, error):
    rows = behaviour(kind=kind, donor=donor, to=to)
    weights = [row["cases"] / sum(row["cases"] for row in rows) for row in rows]
    mean = sum(w * row["rate"] for w, row in zip(weights, rows, strict=True))
    own = sum((w * row["error"]) ** 2 for w, row in zip(weights, rows, strict=True)) ** 0.5
    assert abs(mean - rate) < 3 * (error**2 + own**2) ** 0.5


def test_liberal_democrats_and_greens_help_each_other_most_where_conservatives_are_strong():
    for donor, to in (("LD", "Green"), ("Green", "LD")):
        against = {
            other: behaviour(kind="withdrawal", donor=donor, to=to, against=other)[-1]["rate"]
            for other in ("Con", "Lab")
        }
        assert against["Con"] > against["Lab"]


@pytest.mark.parametrize(
    ("field", "donor", "to", "rate", "error"),
    [
        ("ENS v RN", "NFP", "ENS", 0.84, 0.03),
        ("LR v RN", "NFP", "LR", 0.81, 0.06),
        ("NFP v RN", "ENS", "NFP", 0.53, 0.03),
        ("NFP v RN", "ENS", "RN", 0.18, 0.02),
    ],
)
def test_french_withdrawals_agree_with_a_first_estimate(field, donor, to, rate, error):
    table = read_table("evidence/france-2024.csv")
    rows = zip(*table.values(), strict=True)
    found = {row[:4]: row[4:] for row in rows}
    own, own_error, _ = found[field, donor, "withdrew", to]
    assert abs(own - rate) < 3 * (error**2 + own_error**2) ** 0.5


def test_french_voters_all_went_somewhere():
    table = read_table("evidence/france-2024.csv")
    total = defaultdict(float)
    for *key, rate in zip(*(table[k] for k in ("field", "from", "how", "rate")), strict=True):
        total[tuple(key)] += rate
    assert list(total.values()) == pytest.approx([1] * 9, abs=3e-4)
