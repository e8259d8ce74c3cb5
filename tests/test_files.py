"""The reader of a user's CSV, and the writer of new files and folders."""

import gzip
import io
import json
import struct
import zlib
from datetime import date, datetime

import pytest

from forecaster.errors import DataError, ResultsError
from forecaster.files import CsvFile, Row, made_here, marked_png, new_file, new_folder


@pytest.fixture
def table(tmp_path):
    """Return a function that writes a file of some bytes and reads it."""

    def read(content, needed=()):
        path = tmp_path / "mine.csv"
        path.write_bytes(content)
        return [dict(row.cells) for row in CsvFile(path).rows(needed)]

    return read


def test_a_file_of_a_spreadsheet_is_read(table):
    rows = table(
        '\ufeffseat , Con\r\n"Ynys Môn, Wales",1.5\r\n,\r\n\r\n"two\nlines",2\r\n'.encode()
    )
    assert rows == [
        {"seat": "Ynys Môn, Wales", "Con": "1.5"},
        {"seat": "two\nlines", "Con": "2"},
    ]


def test_a_gzipped_file_is_read(table):
    assert table(gzip.compress(b"seat,Con\nX,1\n", mtime=0)) == [{"seat": "X", "Con": "1"}]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (gzip.compress(b"seat,Con\n", mtime=0)[:-9], "mine.csv: cannot be read: "),
        (b"\x1f\x8bseat,Con\n", "mine.csv: cannot be read: "),
        (b"seat,Con\nX\x81,1\n", "mine.csv: cannot be read: "),
        (b"", "line 1: no column 'seat', 'Con'; found nothing."),
        (b"seat,Con,Con\n", "line 1: Con has 2 columns, 'Con' and 'Con'; remove one of them."),
        (b"seat,Con\n\nX,1\nX\n", "line 4: expected 2 cells, as the header has; found 1"),
        (b"seat,Con\nX,1,2\n", "line 2: expected 2 cells, as the header has; found 3"),
    ],
)
def test_a_wrong_table_is_refused_with_its_line(table, content, message):
    with pytest.raises(DataError) as error:
        table(content, ("seat", "Con"))
    assert message in str(error.value)
    assert error.value.exit_code == 3


@pytest.mark.parametrize("blank", ["", "  ", None, float("nan")])
def test_blank_cells_are_no_numbers(blank):
    row = Row("x", {"Con": blank})
    assert (row.percent("Con"), row.text("Con"), row.percent("Lab")) == (None, "", None)


@pytest.mark.parametrize("cell", ["many", "-1", "101", 101, "inf"])
def test_a_cell_that_is_no_percentage_is_refused(cell):
    with pytest.raises(DataError, match="x: line 3: Con: "):
        Row("x: line 3", {"Con": cell}).percent("Con")


@pytest.mark.parametrize("day", ["2026-06-15", date(2026, 6, 15), datetime(2026, 6, 15, 12)])
def test_a_day_may_be_text_or_a_date(day):
    assert Row("x", {"end": day}).day("end") == date(2026, 6, 15)


def test_a_file_is_written_whole_or_not_at_all(tmp_path):
    path = tmp_path / "deep" / "mine.toml"
    with pytest.raises(KeyboardInterrupt), new_file(path) as partial:
        partial.write_text("half")
        raise KeyboardInterrupt
    assert list(path.parent.iterdir()) == []
    with new_file(path) as partial:
        partial.write_text("whole")
        assert not path.exists()
    assert [(one.name, one.read_text()) for one in path.parent.iterdir()] == [
        ("mine.toml", "whole")
    ]


def made(tmp_path, name):
    """Return a file or folder as this program makes it, and one by somebody else."""
    ours, other = tmp_path / f"ours.{name}", tmp_path / f"other.{name}"
    if name == "run":
        for folder in (ours, other):
            folder.mkdir()
            (folder / "seats.parquet").write_text("")
        (ours / "manifest.json").write_text(json.dumps({"schema_version": 2}))
        (other / "manifest.json").write_text(json.dumps({"manifest_version": 2}))
    elif name == "png":
        chunk = b"IHDR" + struct.pack(">IIBBBBB", 1, 1, 8, 0, 0, 0, 0)
        head = b"\x89PNG\r\n\x1a\n" + struct.pack(">I", 13) + chunk
        picture = head + struct.pack(">I", zlib.crc32(chunk))
        ours.write_bytes(marked_png(picture))
        other.write_bytes(picture)
    else:
        ours.write_text("# Parameters of the model, written by 'forecast calibrate model'")
        other.write_text("# My own parameters.\n" + 3000 * " " + "forecaster")
    return ours, other


@pytest.mark.parametrize("name", ["run", "png", "toml"])
def test_only_what_this_program_made_is_replaced_and_only_if_asked(tmp_path, name):
    new = new_folder if name == "run" else new_file
    ours, other = made(tmp_path, name)
    assert (made_here(ours), made_here(other)) == (True, False)
    with pytest.raises(ResultsError, match=r"exists already.*--force"), new(ours):
        pass
    with pytest.raises(ResultsError, match="not made by this program"), new(other, force=True):
        pass
    with new(ours, force=True) as partial:
        target = partial / "new" if name == "run" else partial
        target.write_text("new")
    assert (ours / "new" if name == "run" else ours).read_text() == "new"
    assert len(list(tmp_path.iterdir())) == 2


@pytest.mark.parametrize("name", ["run", "toml"])
def test_an_old_one_stays_if_the_new_one_fails(tmp_path, name):
    new = new_folder if name == "run" else new_file
    ours, other = made(tmp_path, name)
    with pytest.raises(KeyboardInterrupt), new(ours, force=True):
        raise KeyboardInterrupt
    assert made_here(ours)
    assert sorted(tmp_path.iterdir()) == sorted([ours, other])


@pytest.mark.parametrize("stranger", ["notes.txt", "deep"])
def test_a_run_with_something_of_the_users_in_it_is_left_alone(tmp_path, stranger):
    ours, _ = made(tmp_path, "run")
    (ours / stranger).mkdir() if stranger == "deep" else (ours / stranger).write_text("mine")
    assert not made_here(ours)


def test_a_marked_png_is_the_same_picture(tmp_path):
    resvg = pytest.importorskip("resvg_py")
    square = '<svg xmlns="http://www.w3.org/2000/svg" width="3" height="2"><rect/></svg>'
    picture = bytes(resvg.svg_to_bytes(svg_string=square))
    marked = io.BytesIO(marked_png(picture))
    marked.seek(8)
    chunks = {}
    while header := marked.read(8):
        size, kind = struct.unpack(">I4s", header)
        chunks[kind] = marked.read(size)
        assert struct.unpack(">I", marked.read(4))[0] == zlib.crc32(kind + chunks[kind])
    assert chunks.pop(b"tEXt") == b"Software\0forecaster"
    assert next(iter(chunks)) == b"IHDR"
    assert chunks[b"IDAT"] in picture
