"""Seat tables in the layouts in which MRPs are published, made up: each reads as its shares."""

import csv
import io

import numpy as np
import pytest

from forecaster.config.config import Errors, SeatFile
from forecaster.config.load import load_config
from forecaster.elections.election import read_election
from forecaster.elections.estimates import REQUIRED, read_estimates
from forecaster.errors import DataError
from forecaster.pipeline import simulate_run
from forecaster.plan.build import build_plan
from forecaster.resources import checksum
from forecaster.swing.base import column_shares
from forecaster.vocabulary import BALLOT, NATIONS, PARTIES

ELECTION = read_election("2024")
SEATS = np.flatnonzero(ELECTION.seats.in_britain & ~ELECTION.speaker)
OLD = {
    "S14000107": "S14000006",
    "S14000108": "S14000008",
    "S14000109": "S14000010",
    "S14000110": "S14000040",
    "S14000111": "S14000058",
}
LONG = (
    *("Conservative", "Labour", "Liberal Democrats", "Reform UK", "Green Party"),
    *("Scottish National Party", "Plaid Cymru", "Others"),
)
SHORT = ("Con", "Lab", "Lib Dem", "RUK", "Grn", "SNP", "Plaid", "Oth")


def rounded():
    """Return shares in per cent by seat and party of REQUIRED, to a digit, summing to 100."""
    shares = column_shares(ELECTION)
    out = np.zeros((len(SEATS), len(REQUIRED)))
    for k, i in enumerate(SEATS):
        ballot = BALLOT[NATIONS[ELECTION.seats.nation[i]]]
        for j, party in enumerate(REQUIRED[:-1]):
            out[k, j] = round(100 * shares[i, ballot.index(party)], 1) if party in ballot else 0
        out[k, -1] = max(round(100 - out[k].sum(), 1), 0)
        out[k, out[k].argmax()] += round(100 - out[k].sum(), 1)
    return out


SHARES = rounded()


def table(seat="code", head="seat", parties=REQUIRED, cell="{:.1f}", **how):
    """Return a table of seats as bytes; `how` says what surrounds the shares."""
    none, factor = how.get("none", ""), how.get("factor", 1)
    before, after = how.get("before", ()), how.get("after", ())
    names = getattr(ELECTION.seats, seat)[SEATS].tolist()
    out = io.StringIO(newline="")
    out.write(how.get("above", ""))
    writer = csv.writer(out, delimiter=how.get("delimiter", ","))
    writer.writerow([*before, head, *parties, *after])
    for name, row in zip(names, SHARES, strict=True):
        cells = [
            cell.format(x * factor) if x or p == "Other" else none
            for x, p in zip(row, REQUIRED, strict=True)
        ]
        name = how.get("spelt", str)(name)
        writer.writerow([*("x" for _ in before), name, *cells, *("1.5" for _ in after)])
    return out.getvalue().encode(how.get("encoding", "utf-8"))


def turned(name):
    """Return a seat's name as other tables write it."""
    first, _, last = name.rpartition(" ")
    compass = ("North", "South", "East", "West")
    name = f"{last} {first}" if last in compass and first else name
    return name.replace(" and ", " & ").replace("'", "’")


LAYOUTS = {
    "codes": table(),
    "names": table("name"),
    "ONSConstID and Share": table(head="ONSConstID", parties=[f"{p}Share" for p in REQUIRED]),
    "ons and old codes": table(head="ons", spelt=lambda c: OLD.get(c, c)),
    "PCON24CD": table(head="PCON24CD", parties=LONG),
    "a table of pandas with codes as its index": table(head=""),
    "a table of pandas with names as its index": table("name", head="Unnamed: 0"),
    "Seat/Constituency": table("name", head="Seat/Constituency"),
    "with a year in brackets": table("name", head="Westminster constituency (2024)"),
    "PCON24NM": table("name", head="PCON24NM", parties=LONG),
    "Constituency, short": table("name", head="Constituency", parties=SHORT),
    "Seat Name, mean": table("name", head="Seat Name", parties=[f"mean_{p}" for p in SHORT]),
    "estimates": table(parties=[f"{p.lower()}_est" for p in REQUIRED]),
    "per cent": table(parties=[f"{p} (%)" for p in SHORT], cell="{:.1f}%"),
    "fractions": table(factor=0.01, cell="{:.3f}"),
    "NA": table(none="NA"),
    "dashes": table(none="-"),
    "columns before": table(head="gss", before=("", "Region", "Country")),
    "columns after": table(after=("winner", "turnout", "Con_low", "Con_high", "majority 2024")),
    "trailing empty column": table(after=("",)).replace(b",1.5\r\n", b",\r\n"),
    "semicolons": table(delimiter=";"),
    "tabs and UTF-16": table("name", delimiter="\t", encoding="utf-16"),
    "Windows-1252": table("name", encoding="cp1252", spelt=lambda n: n.replace("ŵ", "w")),
    "lines above": table(above="A made-up MRP\nInterviews: 12000\n\n"),
    "BOM": table(encoding="utf-8-sig"),
    "turned names": table("name", spelt=turned),
    "lower case": table("name", parties=[p.lower() for p in SHORT], spelt=str.upper),
}


def read(path, content):
    path.write_bytes(content)
    [found] = read_estimates([SeatFile(file=str(path), sha256=checksum(path))], ELECTION)
    return found


@pytest.mark.parametrize("layout", LAYOUTS)
def test_a_layout_is_read_as_published(tmp_path, layout):
    found = read(tmp_path / "mrp.csv", LAYOUTS[layout])
    assert found.given[SEATS].all()
    for a, nation in enumerate(NATIONS[:3]):
        rows = ELECTION.seats.nation[SEATS] == a
        for j, party in enumerate(REQUIRED):
            if party in BALLOT[nation]:
                column = found.shares[SEATS[rows], BALLOT[nation].index(party)]
                np.testing.assert_allclose(column, SHARES[rows, j] / 100, atol=1e-9)


def test_what_is_not_used_is_said(tmp_path):
    found = read(tmp_path / "mrp.csv", LAYOUTS["columns after"])
    assert "columns not read: winner, turnout, Con_low" in found.notes[0]
    assert "read as Windows-1252" in read(tmp_path / "w.csv", LAYOUTS["Windows-1252"]).notes[0]


def blank(content, name):
    lines = content.decode().split("\r\n")
    i = next(i for i, line in enumerate(lines) if line.startswith(name))
    lines[i] = name + ",NA" * len(REQUIRED)
    return "\r\n".join(lines).encode()


def test_a_seat_without_figures_is_left_to_the_swing_of_the_others(tmp_path):
    path = tmp_path / "mrp.csv"
    path.write_bytes(blank(LAYOUTS["names"], "Lewes"))
    options = {"base.seats": str(path), "national.source": "seats"}
    plan = build_plan(load_config("next-election", options))
    assert "no figures for Lewes; left to the swing" in plan.base.notes[0]
    place = ELECTION.seats.name.tolist().index("Lewes")
    # The file is the last result, so that nothing swings but what rounding moves.
    np.testing.assert_allclose(plan.base.shares[place], plan.base.last[place], atol=0.02)


def test_what_is_not_used_is_said_even_of_a_file_without_weight(tmp_path):
    path = tmp_path / "mrp.csv"
    path.write_bytes(LAYOUTS["columns after"])
    notes = [
        build_plan(
            load_config("next-election", {"base.seats": str(path), "base.seats_weight": weight})
        ).base.notes
        for weight in (0, 0.5)
    ]
    assert notes[0] == notes[1]
    assert "columns not read: winner, turnout" in notes[0][0]


def test_a_tie_goes_to_who_was_ahead_last_time(tmp_path):
    """Without errors every seat of a rounded table goes to whom its rounded shares put ahead."""
    whole = np.round(SHARES)
    whole[:, -1] = np.maximum(100 - whole[:, :-1].sum(1), 0)
    top = np.sort(whole, 1)
    tied = top[:, -1] == top[:, -2]
    assert 5 < tied.sum() < 50
    lines = [
        ",".join([code, *(f"{x:g}" for x in row)])
        for code, row in zip(ELECTION.seats.code[SEATS], whole, strict=True)
    ]
    path = tmp_path / "whole.csv"
    path.write_text("\n".join([",".join(["code", *REQUIRED]), *lines]))
    sure = {f"errors.{name}": 0 for name in Errors.model_fields}
    source = {"base.seats": str(path), "national": {"source": "seats"}, "draws": 64}
    config = load_config("next-election", source | sure)
    won = np.nan_to_num(simulate_run(config).chances.win[0])[SEATS].argmax(1)
    led = np.array([PARTIES.index(REQUIRED[j]) for j in whole.argmax(1)])
    clear = ~tied & (led != PARTIES.index("Other"))  # who wins if Other leads is another question
    np.testing.assert_array_equal(won[clear], led[clear])
    np.testing.assert_array_equal(won[tied], ELECTION.winner[SEATS][tied])
    assert any("Tied for the lead" in note for note in build_plan(config).base.notes)


def test_all_mistakes_of_a_file_come_in_one_report(tmp_path):
    content = LAYOUTS["names"].replace(b"Lewes,", b"Lewess,").replace(b"Bath,", b"Bath,x")
    with pytest.raises(DataError) as caught:
        read(tmp_path / "mrp.csv", content)
    text = str(caught.value)
    assert "no seat 'Lewess'. Did you mean 'Lewes'?" in text and "Con: 'x" in text


@pytest.mark.parametrize("factor", [0.97, 1.05, 1.07])
def test_sums_that_cannot_be_are_refused(tmp_path, factor):
    with pytest.raises(DataError, match="the shares sum to"):
        read(tmp_path / "mrp.csv", table(factor=factor))


def test_seats_of_northern_ireland_that_are_all_others_were_not_asked(tmp_path):
    row = "\r\nBelfast West," + ",".join(["0"] * (len(REQUIRED) - 1)) + ",100"
    content = LAYOUTS["names"].decode().rstrip() + row
    found = read(tmp_path / "mrp.csv", content.encode())
    place = ELECTION.seats.name.tolist().index("Belfast West")
    assert not found.given[place]
    assert "no figures for Belfast West; left to the swing" in " ".join(found.notes)
