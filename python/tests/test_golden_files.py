"""What conformance/ keeps for every client: spools of each version, and calls with their answers."""

from __future__ import annotations

import gzip
import json
import math
import re
import secrets
from pathlib import Path
from typing import Any

import pytest

from aspara.http_call import Connection
from aspara.receipt import Receipt
from aspara.spool_folder import Sent
from aspara.spool_reader import SpoolReader
from tracker_process import ROOT, TrackerProcess

_spools = ROOT / "conformance" / "spool"


def plain(value: float) -> float | str:
    """Numbers as the plain twins have them."""
    if value != value:
        return "NaN"
    if math.isinf(value):
        return "Infinity" if value > 0 else "-Infinity"
    return "-0" if value == 0 and math.copysign(1, value) < 0 else value


@pytest.mark.parametrize("name", sorted(path.name for path in _spools.iterdir() if path.is_dir()))
def test_a_spool_of_each_version_is_read(name: str) -> None:
    expected = json.loads((_spools / f"{name}.json").read_text("utf-8"))
    reader = SpoolReader(_spools / name)
    receipt = Receipt()
    found: list[dict[str, Any]] = []
    sent = Sent()
    for item in iter(reader.read, None):
        if isinstance(item, dict) and item["type"] == "damaged":
            sent.refuse(reader.rows - item["rows"], item["rows"], "damaged")
            continue
        if isinstance(item, dict):
            found.append({"document": item})
            continue
        receipt.add(item)
        for index, step in enumerate(item.steps):
            row = {key: column[index] for key, column in item.columns.items()}
            values = {key: plain(value) for key, value in row.items() if value is not None}
            found.append({"step": step, "time": item.times[index], "values": values})
    assert reader.writer == expected["writer"]
    damage = [{"row": entry["row"], "count": entry["count"]} for entry in sent.refused]
    assert damage == expected.get("damaged", [])
    assert found == [
        record
        if "document" in record
        else {
            "step": record["step"],
            "time": record["time"],
            "values": dict(zip(record["keys"], record["values"], strict=True)),
        }
        for record in expected["records"]
    ]
    numbers = {"rows": receipt.rows, "points": receipt.points, "checksum": receipt.checksum}
    assert numbers == expected["receipt"]


def form(parts: list[dict[str, str]]) -> tuple[bytes, str]:
    """A multipart body and its type."""
    boundary = secrets.token_hex(8)
    text = ""
    for part in parts:
        filename = f'; filename="{part["filename"]}"' if "filename" in part else ""
        text += f'--{boundary}\r\nContent-Disposition: form-data; name="{part["name"]}"{filename}\r\n\r\n'
        text += f"{part['content']}\r\n"
    return f"{text}--{boundary}--\r\n".encode(), f"multipart/form-data; boundary={boundary}"


def assert_has(found: Any, expected: Any, where: str) -> None:
    """Objects may have more keys, lists as many items."""
    if isinstance(expected, dict):
        assert isinstance(found, dict), where
        for key, value in expected.items():
            assert key in found, f"{where}: no {key}"
            assert_has(found[key], value, f"{where}.{key}")
    elif isinstance(expected, list):
        assert isinstance(found, list), where
        assert len(found) == len(expected), where
        for index, (one, other) in enumerate(zip(found, expected, strict=True)):
            assert_has(one, other, f"{where}[{index}]")
    else:
        assert found == expected, where


def test_what_a_client_asks_is_answered_as_the_calls_say(own_tracker: TrackerProcess) -> None:
    connection = Connection(own_tracker.url)
    kept: dict[str, str] = {}
    for call in json.loads(Path(ROOT / "conformance" / "calls.json").read_text("utf-8")):
        request, answer = call["request"], call["answer"]
        # The standard library has no zstd before 3.14: what is sent by this client is gzip.
        headers = dict(request.get("headers", {}))
        body = None
        if "body" in request or "text" in request:
            body = (json.dumps(request["body"]) if "body" in request else request["text"]).encode()
            headers.setdefault("Content-Type", "application/json")
        elif "multipart" in request:
            body, headers["Content-Type"] = form(request["multipart"])
        if request.get("encoding"):
            body = gzip.compress(body or b"")
            headers["Content-Encoding"] = "gzip"
        path = re.sub(r"\{(\w+)\}", lambda key: kept[key[1]], request["path"])
        found = connection.call(request["method"], path, body, headers)
        assert found.status == answer["status"], f"{call['name']}: {found.body!r}"
        if "text" in answer:
            assert found.body.decode() == answer["text"], call["name"]
        if "body" in answer:
            assert_has(found.json(), answer["body"], call["name"])
        for key in answer.get("keeps", ()):
            kept[key] = found.json()[key]
        if "says" in answer:
            assert answer["says"] in json.dumps(found.json()["detail"], ensure_ascii=False), call["name"]
        if "loc" in answer:
            assert found.json()["detail"][0]["loc"] == answer["loc"], call["name"]
    connection.close()
