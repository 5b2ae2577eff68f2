"""The spool's bytes, beside what docs/format/spool.md says they are."""

from __future__ import annotations

import json
import math
import struct
import uuid
import zlib
from pathlib import Path

import pytest

import aspara
from aspara.receipt import Receipt
from aspara.rows import Rows
from aspara.spool import Spool
from aspara.spool_folder import segment_path, segments_of
from aspara.spool_reader import Place, SpoolDamaged, SpoolReader

ROW_MARK = 0x4D41524B
DOCUMENT_MARK = 0xB2BEADB4
WRITER = uuid.UUID("6f1c2d3e-0000-4000-8000-0123456789ab")


def header(segment: int = 0, first_row: int = 0) -> bytes:
    return (
        b"ASPSPOOL"
        + (2).to_bytes(4, "little")
        + segment.to_bytes(4, "little")
        + WRITER.bytes
        + first_row.to_bytes(8, "little")
        + bytes(24)
    )


def record(content: bytes, mark: int) -> bytes:
    """With its mark and its checksum."""
    content += mark.to_bytes(4, "little")
    return content + zlib.crc32(content).to_bytes(4, "little")


def document(content: dict[str, object], offset: int) -> bytes:
    text = json.dumps(content).encode()
    text += b" " * (-len(text) % 8)
    head = (len(text) + 16).to_bytes(4, "little") + bytes(4)
    return record(head + text, offset + DOCUMENT_MARK)


def row(shape: int, step: float, time: float, values: list[float], offset: int) -> bytes:
    size = 32 + 8 * len(values)
    doubles = b"".join(struct.pack("<d", value) for value in (step, time, *values))
    head = size.to_bytes(4, "little") + shape.to_bytes(4, "little")
    return record(head + doubles, offset + ROW_MARK)


class Bytes:
    """A segment put together by hand."""

    def __init__(self, segment: int = 0, first_row: int = 0) -> None:
        self.bytes = header(segment, first_row)

    def document(self, **content: object) -> Bytes:
        self.bytes += document(content, len(self.bytes))
        return self

    def row(self, shape: int, step: float, time: float, *values: float) -> Bytes:
        self.bytes += row(shape, step, time, list(values), len(self.bytes))
        return self

    def write(self, folder: Path, segment: int = 0, tail: bytes = b"") -> Path:
        folder.mkdir(parents=True, exist_ok=True)
        segment_path(folder, segment).write_bytes(self.bytes + tail)
        return folder


def read_all(reader: SpoolReader) -> list[Rows | dict[str, object]]:
    found = []
    while (item := reader.read()) is not None:
        found.append(item)
    return found


def test_what_is_written_by_hand_is_read(tmp_path: Path) -> None:
    first = Bytes().document(type="run", project="p", name="é")
    first.document(type="shape", number=1, keys=["a", "b/é"])
    first.row(1, 0, 1000.5, 1.5, math.inf).row(1, 7, 1001, -0.0, 2)
    first.document(type="something new").document(type="summary", values={"x": "NaN"})
    first.document(type="shape", number=2, keys=["c"]).row(2, -5, 1002, 9).row(1, 8, 1003, 3, 4)
    first.document(type="next").write(tmp_path)
    second = Bytes(1, 4).document(type="shape", number=1, keys=["c"]).row(1, 9, 1004, 5)
    second.document(type="finish", exit_code=0).write(tmp_path, 1)

    reader = SpoolReader(tmp_path)
    found = read_all(reader)
    assert reader.writer == str(WRITER)
    assert [item.get("type") for item in found if isinstance(item, dict)] == [
        "run",
        "something new",
        "summary",
        "finish",
    ]
    rows = [item for item in found if isinstance(item, Rows)]
    assert [list(item.steps) for item in rows] == [[0, 7], [-5, 8], [9]]
    assert {key: list(column) for key, column in rows[0].columns.items()} == {"a": [1.5, 0], "b/é": [math.inf, 2]}
    assert rows[1].columns == {"c": [9, None], "a": [None, 3], "b/é": [None, 4]}
    assert rows[1].values == 3
    assert reader.place == Place(1, len(second.bytes), 5)


def test_what_a_run_writes_is_as_the_page_says(spool: Path) -> None:
    run = aspara.init(project="p", name="r", mode="offline", config={"nan": math.nan})
    run.log({"a": 1.5, "b": -2}, step=3, timestamp=1_700_000_001.25)
    run.finish(exit_code=4)
    (folder,) = spool.iterdir()
    data = segment_path(folder, 0).read_bytes()
    assert data[:16] == b"ASPSPOOL" + bytes([2, 0, 0, 0, 0, 0, 0, 0])
    assert str(uuid.UUID(bytes=data[16:32])) == folder.name
    assert data[32:64] == bytes(32)
    offset, documents = 64, []
    while offset < len(data):
        size, shape = struct.unpack_from("<II", data, offset)
        assert size % 8 == 0
        assert size >= 24
        mark = offset + (ROW_MARK if shape else DOCUMENT_MARK)
        assert data[offset : offset + size] == record(data[offset : offset + size - 8], mark)
        if shape:
            assert data[offset : offset + size] == row(1, 3, 1_700_000_001_250, [1.5, -2], offset)
        else:
            documents.append(json.loads(data[offset + 8 : offset + size - 8]))
        offset += size
    assert [one["type"] for one in documents] == ["run", "config", "shape", "finish"]
    assert (documents[0]["name"], documents[0]["mode"]) == ("r", "offline")
    assert documents[1]["values"] == {"nan": "NaN"}
    assert documents[2] == {"type": "shape", "number": 1, "keys": ["a", "b"]}
    assert documents[3]["exit_code"] == 4
    assert documents[3]["client"]["rows"] == 1


@pytest.mark.parametrize("cut", range(8, 72, 8))
def test_a_torn_record_and_what_follows_it_is_ignored(tmp_path: Path, cut: int) -> None:
    whole = Bytes().document(type="shape", number=1, keys=["a", "b", "c", "d", "e"]).row(1, 0, 1, 1, 2, 3, 4, 5)
    torn = row(1, 1, 2, [6, 7, 8, 9, 10], len(whole.bytes))
    for tail in (torn[:cut], torn[:cut] + bytes(72 - cut) + row(1, 2, 3, [1] * 5, len(whole.bytes) + 72)):
        found = read_all(SpoolReader(whole.write(tmp_path, tail=tail)))
        assert [len(item) for item in found] == [1]


def test_a_record_that_becomes_whole_is_read_then(tmp_path: Path) -> None:
    whole = Bytes().document(type="shape", number=1, keys=["a"]).row(1, 0, 1, 2)
    next_row = row(1, 1, 2, [3], len(whole.bytes))
    whole.write(tmp_path, tail=next_row[:-8] + bytes(4096))
    reader = SpoolReader(tmp_path)
    assert [len(item) for item in read_all(reader)] == [1]
    whole.write(tmp_path, tail=next_row + bytes(4096))
    assert [list(item.steps) for item in read_all(reader) if isinstance(item, Rows)] == [[1]]
    assert read_all(reader) == []


def test_another_version_and_other_files_are_refused(tmp_path: Path) -> None:
    Bytes().write(tmp_path)
    path = segment_path(tmp_path, 0)
    path.write_bytes(b"ASPSPOOL" + bytes([3]) + path.read_bytes()[9:])
    with pytest.raises(SpoolDamaged, match="version 3"):
        SpoolReader(tmp_path)
    path.write_bytes(b"something else" * 10)
    with pytest.raises(SpoolDamaged, match="no segment"):
        SpoolReader(tmp_path)


def test_a_spool_goes_on_in_the_next_segment(tmp_path: Path) -> None:
    spool = Spool(tmp_path, 10**9, segment_bytes_max=2 * 1024 * 1024)
    spool.append_document({"type": "run", "project": "p", "name": "r"})
    for step in range(100_000):
        assert spool.append_row(("a", "b"), step, 1000 + step, (step, -step))
    spool.append_document({"type": "finish", "exit_code": 0})
    spool.close()
    assert segments_of(spool.folder) == [0, 1, 2]
    assert all(path.stat().st_size <= 2 * 1024 * 1024 for path in tmp_path.rglob("*.spool"))
    reader = SpoolReader(spool.folder)
    steps: list[float] = []
    places = []
    for item in iter(reader.read, None):
        if isinstance(item, Rows):
            places.append(reader.place)
            steps.extend(item.steps)
            assert list(item.columns["b"]) == [-step for step in item.steps]
    assert steps == list(range(100_000))
    other = SpoolReader(spool.folder)
    for place in (places[5], places[-2], places[60]):
        other.seek(place)
        found = other.read()
        assert isinstance(found, Rows)
        assert found.steps[0] == place.rows
        assert other.rows == place.rows + len(found)


def test_a_receipt_is_the_checksum_that_the_page_describes() -> None:
    rows = [
        (0, 1000.5, {"loss": 1.5, "é": math.nan}),
        (7, 1001.0, {"loss": -0.0}),
        (-5, 1002.0, {}),
    ]
    expected = 0
    for step, time, values in rows:
        data = struct.pack("<dd", step, time)
        for name in sorted(values, key=lambda name: (zlib.crc32(name.encode()), name.encode())):
            value = (
                struct.pack("<Q", 0x7FF8000000000000) if math.isnan(values[name]) else struct.pack("<d", values[name])
            )
            data += struct.pack("<I", zlib.crc32(name.encode())) + value
        expected = zlib.crc32(data, expected)
    strange_nan: float = struct.unpack("<d", struct.pack("<Q", 0xFFF8000000000123))[0]
    receipt = Receipt()
    receipt.add(Rows([0, 7], [1000.5, 1001.0], {"é": [strange_nan, None], "loss": [1.5, -0.0]}, 3))
    receipt.add(Rows([-5], [1002.0], {}, 0))
    assert (receipt.rows, receipt.points, receipt.checksum) == (3, 3, f"{expected:08x}")
