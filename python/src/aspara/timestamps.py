"""A moment as people write it."""

from __future__ import annotations

import datetime
import math
import re
from typing import Final

#: What the tracker, and JavaScript's Date, can hold.
_MILLISECONDS_MAX: Final = 8.64e15
#: Python 3.10 reads no `Z`, and fractions of 3 or 6 digits only.
_iso = re.compile(r"(.*?\d)(?:[.,](\d{1,9}))?(Z|[+-]\d{2}:?\d{2})?")


def milliseconds(timestamp: object) -> float:
    """
    Milliseconds since the epoch of seconds since the epoch, a datetime (without a zone: local time), or ISO 8601. A
    TypeError or ValueError tells what it is not.
    """
    if isinstance(timestamp, bool):
        raise TypeError("timestamp is seconds since the epoch, a datetime or ISO 8601 text, not a bool")
    if isinstance(timestamp, (int, float)):
        found = float(timestamp) * 1000
    elif isinstance(timestamp, datetime.datetime):
        found = timestamp.timestamp() * 1000
    elif isinstance(timestamp, str):
        found = _parse(timestamp)
    else:
        kind = type(timestamp).__name__
        raise TypeError(f"timestamp is seconds since the epoch, a datetime or ISO 8601 text, not {kind}")
    if not (math.isfinite(found) and abs(found) <= _MILLISECONDS_MAX):
        raise ValueError(f"timestamp={timestamp!r} is no moment that can be shown")
    return found


def _parse(text: str) -> float:
    parts = _iso.fullmatch(text.strip())
    if not parts:
        raise ValueError(f"timestamp={text!r}: expected ISO 8601, such as 2026-01-31T09:00:00.125Z")
    moment, fraction, zone = parts.groups()
    if zone and zone != "Z" and ":" not in zone:
        zone = f"{zone[:3]}:{zone[3:]}"
    try:
        found = datetime.datetime.fromisoformat(moment + ("+00:00" if zone == "Z" else zone or ""))
    except ValueError as error:
        raise ValueError(f"timestamp={text!r}: expected ISO 8601, such as 2026-01-31T09:00:00.125Z") from error
    return found.timestamp() * 1000 + (round(float(f"0.{fraction}") * 1e6) / 1e3 if fraction else 0.0)
