"""Pact files: what is refused, with which message, and where a pact then holds."""

from dataclasses import replace

import numpy as np
import pytest

from forecaster.config.load import load_config, parse_changes
from forecaster.config.pact import Where
from forecaster.errors import ConfigError, ForecastError
from forecaster.plan.build import build_plan
from forecaster.plan.pacts import resolve_pact
from forecaster.plan.scenarios import build_scenarios
from forecaster.swing.base import party_columns
from forecaster.vocabulary import BALLOT

HEAD = 'members = ["Lab", "LD", "Green"]\nopponents = ["Con", "Reform"]\n'
ASIDE = '[strength]\nform = "stand-aside"\ntransfers = "formal"\n'


def write(tmp_path, text, name="mine"):
    path = tmp_path / f"{name}.toml"
    path.write_text(text)
    return str(path)


def resolve(*pacts, config="next-election"):
    plan = build_plan(load_config(config, parse_changes(["draws=64", "scenarios=[]"]), pacts))
    return plan, build_scenarios(plan)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (HEAD.replace('"LD"', '"LibDm"') + ASIDE, "members.1: unknown party 'LibDm'. Did you"),
        ('members = []\nopponents = ["Con"]\n' + ASIDE, "members"),
        ('members = ["Lab"]\nopponents = ["Con"]\n' + ASIDE, "needs at least two parties"),
        (HEAD.replace('"Reform"', '"Lab"') + ASIDE, "Lab: member and opponent at once"),
        (HEAD.replace('"LD"', '"Lab"') + ASIDE, "Lab is named twice"),
        (HEAD + ASIDE.replace('"formal"', "1.2"), "transfers"),
        (HEAD + ASIDE.replace('"formal"', '"formel"'), "Did you mean 'formal'?"),
        (HEAD + ASIDE.replace('"formal"', "{ arrive = 0.8, opponent = 0.3 }"), "sum to 1.10"),
        (HEAD + ASIDE + "refusal = { low = 0.3, high = 0.1 }\n", "must be below high"),
        (HEAD + ASIDE + "refusel = 0.1\n", "Did you mean 'refusal'?"),
        (HEAD + '[strength]\nform = "alliance"\n', "strength"),
        (HEAD + '[flag_bearer]\nrule = "one-in-n"\n' + ASIDE, "needs 'party'"),
        (HEAD + '[flag_bearer]\nrule = "one-in-n"\nparty = "PC"\nn = 16\n' + ASIDE, "no member"),
        (HEAD + '[where]\nregions = ["Nort East"]\n' + ASIDE, "Did you mean 'North East'?"),
        (HEAD + '[where]\nseats = ["Lewes", "Lewis"]\n' + ASIDE, "'Lewis'"),
        (HEAD + '[where]\nseats = ["Lewes", "E14001330"]\n' + ASIDE, "listed twice"),
        (HEAD + '[where]\nseats = ["South West Surrey"]\n' + ASIDE, "not on the boundaries"),
        (HEAD + '[where]\nnations = ["Northern Ireland"]\n' + ASIDE, "holds in no seat"),
    ],
)
def test_a_wrong_pact_file_is_refused(text, message, tmp_path):
    with pytest.raises(ConfigError) as error:
        resolve(write(tmp_path, text))
    assert message in str(error.value)
    assert "mine" in str(error.value)


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        ("seat,party,aside\nLewes,LD,Lab+LD\n", "LD cannot stand aside for itself"),
        ("seat,party\nLewes,Con\n", "Con is no member of the pact"),
        ("seat,party\nLewes,Con\nBath,SNP\n", "line 3: SNP is no member of the pact"),
        ("seat,party\nLewes,Spk\n", "line 2: Spk is no party that could make a pact"),
        ("seat,party\n", "it recommends a party in no seat."),
        ("seat,party\nLewes,LD\nLewes,Lab\n", "listed twice"),
        ("seat,party\nLewis,LD\n", "'Lewis'"),
        ("seat,party\nChorley,Lab\n", "the flag bearer Lab does not stand"),
        ("place,party\nLewes,LD\n", "line 1: no column 'code or seat'"),
        ("seat,party\nLewes,LD,Lab\n", "line 2: expected 2 cells, as the header has; found 3"),
        ("seat,party\nLewes,LD\nBath,Labuor\n", "line 3: party: 'Labuor' is no party here."),
    ],
)
def test_a_wrong_flag_bearer_file_is_refused(rows, message, tmp_path):
    (tmp_path / "seats.csv").write_text(rows)
    text = HEAD + '[flag_bearer]\nrule = "file"\nfile = "seats.csv"\n' + ASIDE
    with pytest.raises(ForecastError) as error:
        resolve(write(tmp_path, text))
    assert message in str(error.value)


def test_a_pacts_file_may_have_a_plus_in_its_name(tmp_path):
    path = write(tmp_path, HEAD + ASIDE, "Lab+LD")
    config = load_config("next-election", pacts=[path, f"{path}+right"])
    assert [[p.name for p in s.pacts] for s in config.scenarios[-2:]] == [
        ["Lab+LD"],
        ["Lab+LD", "right"],
    ]


def test_two_pacts_may_not_move_the_same_party_in_one_seat(tmp_path):
    second = write(tmp_path, 'members = ["LD", "PC"]\nopponents = ["Con"]\n' + ASIDE)
    with pytest.raises(ConfigError, match="both move LD in"):
        resolve(f"pacts/progressive.toml+{second}")


def test_a_scenario_name_may_not_be_used_twice():
    with pytest.raises(ConfigError, match="two are called 'progressive'"):
        resolve("pacts/progressive.toml", "pacts/progressive.toml")


def test_a_missing_transfer_row_is_named(tmp_path):
    only = 'title = "one"\nseat_sd = 0.0\nseat_sd_source = "judgement"\n'
    row = '[[row]]\ndonor = "LD"\narrive = 0.5\nsource = "judgement"\n'
    (tmp_path / "rates.toml").write_text(only + row)
    text = HEAD + ASIDE.replace('"formal"', '"rates.toml"')
    with pytest.raises(ConfigError, match=r"no row for (Lab|Green) standing aside for"):
        resolve(write(tmp_path, text))


def test_best_placed_has_the_most_votes_last_time():
    plan, scenarios = resolve("pacts/progressive-on-last-votes.toml")
    pact = scenarios.pacts[0]
    rows = np.flatnonzero(pact.flag >= 0)
    last = np.where(pact.members, plan.base.last, -1)
    assert (last[rows, pact.flag[rows]] == last[rows].max(1)).all()
    assert not pact.donors[rows, pact.flag[rows]].any()
    assert (pact.donors[rows].sum(1) == pact.members[rows].sum(1) - 1).all()


def test_equal_votes_last_time_go_to_who_is_expected_to_do_better():
    plan, scenarios = resolve("pacts/progressive-on-last-votes.toml")
    seat = plan.base.seats.name.tolist().index("Lewes")
    lab, green = (BALLOT["England"].index(party) for party in ("Lab", "Green"))
    for better, other in ((lab, green), (green, lab)):
        last, expected = plan.base.last.copy(), plan.expected.copy()
        last[seat, [lab, green]] = 0.6
        expected[seat, [better, other]] = 0.4, 0.3
        base = replace(plan.base, last=last)
        found = resolve_pact(scenarios.pacts[0].pact, base, expected, np.zeros_like(expected))
        assert found.flag[seat] == better


def test_a_tie_for_the_expected_lead_is_a_lead_of_both():
    plan, scenarios = resolve("pacts/progressive-on-last-votes.toml")
    seat = plan.base.seats.name.tolist().index("Lewes")
    con, reform = (BALLOT["England"].index(party) for party in ("Con", "Reform"))
    expected = plan.expected.copy()
    expected[seat, [con, reform]] = 0.45
    for party in ("Con", "Reform"):
        where = Where(led_by=(party,))
        pact = scenarios.pacts[0].pact.model_copy(update={"where": where})
        assert resolve_pact(pact, plan.base, expected, expected).flag[seat] >= 0


def test_incumbents_keep():
    plan, scenarios = resolve("pacts/progressive.toml")
    pact = scenarios.pacts[0]
    rows = np.arange(len(pact.flag))
    held = (pact.flag >= 0) & pact.members[rows, plan.base.holder]
    assert held.sum() > 300
    assert (pact.flag[held] == plan.base.holder[held]).all()


def test_one_in_n_gives_the_party_its_part_of_the_open_seats(tmp_path):
    rule = '[where]\nnations = ["England", "Wales"]\n'
    rule += '[flag_bearer]\nrule = "one-in-n"\nparty = "Green"\nn = 16\n'
    plan, scenarios = resolve(write(tmp_path, HEAD + rule + ASIDE))
    pact = scenarios.pacts[0]
    rows = np.arange(len(pact.flag))
    open_ = (pact.flag >= 0) & ~pact.members[rows, plan.base.holder]
    green = party_columns(["Green"]).argmax(1)[plan.base.seats.nation]
    assert (pact.flag[open_] == green[open_]).sum() == round(open_.sum() / 16)


def test_a_guarantee_is_met_in_every_region_that_can(tmp_path):
    rule = '[where]\nnations = ["England"]\n[flag_bearer]\nrule = "guaranteed"\n'
    rule += '[[flag_bearer.guarantees]]\nparty = "Green"\nseats = 2\n'
    plan, scenarios = resolve(write(tmp_path, HEAD + rule + ASIDE))
    pact = scenarios.pacts[0]
    green = party_columns(["Green"]).argmax(1)[plan.base.seats.nation]
    mine = (pact.flag >= 0) & (pact.flag == green)
    counts = np.bincount(plan.base.seats.region[mine], minlength=9)[:9]
    assert (counts >= 2).all()


def test_led_by_looks_at_the_expected_leader():
    plan, scenarios = resolve("pacts/tactical.toml")
    pact = scenarios.pacts[0]
    rows = np.flatnonzero(pact.flag >= 0)
    leader = np.where(plan.base.stands, plan.expected, -1).argmax(1)
    assert pact.opponents[rows, leader[rows]].all()
    assert (pact.clarity[rows] < 1).all()
    assert (pact.clarity >= 0).all()


def test_a_listed_seat_where_the_pact_cannot_hold_is_named(tmp_path):
    (tmp_path / "seats.csv").write_text("seat,party\nLewes,LD\nChorley,Green\n")
    text = HEAD + '[flag_bearer]\nrule = "file"\nfile = "seats.csv"\n' + ASIDE
    found = resolve(write(tmp_path, text))[1].pacts[0]
    assert (found.flag >= 0).sum() == 1
    assert "listed seats without the pact: Chorley" in found.notes[-1]
