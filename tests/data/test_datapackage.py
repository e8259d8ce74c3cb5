"""The Data Package beside the catalogue describes the same tables, and they are as it says."""

import json

import pytest
from frictionless import Package, system

from forecaster.cli.main import run
from forecaster.resources import catalogue, checksum


@pytest.mark.slow
def test_every_row_of_every_table_is_as_the_descriptor_says(repository):
    with system.use_context(trusted=True):
        report = Package(repository / "data" / "datapackage.json").validate()
    assert report.valid, report.flatten(["name", "rowNumber", "fieldName", "message"])[:5]
    assert len(report.tasks) == len(catalogue())


def test_it_says_what_the_catalogue_says(repository):
    package = json.loads((repository / "data" / "datapackage.json").read_text("utf-8"))
    for resource, (path, entry) in zip(package["resources"], catalogue().items(), strict=True):
        assert (resource["path"], resource["hash"]) == (path, f"sha256:{entry['sha256']}")
        fields = {field["name"]: field for field in resource["schema"]["fields"]}
        assert list(fields) == list(entry["columns"])
        for name, column in entry["columns"].items():
            assert fields[name].get("unit", column["unit"]) == column["unit"]


def test_types_are_those_of_the_values(repository):
    package = json.loads((repository / "data" / "datapackage.json").read_text("utf-8"))
    of = {
        r["path"]: {f["name"]: f["type"] for f in r["schema"]["fields"]}
        for r in package["resources"]
    }
    assert of["elections/2024/votes.csv"]["votes"] == "integer"
    assert of["covariates/2024-boundaries.csv"]["leave"] == "number"
    assert of["polls/national.csv"]["end"] == "date"
    assert of["seats/2024-boundaries.csv"]["code"] == "string"


def test_it_can_be_taken_away(tmp_path, capsys):
    folder = tmp_path / "data"
    assert run(["data", "export", str(folder)]) == 0
    assert all(checksum(folder / path) == entry["sha256"] for path, entry in catalogue().items())
    assert (folder / "datapackage.json").is_file()
    assert run(["data", "export", str(folder)]) == 4
    assert "exists already" in capsys.readouterr().err
