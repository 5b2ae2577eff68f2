"""Batches as they are sent."""

from __future__ import annotations

import uuid

from aspara.batch import Batch
from aspara.http_call import Connection
from aspara.rows import Rows
from tracker_process import TrackerProcess


def test_a_batch_for_another_machine_is_compressed_and_stored_all_the_same(
    tracker: TrackerProcess, project: str
) -> None:
    count = 5_000
    steps = [float(step) for step in range(count)]
    times = [1.7e12 + step for step in steps]
    batch = Batch()
    batch.add(Rows(steps, times, {"loss": [1 / (1 + step) for step in range(count)]}, count))
    head = {"writer": str(uuid.uuid4()), "sequence": 0}
    plain, headers_of_plain = batch.body(head, is_local=True)
    packed, headers = batch.body(head)
    assert "Content-Encoding" not in headers_of_plain
    assert headers["Content-Encoding"] == "gzip"
    assert len(packed) < len(plain) / 2
    connection = Connection(tracker.url)
    answer = connection.call("POST", f"/projects/{project}/runs/r/metrics/batch", packed, headers)
    connection.close()
    assert answer.json() == {"status": "ok", "next_sequence": 1}
    assert [point["value"] for point in tracker.points(project, "r")] == [1 / (1 + step) for step in range(count)]


def test_who_is_on_this_machine() -> None:
    for host in ("127.0.0.1", "localhost", "[::1]", "127.8.0.1"):
        assert Connection(f"http://{host}:3142").is_local
    for host in ("trackers.example", "10.0.0.1", "128.0.0.1"):
        assert not Connection(f"http://{host}:3142").is_local
