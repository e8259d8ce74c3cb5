"""Who sits on in a council that votes by thirds or halves."""

import pytest

from forecaster.councils.contest import read_contest
from forecaster.councils.data import PARTIES, read_wards, years
from forecaster.councils.sitting import elected_by, next_due, not_up
from forecaster.errors import ConfigError

KNOWN = {year: read_wards(year) for year in years()}
ELECTED = elected_by(KNOWN)


def wards_of(council, year):
    return KNOWN[year].take(KNOWN[year].council == council)


@pytest.mark.parametrize(
    ("council", "year", "size"),
    [
        ("Manchester", 2024, 96),
        ("Leeds", 2024, 99),
        ("Sheffield", 2024, 84),
        ("Milton Keynes", 2023, 57),
        ("Milton Keynes", 2024, 57),
        ("Hastings", 2024, 32),
    ],
)
def test_a_chamber_has_all_its_seats(council, year, size):
    """Sizes are those of the councils' orders; a vacancy filled is not counted twice."""
    up = wards_of(council, year)
    assert up.seats.sum() + not_up(up, year, KNOWN, ELECTED).sum() == size


def test_of_a_council_that_elects_all_seats_nobody_sits_on():
    for council, year in (("Birmingham", 2022), ("Kent", 2025), ("Bolton", 2023), ("Dudley", 2024)):
        assert not not_up(wards_of(council, year), year, KNOWN, ELECTED).any(), council


@pytest.mark.parametrize(
    ("council", "year", "from_"), [("Oldham", 2024, 2024), ("Leeds", 2027, 2024)]
)
def test_what_the_data_do_not_say_is_not_guessed(council, year, from_):
    """Oldham elected all seats in 2023; of 2026 the data have London only."""
    assert not_up(wards_of(council, from_), year, KNOWN, ELECTED) is None


def test_a_list_of_results_says_who_sits_on():
    up = wards_of("Leeds", 2024)
    elected = {**ELECTED, 2026: {"Leeds": up.won.sum(0)}}
    others = not_up(up, 2027, {**KNOWN, 2026: up}, elected)
    assert others.sum() == 66 and (others == 2 * up.won.sum(0)).all()


def test_control_and_coalitions_count_those_who_are_not_up():
    import forecaster

    run = forecaster.simulate_councils("leeds-2024", swing="actual", draws=250)
    sits = read_contest("leeds-2024").sitting["Leeds"]
    assert (run._run.held - run._run.won == sits).all() and sits.sum() == 66
    assert "Not up: 66 councillors of Leeds" in " ".join(run.manifest["notes"])
    lab = run.coalitions("Leeds", "Lab").iloc[0]
    won = run.totals("Leeds").set_index("party").loc["Labour", "mean"]
    assert lab.seats == pytest.approx(won + sits[PARTIES.index("Lab")])
    assert run.councils_controlled().iloc[0].control == "Lab"


def test_councils_of_which_others_are_not_known_are_named():
    notes = " ".join(read_contest("oldham-2024").notes)
    assert "do not say enough in Oldham" in notes


@pytest.mark.parametrize(
    ("council", "kind", "voted", "year", "due"),
    [
        ("leeds", "metropolitan", {2021, 2022, 2023, 2024}, 2027, 2027),
        ("leeds", "metropolitan", {2021, 2022, 2023, 2024}, 2029, 2030),
        ("oxford", "district", {2021, 2022, 2024}, 2027, 2028),
        ("adur", "district", {2021, 2022, 2024, 2026}, 2028, 2028),
        ("derby", "unitary", {2021, 2022, 2023}, 2026, 2027),
        ("kent", "county", {2021, 2025}, 2027, 2029),
        ("cardiff", "Welsh", {2022}, 2026, 2027),
        ("barnet", "London borough", {2022, 2026}, 2027, 2030),
        ("somerset", "unitary", {2022}, 2026, 2027),
        ("somerset", "unitary", {2022}, 2028, 2031),
        ("surrey", "county", {2021}, 2027, None),
    ],
)
def test_a_council_is_due_by_the_years_in_which_it_voted(council, kind, voted, year, due):
    assert next_due(council, kind, voted, year) == due


def test_councils_that_are_not_due_are_left_out_and_named():
    contest = read_contest("unitary-2027")
    assert {"Bristol, City of", "Cornwall"} & set(contest.councils) == set()
    assert {"Derby", "Somerset", "Plymouth"} <= set(contest.councils)
    assert "Not due to vote before 2028: Bristol, City of, Dorset" in contest.notes[0]
    assert "put off to a year that you have to know: Isle Of Wight" in " ".join(contest.notes)
    assert "Not due to vote before 2028" in read_contest("bristol-2027").notes[0]
    with pytest.raises(ConfigError, match=r"none of the councils is due to vote.* before 2030"):
        read_contest("london-2027")
    assert len(read_contest("london-2027", ["Barnet", "Brent"]).councils) == 2
