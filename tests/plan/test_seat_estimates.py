"""Runs that start from somebody's seat estimates: centred on them, and in part on the swing."""

import csv
import json
import shutil
from datetime import date
from pathlib import Path

import numpy as np
import pytest

import forecaster
from forecaster.cli.main import run as cli
from forecaster.config.config import Config
from forecaster.config.load import digest, load_config, parse_changes
from forecaster.elections.election import read_election
from forecaster.elections.estimates import REQUIRED, completed, read_estimates
from forecaster.errors import ConfigError, DataError, ResultsError
from forecaster.files import json_digest
from forecaster.pipeline import simulate_run
from forecaster.plan.build import build_plan
from forecaster.polls.model import ESTIMATED, estimate
from forecaster.resources import checksum
from forecaster.swing.base import OTHER, fixed_columns, nation_means, to_columns
from forecaster.vocabulary import BALLOT, NATIONS, PARTIES

SEATS = "national.source=seats"
ELECTION = read_election("2024")
BRITAIN = ELECTION.seats.nation < 3
SPEAKER = ELECTION.votes[:, PARTIES.index("Spk")] > 0
SWUNG = BRITAIN & ~SPEAKER & (ELECTION.votes[:, PARTIES.index("Ind")] == 0)
"""Seats of Great Britain without anybody whom no swing moves."""


def invented_shares():
    """An MRP of 2029: the notional result of 2019, disturbed."""
    election = read_election("2019-notional")
    votes = to_columns(election, election.votes.astype(float))
    random = np.random.default_rng(5)
    shares = (votes / votes.sum(1, keepdims=True)) * random.lognormal(0, 0.2, votes.shape)
    for a, nation in enumerate(NATIONS[:3]):
        local = [column in (*REQUIRED,) for column in BALLOT[nation]]
        shares[election.seats.nation == a] += 0.01
        shares[election.seats.nation == a] *= local
    return np.round(100 * shares / shares.sum(1, keepdims=True), 3)


SHARES = invented_shares()

PERCENT = "Con=40, Lab=36, LD=12, Reform=3.5, Green=3, SNP=3.5, PC=0.5, Other=1.5"
NEAR = f"national={{source='shares', percent={{GB={{{PERCENT}}}}}}}"
"""National shares not far from those of the estimates."""


def rows(name="code"):
    for i, seat in enumerate(getattr(ELECTION.seats, name).tolist()):
        if BRITAIN[i] and not SPEAKER[i]:
            ballot = BALLOT[NATIONS[ELECTION.seats.nation[i]]]
            yield [
                seat,
                *(f"{SHARES[i, ballot.index(p)]:.3f}" if p in ballot else "" for p in REQUIRED),
            ]


@pytest.fixture
def mrp(tmp_path):
    """Return a function that writes the invented estimates, perhaps changed, and their path."""

    def write(change=lambda lines: lines, name="code", file="mrp.csv"):
        lines = [["seat", *REQUIRED], *rows(name)]
        path = tmp_path / file
        with path.open("w", newline="") as file:
            csv.writer(file).writerows(change(lines))
        return path

    return write


def plan_of(path, *overrides):
    return build_plan(
        load_config("next-election", parse_changes([f"base.seats={path}", *overrides]))
    )


def given(plan):
    """Return where the file names a share above 2 %, and the shares."""
    wanted = SHARES / SHARES.sum(1, keepdims=True)
    return (BRITAIN & ~SPEAKER)[:, None] & (wanted > 0.02) & plan.base.stands, wanted


# --- Centred on the file --------------------------------------------------------------------


@pytest.mark.parametrize(
    "rule", ["asymmetric", "uniform", pytest.param("logit", marks=pytest.mark.slow)]
)
def test_without_errors_every_draw_is_the_file(mrp, counted, certain, rule):
    overrides = [f"base.seats={mrp()}", SEATS, "draws=2", f"swing.rule={rule}", *certain]
    plan, _, counts = counted(overrides)
    where, wanted = given(plan)
    found = counts.tally.share_sum[0] / 2**22 / 2
    # The file has independents under Other.
    found[:, OTHER] += np.where(fixed_columns()[plan.base.seats.nation], found, 0).sum(1)
    # A party at zero in the file is kept at the floor of a share, 0.1 %.
    np.testing.assert_allclose(found[where], wanted[where], atol=1e-3)
    full = where & (SHARES > 0).sum(1, keepdims=True) >= plan.base.stands.sum(1, keepdims=True)
    np.testing.assert_allclose(found[where & full], wanted[where & full], atol=2e-6)


def test_the_mean_over_draws_is_the_file(mrp, counted, certain):
    draws, small = 4096, 0.1
    overrides = [f"base.seats={mrp()}", SEATS, f"draws={draws}", *certain, f"errors.seats={small}"]
    plan, _, counts = counted(overrides)
    where, wanted = given(plan)
    where &= wanted > 0.05
    where[:, OTHER] = False
    own = np.linalg.norm(plan.arrays.seat_cholesky, axis=2)[plan.base.seats.nation]
    error = (plan.arrays.size * own)[where] / draws**0.5
    found = counts.tally.share_sum[0][where] / 2**22 / draws
    assert np.abs(found - wanted[where]).max() < 6 * error.max()
    assert np.sqrt((((found - wanted[where]) / error) ** 2).mean()) < 1.3


def test_national_shares_are_those_of_the_file_added_up(mrp):
    plan = plan_of(mrp(), SEATS)
    turnout = ELECTION.valid_votes * (ELECTION.seats.nation == 1)
    snp = BALLOT["Scotland"].index("SNP")
    wanted = turnout @ (SHARES[:, snp] / SHARES.sum(1)) / turnout.sum()
    assert plan.targets.shares[1, snp] == pytest.approx(wanted, abs=1e-4)


def test_seats_by_name_are_the_seats_by_code(mrp):
    by_code = plan_of(mrp(), SEATS).expected
    by_name = plan_of(mrp(name="name"), SEATS).expected
    np.testing.assert_array_equal(by_code, by_name)


def test_northern_ireland_starts_from_the_result_unless_the_file_has_it(mrp):
    place = ELECTION.seats.name.tolist().index("Belfast East")

    def with_belfast(lines):
        header = [*lines[0], "DUP", "Alliance"]
        row = ["Belfast East", *["0"] * len(REQUIRED), "40", "60"]
        return [header, *([*line, "", ""] for line in lines[1:]), row]

    ballot = BALLOT["Northern Ireland"]
    without, with_it = plan_of(mrp(), SEATS), plan_of(mrp(with_belfast), SEATS)
    last = without.base.last[place]
    np.testing.assert_allclose(without.expected[place], last, atol=2e-3)
    assert with_it.expected[place, ballot.index("Alliance")] == pytest.approx(0.6, abs=2e-3)


def test_an_independent_of_the_seat_keeps_a_part_of_what_the_file_has_under_other(mrp):
    place = ELECTION.seats.name.tolist().index("Islington North")
    plan = plan_of(mrp(), SEATS)
    ballot = BALLOT["England"]
    others = [OTHER, ballot.index("Ind")]
    last = plan.base.last[place][others]
    found = plan.expected[place][others]
    wanted = SHARES[place, OTHER] / SHARES[place].sum()
    assert found.sum() == pytest.approx(wanted, abs=1e-3)
    assert found[1] / found.sum() == pytest.approx(last[1] / last.sum(), abs=0.01)


# --- Beside the swing -----------------------------------------------------------------------


def test_a_weight_of_zero_is_the_swing_model_bit_for_bit(mrp, given_shares):
    swing = build_plan(load_config("next-election", parse_changes([given_shares])))
    blended = plan_of(mrp(), given_shares, "base.seats_weight=0")
    for name, one, other in zip(swing.arrays._fields, swing.arrays, blended.arrays, strict=True):
        np.testing.assert_array_equal(one, other, err_msg=name)


def test_a_blend_is_expected_between_swing_and_estimates(mrp):
    quiet = "swing.by_elections=false", "parameters.seat.local_elections.value={}"
    swing, alone, half = (
        plan_of(mrp(), NEAR, f"base.seats_weight={w}", *quiet).expected for w in (0, 1, 0.5)
    )
    # Independents have the national shares of their base, which moves all others a little.
    britain = BRITAIN & ~SPEAKER
    np.testing.assert_allclose(half[britain], ((swing + alone) / 2)[britain], atol=2e-3)
    assert np.abs(swing - alone)[britain].mean() > 0.02


def test_a_blend_without_errors_is_what_is_expected(mrp, counted, certain):
    options = ["base.seats_weight=0.4", "draws=1"]
    overrides = [f"base.seats={mrp()}", *options, NEAR, *certain]
    plan, _, counts = counted(overrides)
    found = counts.tally.share_sum[0] / 2**22
    off = np.where(plan.expected > 0.02, np.abs(found - plan.expected), 0)
    scotland = plan.base.seats.nation == NATIONS.index("Scotland")
    assert off[BRITAIN & ~scotland].max() < 1.1e-3
    # There the national share of Other is below its floor in every seat and cannot be reached: the
    # few rounds of a simulation and the many of what is expected end a little apart.
    assert off[scotland].max() < 4e-3


def test_polls_say_where_the_nation_stands_and_estimates_how_it_is_spread(mrp):
    plan = plan_of(mrp(), NEAR)
    swing = build_plan(load_config("next-election", parse_changes([NEAR])))
    # But for independents, of whose 0.3 % the file has little.
    np.testing.assert_allclose(plan.targets.shares, swing.targets.shares, atol=3.2e-3)
    seats = (plan.base.seats.nation == 0) & ~SPEAKER
    for party in ("Con", "Lab", "LD"):
        column = BALLOT["England"].index(party)
        mean = nation_means(plan.base, plan.expected)[0, column]
        assert mean == pytest.approx(plan.targets.shares[0, column], abs=1e-4)
        like = [
            np.corrcoef(plan.expected[seats, column], other[seats, column])[0, 1]
            for other in (SHARES, swing.expected)
        ]
        assert like[0] > 0.97 > like[1]


@pytest.mark.slow
def test_errors_are_weighed_between_those_of_swing_and_estimates(mrp, given_shares):
    factors = ["parameters.estimates.shared.value=0.5", "parameters.estimates.own.value=2"]
    swing, half = (
        plan_of(mrp(), given_shares, *factors, f"base.seats_weight={w}").arrays for w in (0, 0.5)
    )
    np.testing.assert_allclose(half.slope_cholesky, 0.75 * swing.slope_cholesky, rtol=1e-6)
    np.testing.assert_allclose(half.region_cholesky, 0.75 * swing.region_cholesky, rtol=1e-6)
    np.testing.assert_allclose(half.seat_cholesky, 1.5 * swing.seat_cholesky, rtol=1e-6)
    np.testing.assert_allclose(half.tactical_kappa[:, 1], 0.5 * swing.tactical_kappa[:, 1])
    alone = plan_of(mrp(), given_shares).arrays
    np.testing.assert_allclose(alone.lambda_mean, 0.2)
    assert (alone.lambda_sd == 0).all()
    assert (alone.tactical_kappa[:, :2] == 0).all()


def variance(plan):
    return (plan.targets.loading[:3] ** 2).sum(2)


@pytest.mark.slow
def test_the_national_miss_of_estimates_is_a_factor_on_that_of_polls(mrp, given_shares):
    """Movement until the day is no part of it, so that the variance has a part of its own."""
    con = BALLOT["England"].index("Con")
    alone = [f"parameters.national.{nation}_sd.value={{}}" for nation in ("scotland", "wales")]
    moved, half, polls = (
        variance(plan_of(mrp(), SEATS, f"parameters.estimates.national.value={f}", *alone))[0, con]
        for f in (0, 0.5, 1)
    )
    assert half - moved == pytest.approx(0.25 * (polls - moved), rel=1e-6)
    assert moved < 0.1 * polls


def test_estimates_from_a_year_before_know_less(mrp):
    eve = plan_of(mrp(), SEATS)
    early = plan_of(mrp(), "national={source='seats', as_of=2026-10-05, election_day=2027-10-05}")
    con = BALLOT["England"].index("Con")
    assert variance(early)[0, con] > 3 * variance(eve)[0, con]


# --- Several files --------------------------------------------------------------------------


def turned(lines):
    """Give each seat's shares of Con and Lab to the other."""
    con, lab = (1 + REQUIRED.index(party) for party in ("Con", "Lab"))
    return [lines[0], *([*x[:con], x[lab], x[con], *x[lab + 1 :]] for x in lines[1:])]


def several(*files, **options):
    return load_config(
        "next-election", {"base.seats": files, "national.source": "seats", **options}
    )


@pytest.fixture
def pair(mrp):
    """Return the paths of two files: the second has Con and Lab turned round."""
    return mrp(), mrp(turned, file="turned.csv")


@pytest.mark.slow
def test_the_average_of_files_lies_between_them_by_their_weights(pair):
    both = [{"file": pair[0], "weight": 3}, pair[1]]
    found, one, other = (build_plan(several(*some)) for some in (both, pair[:1], pair[1:]))
    wanted = 0.75 * one.targets.shares + 0.25 * other.targets.shares
    np.testing.assert_allclose(found.targets.shares, wanted, atol=3e-4)
    near = parse_changes([NEAR])
    # In Scotland, far from these shares, the order of averaging and moving makes a point.
    england = SWUNG & (ELECTION.seats.nation == 0)
    found, one, other = (
        build_plan(several(*some, **near)).expected[england] for some in (both, pair[:1], pair[1:])
    )
    np.testing.assert_allclose(found, 0.75 * one + 0.25 * other, atol=5e-3)


@pytest.mark.slow
def test_files_that_differ_in_national_shares_only_say_the_same_of_the_seats(mrp):
    def doubled(lines):
        """Multiply the odds of Labour by two in every seat, which a proportional move undoes."""
        lab = REQUIRED.index("Lab")
        out = [lines[0]]
        for seat, *cells in lines[1:]:
            shares = np.array([float(cell or 0) for cell in cells])
            shares[lab] *= 2
            out.append([seat, *(f"{x:.9f}" for x in 100 * shares / shares.sum())])
        return out

    options = {"parameters.estimates.uniform.value": 0, **parse_changes([NEAR])}
    files = mrp(), mrp(doubled, file="doubled.csv")
    one, both = (build_plan(several(*some, **options)).expected for some in (files[:1], files))
    np.testing.assert_allclose(both[SWUNG], one[SWUNG], atol=2e-4)


def test_one_file_is_itself_whatever_its_weight_and_however_it_is_written(mrp, tmp_path):
    path = mrp()
    alone = plan_of(path, SEATS)
    weighed = build_plan(several({"file": str(path), "weight": 7}))
    for name, one, other in zip(alone.arrays._fields, alone.arrays, weighed.arrays, strict=True):
        np.testing.assert_array_equal(one, other, err_msg=name)
    config = tmp_path / "mine.toml"
    config.write_text('[[base.seats]]\nfile = "mrp.csv"\n[national]\nsource = "seats"\n')
    in_toml = load_config(config).base.seats
    assert in_toml == several(path).base.seats == several({"file": path}).base.seats
    options = parse_changes([f"base.seats=['{path}']", SEATS])
    assert load_config("next-election", options).base.seats == in_toml


def test_what_a_file_leaves_out_is_filled_from_the_others():
    nan, other = np.nan, BALLOT["England"].index("Other")
    found = np.full((2, 3, 8), nan)
    found[0, 0, [0, 1, 2, other]] = 0.3, 0.3, 0.2, 0.2
    found[1, 0, [0, 1, other]] = 0.4, 0.2, 0.4  # the third party is among the others
    found[1, 1, [0, 1, other]] = 0.5, 0.4, 0.1
    one, two = completed(found, np.array([1.0, 3.0]))
    np.testing.assert_allclose(two.shares[0, [0, 1, 2, other]], [0.4, 0.2, 0.2, 0.2])
    np.testing.assert_allclose(one.shares[0, [0, 1, 2, other]], [0.3, 0.3, 0.2, 0.2])
    np.testing.assert_allclose(one.shares[1], two.shares[1])  # only the second has the seat
    assert one.given.tolist() == two.given.tolist() == [True, True, False]
    found[1, 0, [0, 1, other]] = 0.6, 0.3, 0.1  # of which no more can be taken
    two = completed(found, np.array([1.0, 3.0]))[1]
    np.testing.assert_allclose(two.shares[0, [0, 1, 2, other]], [0.6, 0.3, 0.1, 0.0], atol=1e-12)


def without_green(lines):
    """Leave out a column, and put its figures under Other."""
    green = 1 + REQUIRED.index("Green")
    rest = [[*x[:green], *x[green + 1 :]] for x in lines]
    sums = [f"{float(x[-1]) + float(x[green]):.3f}" for x in lines[1:]]
    return [rest[0], *([*x[:-1], s] for x, s in zip(rest[1:], sums, strict=True))]


@pytest.mark.slow
def test_a_file_may_lack_seats_and_parties_that_another_has(mrp):
    whole = mrp()
    lacking = mrp(lambda lines: without_green(lines)[:300], file="lacking.csv")
    both, alone = build_plan(several(whole, lacking)), plan_of(whole, SEATS)
    np.testing.assert_allclose(both.expected, alone.expected, atol=2e-5)
    with pytest.raises(DataError, match=f"{lacking}: line 1: no column 'Green'"):
        build_plan(several(lacking))
    again = mrp(
        lambda lines: without_green(lines)[::-1][-1:] + without_green(lines)[1:], file="b.csv"
    )
    with pytest.raises(DataError, match="no column Green in any of the files that hold Aldershot"):
        build_plan(several(lacking, again))


def test_a_dated_file_moves_with_the_polls_to_the_day_of_the_run(mrp):
    days = date(2026, 4, 1), date(2026, 6, 1)
    path = mrp()
    dated = {"file": path, "date": days[0]}
    moved = build_plan(several(dated, **{"national.as_of": days[1]}))
    still = build_plan(several({**dated, "date": days[1]}, **{"national.as_of": days[1]}))
    polls = [estimate(day).shares[0] for day in days]
    for party in ("Con", "Lab", "LD", "Reform"):
        column, row = BALLOT["England"].index(party), ESTIMATED.index(party)
        change = (moved.targets.shares - still.targets.shares)[:3, column] @ moved.britain_weight
        assert change == pytest.approx(polls[1][row] - polls[0][row], abs=2e-3)
    assert moved.targets.source == "the seat estimates added up, moved by the polls to 2026-06-01"
    np.testing.assert_array_equal(still.expected, plan_of(path, SEATS).expected)


@pytest.mark.slow
def test_an_average_misses_by_what_its_files_have_in_common(mrp, pair):
    known = several(*pair).parameters.estimates
    for kind in ("national", "shared", "own"):
        one, common = getattr(known, kind).value, getattr(known.correlation.value, kind)
        assert several(pair[0]).estimates_miss(kind) == one
        assert several(*pair).estimates_miss(kind) == pytest.approx(one * ((1 + common) / 2) ** 0.5)
        uneven = several({"file": pair[0], "weight": 3}, pair[1])
        assert uneven.estimates_miss(kind) == pytest.approx(one * (0.625 + 0.375 * common) ** 0.5)
    alone, both = (build_plan(several(*files)).arrays for files in (pair[:1], pair))
    ratio = ((1 + known.correlation.value.own) / 2) ** 0.5
    np.testing.assert_allclose(both.seat_cholesky, ratio * alone.seat_cholesky, rtol=1e-5)
    assert variance(build_plan(several(*pair)))[0, 0] < variance(build_plan(several(pair[0])))[0, 0]


def test_the_manifest_and_the_summary_name_every_file(pair):
    run = simulate_run(
        several({"file": pair[0], "weight": 2}, {"file": pair[1], "date": "2026-10-01"}, draws=64)
    )
    for path in pair:
        assert run.manifest["data"][str(path)] == checksum(path)
    assert run.manifest["start"] == (
        f"the average of the seat estimates of {pair[0]} (weight 2), {pair[1]} (2026-10-01)"
    )


def test_a_run_holds_its_estimates_and_opens_no_file_that_it_names(mrp, tmp_path, monkeypatch):
    monkeypatch.chdir(mrp().parent)
    options = {"base.seats": "mrp.csv", "national.source": "seats"}
    run = forecaster.simulate("next-election", draws=64, options=options, out="run")
    there = tmp_path / "elsewhere"
    there.mkdir()
    shutil.move("run", there / "run")
    Path("mrp.csv").unlink()
    monkeypatch.chdir(there)
    stored = forecaster.open_run("run")
    assert forecaster.simulate(stored.config).dataset.equals(run.dataset)
    assert digest(stored.config) == stored.manifest["config_digest"]

    manifest = json.loads(Path("run/manifest.json").read_text())
    manifest["config"]["base"]["seats"][0]["file"] = "/dev/zero"
    copy = next(name for name in manifest["files"] if name.startswith("input-"))
    manifest["digest"] = json_digest({k: v for k, v in manifest.items() if k != "digest"})
    Path("run/manifest.json").write_text(json.dumps(manifest))
    assert stored.config == forecaster.open_run("run").config
    Path("run", copy).unlink()
    Path("run", copy).symlink_to("/dev/zero")
    with pytest.raises(ResultsError, match=f"{copy}: missing. Take the folder as"):
        forecaster.open_run("run")


@pytest.mark.parametrize(
    ("first", "options", "message"),
    [
        ({"weight": -1}, {}, "base.seats.0.weight: expected a number above 0; leave out a file"),
        ({"weight": 0}, {}, "base.seats.0.weight: expected a number above 0; leave out a file"),
        ({"weight": float("nan")}, {}, "base.seats.0.weight: Input should be a finite number"),
        ({"wieght": 2}, {}, "base.seats.0.wieght: unknown option. Did you mean 'weight'?"),
        ({"file": "turned.csv"}, {}, "turned.csv and turned.csv hold the same estimates; leave"),
        (
            {"date": "2999-01-01"},
            {"national": {"source": "election", "election": "2024"}},
            "mrp.csv is of 2999-01-01, after today (",
        ),
        (
            {"date": "2026-10-05"},
            {"national.as_of": "2026-10-04"},
            "of 2026-10-05, after national.as_of (2026-10-04); mend its date, leave it out, or run",
        ),
    ],
)
def test_files_that_cannot_be_averaged_are_refused(pair, monkeypatch, first, options, message):
    monkeypatch.chdir(pair[0].parent)
    with pytest.raises(ConfigError) as caught:
        several({"file": "mrp.csv", **first}, "turned.csv", **options)
    assert message in str(caught.value)


def test_a_list_without_quotes_is_refused():
    with pytest.raises(ConfigError, match="no list or table of TOML, in which texts stand in quot"):
        parse_changes(["base.seats=[one.csv, two.csv]"])


# --- A whole run ----------------------------------------------------------------------------


def test_pacts_tragedies_and_tables_work_on_it(mrp, tmp_path, capsys):
    folder = str(tmp_path / "run")
    path = mrp()
    options = ["--set", f"base.seats={path}", "--set", SEATS, "--draws", "128", "--out", folder]
    pact = ["--pact", "configs/pacts/progressive.toml"]
    assert cli(["simulate", "next-election", *options, *pact]) == 0
    sentence = f"Seats start from the seat estimates of {path}."
    assert sentence in capsys.readouterr().out
    for command in (["compare"], ["pact"], ["tragedies"], ["show"]):
        assert cli([*command, folder]) == 0
    assert cli(["seat", folder, "Lewes"]) == 0
    assert capsys.readouterr().out.count(sentence) == 2  # show and seat
    manifest = json.loads((tmp_path / "run" / "manifest.json").read_text())
    assert manifest["data"][str(path)] == manifest["config"]["base"]["seats"][0]["sha256"]


def test_the_file_is_found_beside_the_config_and_its_bytes_are_part_of_the_digest(mrp, tmp_path):
    mrp()
    config = tmp_path / "mine.toml"
    config.write_text('[base]\nseats = "mrp.csv"\n[national]\nsource = "seats"\n')
    before = load_config(str(config))
    assert before.base.seats[0].file == str(tmp_path / "mrp.csv")
    assert Config.model_validate(before.model_dump(mode="json")) == before
    mrp(lambda lines: [lines[0], *reversed(lines[1:])])
    assert digest(load_config(str(config))) != digest(before)
    with pytest.raises(DataError, match="was changed since the config was read"):
        simulate_run(before)


# --- What is refused ------------------------------------------------------------------------


def replaced(line, column, value):
    def change(lines):
        lines[line - 1][column] = value
        return lines

    return change


def without(line):
    return lambda lines: lines[: line - 1] + lines[line:]


def as_fractions(lines):
    return [lines[0], *([x[0], *(str(float(v or 0) / 100) for v in x[1:])] for x in lines[1:])]


LAB = 1 + REQUIRED.index("Lab")
SNP = 1 + REQUIRED.index("SNP")


def cut_short(line):
    return lambda lines: [x[:-1] if i == line - 1 else x for i, x in enumerate(lines)]


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (replaced(1, 0, "where"), "Seat estimates need a column of ONS codes or names"),
        (replaced(1, LAB, "Labuor"), "line 1: no column 'Lab'; found"),
        (replaced(1, LAB, "Con"), "line 1: Con has 2 columns, 'Con' and 'Con'; remove one of them"),
        (replaced(1, LAB, "UKIP"), "line 1: no column 'Lab'; found"),
        (replaced(7, LAB, "60"), "line 7: the shares sum to "),
        (replaced(7, LAB, "-3"), "line 7: Lab: '-3': expected per cent, a number from 0 to 100"),
        (replaced(7, LAB, "NA"), "line 7: the shares sum to "),
        (replaced(7, LAB, "many"), "line 7: Lab: 'many': expected per cent"),
        (replaced(7, SNP, "3"), "line 7: SNP has 3 %, but does not stand in England"),
        (replaced(7, 0, "E14000530"), "line 7: 'E14000530' is a seat of the 2010 boundaries (Al"),
        (replaced(7, 0, "Lewess"), "line 7: no seat 'Lewess'. Did you mean 'Lewes'?"),
        (replaced(7, 0, "E14001063"), "line 7: Aldershot a second time, first in line 2"),
        (cut_short(7), "line 7: expected 9 cells, as the header has; found 8"),
        (without(2), "no row for Aldershot, of the 2024 boundaries. Only Northern Ireland"),
        (lambda lines: [], "line 1: no column 'code or seat', 'Con'"),
        (lambda lines: lines[:300], " more, of the 2024 boundaries"),
    ],
)  # fmt: skip
def test_a_wrong_file_is_refused_with_its_line(mrp, change, message):
    path = mrp(change)
    run = load_config("next-election", parse_changes([f"base.seats={path}", SEATS]))
    with pytest.raises(DataError) as caught:
        read_estimates(run.base.seats, ELECTION)
    assert str(caught.value).startswith(f"{path}: ")
    assert message in str(caught.value)


def test_a_file_that_is_no_text_is_refused(tmp_path):
    path = tmp_path / "mrp.csv"
    path.write_bytes(b"PK\x03\x04" + bytes(100))
    with pytest.raises(DataError, match="it is an Excel workbook"):
        plan_of(path, SEATS)


@pytest.mark.parametrize("row", [[40, 40, 20, 0, 0, 0, 0, 0], [0, 79.2, 0, 0, 19.3, 0, 0, 1.5]])
def test_the_speaker_keeps_what_an_mrp_gives_to_parties_that_make_way(mrp, row):
    plan = plan_of(mrp(lambda lines: [*lines, ["Chorley", *map(str, row)]]), SEATS)
    place, ballot = ELECTION.seats.name.tolist().index("Chorley"), BALLOT["England"]
    green = row[REQUIRED.index("Green")]
    found = dict(zip(ballot, 100 * plan.base.shares[place], strict=True))
    assert found["Spk"] >= 100 - green - row[-1] - 1e-9
    assert found["Green"] == pytest.approx(green)


@pytest.mark.parametrize(
    ("overrides", "message"),
    [
        ([SEATS], "national.source: 'seats' adds up seat estimates, but there are none"),
        (["base.seats_weight=0.5"], "seats_weight: there are no estimates to weigh"),
        (["base.seats_weight=2"], "base.seats_weight: Input should be less than or equal to 1"),
        (["national={source='seats', election_day=2027-05-01}"], "election_day: give as_of too"),
        ([SEATS, "national.election_day=2026-10-05"], "expected a day after as_of (2026-10-05)"),
    ],
)
def test_options_that_contradict_each_other_are_refused(overrides, message):
    with pytest.raises(ConfigError) as caught:
        load_config("next-election", parse_changes(overrides))
    assert message in str(caught.value)
