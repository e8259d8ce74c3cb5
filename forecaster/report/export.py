"""Tables of a run, and the embedded ones, as files for other programs."""

from __future__ import annotations

import json
import shutil
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from math import isfinite
from pathlib import Path
from typing import Any

from forecaster.answers import compare, summary, tragedies
from forecaster.answers.deals import deals_table
from forecaster.answers.targets import targets_table
from forecaster.columns import columns, table_of
from forecaster.elections.election import read_counties
from forecaster.elections.tragedy import DEFINITIONS
from forecaster.files import new_folder
from forecaster.report.hexmap import read_layout
from forecaster.report.outlines import read_outlines
from forecaster.resources import catalogue, data_file, root
from forecaster.results.run import RunTables
from forecaster.results.store import SCHEMA_VERSION
from forecaster.table import Column, Table, as_csv
from forecaster.vocabulary import PARTIES, one_of

(SCENARIO,) = columns("scenario")

WRAPPED = {"text_wrap": True, "valign": "top"}

OPTIONS = {"nan_inf_to_errors": False, "strings_to_formulas": False, "strings_to_urls": False}
"""Options of a workbook, which never reads a user's text as a formula or link."""

CREATED = datetime(1980, 1, 1)
"""Date in every workbook, the first of zip archives, so that a run gives the same bytes twice."""

NUMBER_FORMATS = {
    "integer": "#,##0",
    "number": "#,##0.0",
    "difference": "+#,##0.0;-#,##0.0;0.0",
    "whole_difference": "+#,##0;-#,##0;0",
    "fraction": "0.00",
    "score": "0.000",
    "share": "0.0%",
    "probability": "0.0%",
    "error": "0.00%",
    "unit_error": "0.000",
}
"""How a workbook shows each kind of column; the cells hold the unrounded figures."""


def export_tables(run: RunTables) -> dict[str, Table]:
    """Return the tables of a run by name: those of the report, and every party in every seat.

    Rows of all scenarios stand below each other; columns that a terminal leaves out are there.
    """
    names, pacts = run.scenarios, run.scenarios[1:]
    out = {
        "side_by_side": side_by_side(run),
        "totals": _joined(names, lambda name: summary.outcome_table(run, name)),
        "favourites": _joined(names, lambda name: summary.favourites_table(run, name)),
        "seats": _joined(names, lambda name: summary.chances_table(run, name)),
        "national": summary.national_table(run),
        "tragedies": tragedies.run_counts(run),
        "tragedy_seats": Table.joined([tragedies.run_seats(run, d) for d in DEFINITIONS.values()]),
    }
    if pacts:
        out["compare"] = Table.joined([compare.compare_table(run, name) for name in pacts])
        out["changes"] = compare.changes_table(run, pacts)
        out["targets"] = Table.joined([targets_table(run, name) for name in pacts])
        out["deals"] = Table.joined([deals_table(run, name) for name in pacts])
    return out


def side_by_side(run: RunTables) -> Table:
    """Return a row per seat with its county, who won, and every scenario's chances and effects."""
    names, county = read_counties(run.places)
    rows = [
        row | {"county": names[c] if c >= 0 else None}
        for row, c in zip(_properties(run).values(), county, strict=True)
    ]
    wanted = [columns("seat | name | -nation | region | county | last_winner")]
    for scenario in run.scenarios:
        wanted.append(_prefixed(f"{scenario}: ", "favourite | win_probability!"))
        for pact in run.pacts(scenario):
            inside = "" if pact["name"] == scenario else f"{pact['name']}, "
            keys = "flag_bearer | donors | gain! | backfire!"
            wanted.append(_prefixed(f"{scenario}: {inside}", keys))
    shown = tuple(column for some in wanted for column in some)
    return table_of(
        "Every seat, all scenarios side by side",
        shown,
        [{column.key: row.get(column.key) for column in shown} for row in rows],
        summary.precision_note(run.draws),
    )


def _prefixed(prefix: str, keys: str) -> tuple[Column, ...]:
    """Return columns whose keys and headings say of which scenario they are."""
    return tuple(
        replace(column, key=prefix + column.key, heading=prefix + column.heading)
        for column in columns(keys)
    )


def _joined(scenarios: list[str], make: Callable[[str], Table]) -> Table:
    """Return the tables of all scenarios as one, with the scenario as its first column."""
    parts = []
    for name in scenarios:
        table = make(name)
        rows = [{"scenario": name} | row for row in table.rows]
        parts.append(replace(table, columns=(SCENARIO, *table.columns), rows=rows))
    return Table.joined(parts)


def export(run: RunTables, folder: Path, style: str, force: bool = False) -> list[str]:
    """Write a run's tables into a new folder, whole or not at all.

    `style`: one of `STYLES`. `force`: replace a folder that this program wrote.

    Raises ConfigError if there is no such style. Raises ResultsError if the folder exists or cannot
    be written.

    Returns
    -------
    list of str
        Names of the files.
    """
    write = STYLES[one_of(style, STYLES, "--format")]
    with new_folder(folder, force) as partial:
        write(run, partial)
        # It marks the folder as made by this program, so that --force may replace it.
        about = {"schema_version": SCHEMA_VERSION, "export": style, "of": run.title}
        (partial / "manifest.json").write_text(json.dumps(about) + "\n", encoding="utf-8")
    return sorted(path.name for path in folder.iterdir())


def export_data(folder: Path) -> int:
    """Write the embedded tables and their descriptor into a new folder, whole or not at all.

    Raises DataError if a table is missing or was changed. Raises ResultsError if the folder exists
    or cannot be written.

    Returns
    -------
    int
        Number of tables.
    """
    with new_folder(folder) as partial:
        for name in catalogue():
            (partial / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(data_file(name), partial / name)
        shutil.copyfile(root() / "data" / "datapackage.json", partial / "datapackage.json")
    return len(catalogue())


def _csv(run: RunTables, folder: Path) -> None:
    for name, table in export_tables(run).items():
        (folder / f"{name}.csv").write_text(as_csv(table), encoding="utf-8", newline="\n")


def _parquet(run: RunTables, folder: Path) -> None:
    import pyarrow as pa
    import pyarrow.parquet as pq

    types = {"text": pa.string(), "integer": pa.int64(), "whole_difference": pa.int64()}
    for name, table in export_tables(run).items():
        arrays = [
            pa.array([row[column.key] for row in table.rows], types.get(column.kind, pa.float64()))
            for column in table.columns
        ]
        fields = [
            pa.field(column.key, array.type, metadata={"description": column.heading})
            for column, array in zip(table.columns, arrays, strict=True)
        ]
        pq.write_table(pa.table(arrays, pa.schema(fields)), folder / f"{name}.parquet")


def _xlsx(run: RunTables, folder: Path) -> None:
    import xlsxwriter

    try:
        with xlsxwriter.Workbook(folder / "forecast.xlsx", OPTIONS) as book:
            _write_book(book, run)
    except xlsxwriter.exceptions.FileCreateError as error:
        raise OSError(*error.args[0].args) from None


def _write_book(book: Any, run: RunTables) -> None:
    every = export_tables(run)
    book.set_properties({"created": CREATED})
    head = book.add_format({"bold": True, "bottom": 1, **WRAPPED})
    formats = {kind: book.add_format({"num_format": f}) for kind, f in NUMBER_FORMATS.items()}
    _notes_sheet(book, run, every)
    for name, table in every.items():
        sheet = book.add_worksheet(name)
        sheet.freeze_panes(1, 0)
        named = zip(table.columns, headings(table), strict=True)
        for k, (column, heading) in enumerate(named):
            values = [row[column.key] for row in table.rows]
            longest = max((len(str(v)) for v in values), default=0)
            width = min(max(longest, 8), 60) + 1 if column.kind == "text" else 11
            sheet.set_column(k, k, width, formats.get(column.kind))
            sheet.write_string(0, k, heading, head)
            sheet.write_column(1, k, [_blank_if_none(value) for value in values])
        if table.rows:
            sheet.autofilter(0, 0, len(table.rows), len(table.columns) - 1)


def headings(table: Table) -> list[str]:
    """Return headings that differ in more than case, as tables of spreadsheets need them.

    A standard error names its column; others that are there twice get their key.
    """
    of = {column.key: column.heading for column in table.columns}
    own = [
        f"{column.heading}: {of[column.key.removesuffix('_mcse')]}"
        if column.key.endswith("_mcse")
        else column.heading
        for column in table.columns
    ]
    often = Counter(heading.casefold() for heading in own)
    return [
        heading if often[heading.casefold()] == 1 else f"{heading} ({column.key})"
        for heading, column in zip(own, table.columns, strict=True)
    ]


def _blank_if_none(value: Any) -> Any:
    return "" if value is None or (isinstance(value, float) and not isfinite(value)) else value


def _notes_sheet(book: Any, run: RunTables, every: dict[str, Table]) -> None:
    manifest = run.manifest
    bold, wrap = book.add_format({"bold": True}), book.add_format(WRAPPED)
    sheet = book.add_worksheet("about")
    sheet.set_column(0, 0, 16, wrap)
    sheet.set_column(1, 1, 110, wrap)
    lines = [
        ("Run", manifest["title"]),
        ("Shares", manifest["national_source"]),
        ("Draws, seed", f"{manifest['draws']:,}; {manifest['seed']}"),
        ("Config", manifest["config_digest"]),
        ("Program", f"forecaster {manifest['versions']['forecaster']}"),
        ("", ""),
    ]
    for name, table in every.items():
        lines += [(name, table.title), *(("", note) for note in table.notes)]
    for r, (key, text) in enumerate(lines):
        sheet.write_string(r, 0, key, bold)
        sheet.write_string(r, 1, text)


def _geojson(run: RunTables, folder: Path) -> None:
    text = json.dumps(geojson(run), ensure_ascii=False, allow_nan=False)
    (folder / "seats.geojson").write_text(text + "\n", encoding="utf-8")


def geojson(run: RunTables) -> dict[str, Any]:
    """Return every seat's simplified outline, with its chances in every scenario (RFC 7946).

    On boundaries without outlines it is a point at the centroid; without that, no geometry.
    """
    seats, outlines = run.places, read_outlines(run.places)
    places = zip(seats.longitude.tolist(), seats.latitude.tolist(), strict=True)
    points = [_point(longitude, latitude) for longitude, latitude in places]
    features = [
        {
            "type": "Feature",
            "id": code,
            "geometry": {"type": "MultiPolygon", "coordinates": outlines[i]}
            if i in outlines
            else points[i],
            "properties": properties,
        }
        for i, (code, properties) in enumerate(_properties(run).items())
    ]
    return {"type": "FeatureCollection", "features": features}


def _hexjson(run: RunTables, folder: Path) -> None:
    text = json.dumps(hexjson(run), ensure_ascii=False, allow_nan=False)
    (folder / "seats.hexjson").write_text(text + "\n", encoding="utf-8")


def hexjson(run: RunTables) -> dict[str, Any]:
    """Return every seat as a hexagon of the map, with its chances in every scenario.

    In the layout that HexJSON calls ``odd-r``: rows ``r`` are counted from the south, and odd ones
    lie half a hexagon further east. A seat without a hexagon is left out.
    """
    cells, properties = read_layout(run.places).cells, list(_properties(run).items())
    last = max(r for _, r in cells.values())
    column = {i: q + (r - last % 2) // 2 for i, (q, r) in cells.items()}
    first = min(column.values())
    return {
        "version": "1",
        "layout": "odd-r",
        "hexes": {
            properties[i][0]: {
                "n": properties[i][1]["name"],
                "q": column[i] - first,
                "r": last - r,
                **properties[i][1],
            }
            for i, (_, r) in cells.items()
        },
    }


def _properties(run: RunTables) -> dict[str, dict[str, Any]]:
    """Return what a map says of every seat, by its code: who won, and chances by scenario."""
    seats = run.places
    rows = zip(seats.code.tolist(), seats.name.tolist(), run.base.winner.tolist(), strict=True)
    out: dict[str, dict[str, Any]] = {
        code: {"seat": code, "name": name, "last_winner": PARTIES[winner]}
        for code, name, winner in rows
    }
    for scenario in run.scenarios:
        for row in summary.favourites_table(run, scenario).rows:
            own = out[row["seat"]]
            own |= {key: row[key] for key in ("nation", "region")}
            own |= {f"{scenario}: {key}": row[key] for key in ("favourite", "win_probability")}
    for row in (row for name in run.scenarios[1:] for row in run.effect_rows(name)):
        inside = "" if row["pact"] == row["scenario"] else f"{row['pact']}, "
        out[row["seat"]] |= {
            f"{row['scenario']}: {inside}{key}": row[key]
            for key in ("flag_bearer", "donors", "gain", "backfire")
        }
    return out


def _point(longitude: float, latitude: float) -> dict[str, Any] | None:
    if not (isfinite(longitude) and isfinite(latitude)):
        return None
    return {"type": "Point", "coordinates": [longitude, latitude]}


STYLES: dict[str, Callable[[RunTables, Path], None]] = {
    "csv": _csv,
    "xlsx": _xlsx,
    "parquet": _parquet,
    "geojson": _geojson,
    "hexjson": _hexjson,
}
"""What a run can be written as."""
