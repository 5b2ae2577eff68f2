"""The client's limits are the tracker's: what is larger is refused by both, and said by the client first."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from aspara import batch, names, plain_json, run_description, sender, spool_format

LIMITS = Path(__file__).parents[2] / "protocol" / "limits.ts"


def tracker_limits() -> dict[str, int]:
    """The numbers of protocol/limits.ts, which writes them as products: `64 * KiB`."""
    units = {"KiB": 2**10, "MiB": 2**20, "GiB": 2**30}
    found = {}
    for name, product in re.findall(r"^  (\w+): ([\w *]+),$", LIMITS.read_text(encoding="utf-8"), re.MULTILINE):
        number = 1
        for factor in product.split(" * "):
            number *= units[factor] if factor in units else int(factor)
        found[name] = number
    return found


@pytest.mark.parametrize(
    ("limit", "ours"),
    [
        ("nameCharsMax", names.NAME_CHARS_MAX),
        ("artifactNameCharsMax", names.NAME_CHARS_MAX),
        ("displayNameCharsMax", names.DISPLAY_NAME_CHARS_MAX),
        ("metricKeyBytesMax", names.METRIC_BYTES_MAX),
        ("tagCharsMax", names.TAG_CHARS_MAX),
        ("tagsMax", run_description._TAGS_MAX),
        ("notesCharsMax", names.NOTES_CHARS_MAX),
        ("groupCharsMax", names.GROUP_CHARS_MAX),
        ("metricsPerRecordMax", spool_format.METRICS_MAX),
    ],
)
def test_what_a_user_may_give_is_what_the_tracker_takes(limit: str, ours: int) -> None:
    assert tracker_limits()[limit] == ours


@pytest.mark.parametrize(
    ("limit", "ours"),
    [
        ("documentBytesMax", sender._DOCUMENT_BYTES_MAX),
        ("documentDepthMax", plain_json._DEPTH_MAX),
        ("batchBytesMax", batch.TEXT_BYTES_MAX),
        # A row is one cell at least, with its step and its time.
        ("batchCellsMax", batch.ROWS_MAX * 3),
    ],
)
def test_what_is_sent_stays_below_what_the_tracker_takes(limit: str, ours: int) -> None:
    assert ours < tracker_limits()[limit]
