"""Seats by whatever tables call them: shortened words, registers' suffixes, another order."""

import pytest

from forecaster.elections.election import read_seats
from forecaster.elections.names import find_seat
from forecaster.vocabulary import words


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("Lewes CC", "Lewes"),
        ("Lewes (County Constituency)", "Lewes"),
        ("Lewes Co Const", "Lewes"),
        ("Brighton Pavilion Boro Const", "Brighton Pavilion"),
        ("Aberdeen North Burgh Const", "Aberdeen North"),
        ("S.E. Cornwall", "South East Cornwall"),
        ("Cornwall SE", "South East Cornwall"),
        ("Wolverhampton NE", "Wolverhampton North East"),
        ("N. Cornwall", "North Cornwall"),
        ("Islington N", "Islington North"),
    ],
)
def test_a_seat_is_found_under_a_shortened_name(text, name):
    seats = read_seats("2024")
    assert seats.name[find_seat(seats, text).index] == name


@pytest.mark.parametrize("boundaries", ["2010", "2024"])
def test_no_two_seats_are_called_alike(boundaries):
    names = read_seats(boundaries).name.tolist()
    assert len({words(name) for name in names}) == len(names)
    assert all(words(f"{name} CC") == words(name) for name in names)


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("Canol Caerdydd", "Cardiff Central"),
        ("Brycheiniog a Sir Faesyfed", "Brecon and Radnorshire"),
        ("Pen-y-Bont ar Ogwr", "Bridgend"),
        ("Sir Drefaldwyn", "Montgomeryshire"),
        ("Preseli Sir Benfro", "Preseli Pembrokeshire"),
        ("Dyffryn Clwyd", "Vale of Clwyd"),
    ],
)
def test_seats_of_2010_have_the_welsh_names_of_the_assembly(text, name):
    seats = read_seats("2010")
    assert seats.name[find_seat(seats, text).index] == name
