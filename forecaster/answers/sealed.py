"""Seal a forecast in a small file before an election, and score it afterwards.

The file holds a digest of its contents. As anybody could change the file and its digest together,
the digest is published before the election.
"""

from __future__ import annotations

import json
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np

from forecaster.answers import scores
from forecaster.arrays import Floats
from forecaster.columns import table_of
from forecaster.elections.election import Election, read_election
from forecaster.elections.members import by_elections
from forecaster.errors import ConfigError, ResultsError, readable
from forecaster.files import json_digest
from forecaster.polls.data import day_of
from forecaster.results.run import RunTables
from forecaster.table import Table
from forecaster.vocabulary import ELECTIONS, NO_ONE_PARTY, PARTIES, one_of

TOLD = ("title", "draws", "seed", "base", "boundaries", "config_digest", "config", "data")
"""Keys that a sealed file copies from the manifest of its run."""


def seal(run: RunTables) -> dict[str, Any]:
    """Return a run's forecast without pacts: chances by seat, totals, provenance, and a digest."""
    chances, low, high = run.chances.win[0], *np.quantile(run.won(), (0.05, 0.95), axis=0)
    # Versions come first: they hold the mark by which --force knows the file.
    content: dict[str, Any] = {key: run.manifest[key] for key in ("versions", *TOLD)}
    content["sealed"] = datetime.now(UTC).isoformat(timespec="seconds")
    content["chances"] = {
        str(code): {
            party: round(float(p), 6) for party, p in zip(PARTIES, row, strict=True) if p >= 0
        }
        for code, row in zip(run.places.code, chances, strict=True)
    }
    content["seats"] = {
        party: [round(float(at[j]), 1) for at in (run.won().mean(0), low, high)]
        for j, party in enumerate(run.parties)
    }
    return {**content, "digest": json_digest(content)}


def read_sealed(path: Path, digest: str | None = None) -> dict[str, Any]:
    """Read a sealed forecast, and check that it was not changed.

    `digest`: the digest that was published, or its beginning.

    Raises ResultsError if the file cannot be read, is not a sealed forecast, or was changed.
    """
    with readable(path, ResultsError, "'forecast register RUN' writes a sealed forecast."):
        sealed = json.loads(path.read_text(encoding="utf-8"))
        if not isinstance(sealed, dict) or "digest" not in sealed:
            raise ValueError("no sealed forecast")
    told, content = sealed["digest"], {k: v for k, v in sealed.items() if k != "digest"}
    found = json_digest(content)
    if found != told:
        raise ResultsError(
            f"{path}: was changed after it was sealed; its digest is {found} now. "
            "Take the file as it was published."
        )
    if digest is not None and not found.startswith(digest.lower()):
        raise ResultsError(f"{path}: its digest is {found}, not {digest}: another forecast.")
    return dict(sealed)


def last_read(sealed: dict[str, Any]) -> date:
    """Return the last day of polls of a sealed forecast; without polls, the day of its sealing."""
    return date.fromisoformat(sealed["config"]["national"].get("as_of") or sealed["sealed"][:10])


def election_after(sealed: dict[str, Any]) -> str | None:
    """Return the first election in the data after `last_read`, or None."""
    held = {day_of(name): name for name in ELECTIONS if not name.endswith("-notional")}
    later = {day: name for day, name in held.items() if day > last_read(sealed)}
    return later[min(later)] if later else None


def audit_file(
    path: Path, election: str | None = None, digest: str | None = None
) -> tuple[Table, ...]:
    """Read a sealed forecast, and score it against an election, or the first one after its polls.

    `digest`: as in `read_sealed`, which says what is raised; see `audit_tables` too.
    """
    sealed = read_sealed(path, digest)
    if election is None:
        return audit_tables(sealed, election_after(sealed))
    return audit_tables(sealed, one_of(election, ELECTIONS, "election"))


def audit_tables(sealed: dict[str, Any], name: str | None) -> tuple[Table, ...]:
    """Score a sealed forecast against an election and the by-elections before it.

    `name`: the election; None to score against by-elections only.

    Raises ConfigError if the data hold nothing to score the forecast against.
    """
    election = () if name is None else election_tables(sealed, name)
    found = *election, *by_elections_tables(sealed, date.max if name is None else day_of(name))
    if not found:
        raise ConfigError(
            f"the data hold no election and no by-election after {last_read(sealed)}. The forecast "
            "can be scored once they hold a result; name an election to score it against that one."
        )
    return found


def by_elections_tables(sealed: dict[str, Any], before: date) -> tuple[Table, ...]:
    """Return a table of the by-elections since a forecast was sealed, if there were any."""
    rows = []
    for one in by_elections(last_read(sealed), before - timedelta(days=1)):
        if one.boundaries != sealed["boundaries"]:
            continue
        chances = sealed["chances"][one.seat]
        favourite = max(chances, key=lambda party: float(chances[party]))
        rows.append(
            {
                "day": one.day.isoformat(),
                "seat": one.seat,
                "name": one.name,
                "favourite": favourite,
                "win_probability": chances[favourite],
                "winner": one.winner,
                "winner_chance": chances.get(one.winner, 0.0),
            }
        )
    if not rows:
        return ()
    winners = np.array([PARTIES.index(row["winner"]) for row in rows])
    chances = _chances(sealed, [row["seat"] for row in rows])
    called = int((chances.argmax(1) == winners).sum())
    table = table_of(
        "By-elections since",
        "day | seat | name | favourite | win_probability! | winner=Won by | "
        "winner_chance:probability=Its chance",
        rows,
        f"{called} of {len(rows)} called right, Brier {scores.brier(chances, winners):.3f}, "
        f"log score {scores.log_score(chances, winners, sealed['draws']):.3f}. The chances are "
        "of a general election: a by-election has another day, turnout and candidates.",
    )
    return (table,)


def election_tables(sealed: dict[str, Any], name: str) -> tuple[Table, Table]:
    """Return the scores of a sealed forecast at an election, and its favourites by their chance.

    Raises ConfigError if the election has none of the forecast's seats.
    """
    after = read_election(name)
    chances, winner = _matched(sealed, after)
    judged = {p: of for p, of in sealed["seats"].items() if p not in NO_ONE_PARTY}
    won = {party: int((after.winner == PARTIES.index(party)).sum()) for party in judged}
    inside = [low <= won[party] <= high for party, (_, low, high) in judged.items()]
    row = {
        "election": name,
        "seats": len(winner),
        "called": scores.called(chances, winner),
        "brier": scores.brier(chances, winner),
        "log_score": scores.log_score(chances, winner, sealed["draws"]),
        "totals": f"{sum(inside)} of {len(inside)}",
    }
    left = len(sealed["chances"]) - len(winner)
    table = table_of(
        f"Sealed on {sealed['sealed'][:10]}: {sealed['title']}",
        "election | seats | called | brier | log_score | totals=Totals in 90 %",
        [row],
        f"Digest {sealed['digest']}; {sealed['draws']:,} elections, without pacts.",
        "Totals: parties whose seats lie inside their 90 % interval.",
        *([f"{left} seats are not among those of {name}, and not scored."] if left else []),
    )
    bands = table_of(
        "Favourites", "band | seats | forecast | observed", scores.band_rows(chances, winner)
    )
    return table, bands


def _matched(sealed: dict[str, Any], after: Election) -> tuple[Floats, Any]:
    """Return chances and winners in the seats that forecast and election share."""
    places = after.seats.place
    shared = [code for code in sealed["chances"] if code in places]
    if not shared:
        raise ConfigError(
            f"the forecast is of seats on the boundaries of {sealed['boundaries']}; {after.name} "
            "had none of them. Name another election."
        )
    return _chances(sealed, shared), after.winner[[places[code] for code in shared]]


def _chances(sealed: dict[str, Any], seats: list[str]) -> Floats:
    """Return the chances in some seats, shape (seat, party)."""
    return np.array([[sealed["chances"][seat].get(p, 0.0) for p in PARTIES] for seat in seats])
