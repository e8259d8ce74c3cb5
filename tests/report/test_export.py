"""What is taken away holds the same figures, in whatever format."""

import csv
import json
import zipfile
from math import nan

import geopandas
import numpy as np
import openpyxl
import pyarrow.parquet as pq
import pytest
import xlsxwriter
from shapely import LinearRing

from forecaster import Pact, simulate
from forecaster.cli.main import run as forecast
from forecaster.elections.election import read_election
from forecaster.errors import ResultsError
from forecaster.report.export import export, export_tables, geojson, headings
from forecaster.report.hexmap import SIZE, read_layout

pytestmark = pytest.mark.slow

AYR = "Ayr, Carrick and Cumnock"


@pytest.fixture(scope="module")
def exported(pact_tables, tmp_path_factory):
    folder = tmp_path_factory.mktemp("export")
    for style in ("csv", "parquet", "geojson", "hexjson"):
        export(pact_tables, folder / style, style)
    return folder


def csv_rows(path):
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_names_with_accents_and_commas_come_back(exported):
    names = {row["name"] for row in csv_rows(exported / "csv" / "seats.csv")}
    assert {AYR, "Ynys Môn", "Montgomeryshire and Glyndŵr"} <= names
    assert len(names) == 650


def test_csv_and_parquet_hold_the_same(exported, pact_tables):
    names = {path.stem for path in (exported / "csv").glob("*.csv")}
    assert names == {path.stem for path in (exported / "parquet").glob("*.parquet")}
    assert {"totals", "seats", "favourites", "national", "compare", "changes", "targets"} <= names
    for name in names:
        rows = csv_rows(exported / "csv" / f"{name}.csv")
        table = pq.read_table(exported / "parquet" / f"{name}.parquet")
        assert table.column_names == list(rows[0])
        assert table.num_rows == len(rows)
        for column in table.column_names:
            written = ["" if v is None else str(v) for v in table.column(column).to_pylist()]
            read = [row[column] for row in rows]
            if table.column(column).type in ("string", "int64"):
                assert written == read
            else:
                numbers = [float(v or "nan") for v in read]
                np.testing.assert_allclose(
                    [float(v or "nan") for v in written], numbers, rtol=0, equal_nan=True
                )
    assert len(csv_rows(exported / "csv" / "seats.csv")) == pact_tables.tables["seats"].num_rows


@pytest.mark.slow
def test_a_name_is_never_a_formula(tmp_path):
    pact = Pact(name="=1+1", members=["Lab", "LD"], opponents=["Con", "Reform"], transfers=0.7)
    run = simulate("next-election", pacts=[pact], draws=64)
    run.export(tmp_path / "csv")
    run.export(tmp_path / "xlsx", "xlsx")
    rows = csv_rows(tmp_path / "csv" / "compare.csv")
    assert {row["scenario"] for row in rows} == {"'=1+1"}
    assert all(
        float(row["difference"]) is not None for row in rows
    )  # negative numbers stay numbers
    with zipfile.ZipFile(tmp_path / "xlsx" / "forecast.xlsx") as book:
        sheets = [name for name in book.namelist() if name.startswith("xl/worksheets/")]
        assert len(sheets) > 5
        # In a sheet a formula is the element f; in a cell, a text is a number of a shared one.
        assert not [name for name in sheets if b"<f>" in book.read(name)]
        assert b"<t>=1+1</t>" in book.read("xl/sharedStrings.xml")


@pytest.fixture(scope="module")
def workbook(plain_tables, tmp_path_factory):
    folder = tmp_path_factory.mktemp("workbook") / "book"
    export(plain_tables, folder, "xlsx")
    return folder / "forecast.xlsx"


def test_the_same_run_gives_a_workbook_of_the_same_bytes(plain_tables, workbook, tmp_path):
    export(plain_tables, tmp_path / "other", "xlsx")
    assert (tmp_path / "other" / "forecast.xlsx").read_bytes() == workbook.read_bytes()
    with zipfile.ZipFile(workbook) as book:
        assert b"1980-01-01" in book.read("docProps/core.xml")
        assert {member.date_time[0] for member in book.infolist()} == {1980}


def test_a_workbook_on_a_full_disk_is_refused(plain_tables, tmp_path, monkeypatch):
    def full(*args):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(xlsxwriter.Workbook, "_store_workbook", full)
    with pytest.raises(ResultsError, match="book: could not be written: no space left on device"):
        export(plain_tables, tmp_path / "book", "xlsx")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.slow
def test_workbook_shows_percentages_and_keeps_headings_in_sight(plain_tables, workbook):
    book = openpyxl.load_workbook(workbook)
    assert book.sheetnames == ["about", *export_tables(plain_tables)]
    for sheet in book.worksheets[1:]:
        assert sheet.freeze_panes == "A2"
        assert sheet.auto_filter.ref == sheet.dimensions
    assert book["about"]["B1"].value == plain_tables.manifest["title"]
    sheet = book["seats"]
    headings = [cell.value for cell in sheet[1]]
    rows = [row for row in plain_tables.tables["seats"].to_pylist() if row["name"] == AYR]
    written = [row for row in sheet.iter_rows(min_row=2) if row[2].value == AYR]
    chances = [row[headings.index("Chance")] for row in written]
    assert [cell.value for cell in chances] == [row["win_probability"] for row in rows]
    assert {cell.number_format for cell in chances} == {"0.0%"}


def test_every_seat_has_one_row_with_all_scenarios_side_by_side(exported, pact_tables):
    rows = {row["name"]: row for row in csv_rows(exported / "csv" / "side_by_side.csv")}
    assert len(rows) == 650
    lewes = rows["Lewes"]
    assert (lewes["county"], lewes["region"]) == ("East Sussex", "South East")
    assert rows[AYR]["county"] == ""
    chances = {
        (row["scenario"], row["party"]): row["win_probability"]
        for row in pact_tables.tables["seats"].to_pylist()
        if row["name"] == "Lewes"
    }
    for scenario in pact_tables.scenarios:
        found = float(lewes[f"{scenario}: win_probability"])
        assert found == chances[scenario, lewes[f"{scenario}: favourite"]]
    assert lewes["progressive: donors"] == "Lab+Green"
    assert rows["Ynys Môn"]["right: flag_bearer"] != ""


def test_headings_of_a_workbook_differ_in_more_than_case(pact_tables):
    tables = export_tables(pact_tables)
    for name, table in tables.items():
        named = [heading.casefold() for heading in headings(table)]
        assert len(named) == len(set(named)), name
    assert "Standard error: Chance" in headings(tables["seats"])


def test_geojson_has_the_outline_of_every_seat_around_its_centroid(exported):
    text = (exported / "geojson" / "seats.geojson").read_text(encoding="utf-8")
    document = json.loads(text)
    seats = read_election("2024").seats
    assert [f["id"] for f in document["features"]] == seats.code.tolist()
    outlines = geopandas.GeoDataFrame.from_features(document, crs="EPSG:4326").to_crs(27700)
    points = geopandas.points_from_xy(seats.longitude, seats.latitude, crs="EPSG:4326")
    away = outlines.distance(geopandas.GeoSeries(points).to_crs(27700))
    # The centroids of two groups of islands lie in the sea.
    at_sea = {"Orkney and Shetland", "North Ayrshire and Arran"}
    assert set(seats.name[away.to_numpy() > 2_500]) == at_sea
    # The land of the United Kingdom is 242,500 square kilometres.
    assert outlines.area.sum() == pytest.approx(242_500e6, rel=0.02)
    for feature in document["features"]:
        for outer, *holes in feature["geometry"]["coordinates"]:
            assert outer[0] == outer[-1]
            assert [LinearRing(ring).is_ccw for ring in (outer, *holes)] == [True] + [False] * len(
                holes
            )
    lewes = next(f for f in document["features"] if f["properties"]["name"] == "Lewes")
    assert lewes["properties"]["no-pact: favourite"] == "LD"
    assert 0 <= lewes["properties"]["progressive+right: right, backfire"] <= 1
    assert lewes["properties"]["progressive: flag_bearer"] == "LD"


def test_hexjson_has_the_map_with_neighbours_beside_each_other(exported, pact_tables):
    text = (exported / "hexjson" / "seats.hexjson").read_text(encoding="utf-8")
    document = json.loads(text)
    assert document["layout"] == "odd-r"
    hexes = document["hexes"]
    assert len({(cell["q"], cell["r"]) for cell in hexes.values()}) == len(hexes) == 650
    # As who draws it places them: odd rows half a hexagon further, rows from the south.
    found = np.array([[c["q"] + (c["r"] % 2) / 2, c["r"] * np.sqrt(3) / 2] for c in hexes.values()])
    layout = read_layout(pact_tables.places)
    codes = pact_tables.places.code.tolist()
    drawn = np.array([layout.centre(layout.cells[codes.index(code)]) for code in hexes])
    drawn = drawn * [1, -1] / SIZE
    np.testing.assert_allclose(found - found[0], drawn - drawn[0], atol=1e-9)
    lewes = next(cell for cell in hexes.values() if cell["n"] == "Lewes")
    assert lewes["no-pact: favourite"] == "LD"


def test_a_seat_without_centroid_has_no_geometry(plain_tables, monkeypatch):
    seats = read_election(plain_tables.manifest["base"]).seats
    without = seats.latitude.copy()
    without[3] = nan
    monkeypatch.setitem(seats.__dict__, "latitude", without)
    features = geojson(plain_tables)["features"]
    assert [f["id"] for f in features if f["geometry"] is None] == [str(seats.code[3])]


def test_a_run_without_pacts_has_no_tables_of_them(plain_tables, tmp_path):
    files = export(plain_tables, tmp_path / "out", "csv")
    assert not {"compare.csv", "changes.csv", "targets.csv"} & set(files)


def test_an_existing_folder_is_left_alone(plain_run, tmp_path, capsys):
    (tmp_path / "mine").mkdir()
    assert forecast(["export", str(plain_run), "--out", str(tmp_path / "mine")]) == 4
    assert "exists already" in capsys.readouterr().err
    assert list((tmp_path / "mine").iterdir()) == []
