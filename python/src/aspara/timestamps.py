"""Times as people write them."""

from __future__ import annotations

import datetime
import math
import re
from typing import Any, Final

#: What the tracker, and JavaScript's Date, can hold.
_MILLISECONDS_MAX: Final = 8.64e15
#: What trackers refuse as seconds: all of it is before March 1973.
_MILLISECONDS_MIN: Final = 1e11
#: Seconds beyond this are the year 5138; the same number of milliseconds is 1973.
_SECONDS_MAX: Final = 1e11
#: Python 3.10 reads no `Z`, and fractions of 3 or 6 digits only.
_iso = re.compile(r"(.*?\d)(?:[.,](\d{1,9}))?(Z|[+-]\d{2}:?\d{2})?")
_expected: Final = "seconds since the epoch, a datetime or ISO 8601 text"


def milliseconds(timestamp: object) -> float:
    """
    Milliseconds since the epoch of seconds since the epoch (a number of Python or numpy), a datetime, a date, numpy's
    and pandas' times, or ISO 8601. Times without a zone are local. A TypeError or ValueError says what is wrong.
    """
    if isinstance(timestamp, str):
        found = _parse(timestamp)
    elif isinstance(timestamp, (int, float)) and not isinstance(timestamp, bool):
        found = _of_seconds(timestamp)
    elif isinstance(timestamp, datetime.datetime):
        # pandas' Timestamp is one, and takes a time without a zone for UTC.
        found = _of_datetime(timestamp)
    elif isinstance(timestamp, datetime.date):
        found = _of_datetime(datetime.datetime(timestamp.year, timestamp.month, timestamp.day))
    else:
        found = _of_foreign(timestamp)
    if not (math.isfinite(found) and abs(found) <= _MILLISECONDS_MAX):
        raise ValueError(f"timestamp={timestamp!r} is not a valid time")
    if abs(found) < _MILLISECONDS_MIN:
        # A step, time.monotonic() or time.perf_counter(): trackers take so few milliseconds for a mistake.
        raise ValueError(f"timestamp={timestamp!r} is {found / 1000:g} s after 1970: give {_expected}")
    return found


def _of_seconds(number: float) -> float:
    if abs(number) > _SECONDS_MAX and math.isfinite(number):
        # What no milliseconds can be either is no matter of the unit.
        if abs(number) <= _MILLISECONDS_MAX:
            raise ValueError(f"timestamp={number!r} looks like milliseconds: give seconds since the epoch")
        raise ValueError(f"timestamp={number!r} is not a valid time: give seconds since the epoch")
    return float(number) * 1000


def _of_datetime(time: datetime.datetime) -> float:
    if time.tzinfo is None:
        plain = datetime.datetime(
            *(time.year, time.month, time.day, time.hour, time.minute, time.second, time.microsecond), fold=time.fold
        )
        return plain.timestamp() * 1000
    return time.timestamp() * 1000


def _of_foreign(timestamp: Any) -> float:
    kind = type(timestamp).__name__
    if kind == "datetime64":
        # To microseconds: finer units become whole numbers, coarser ones dates.
        whole = timestamp.astype("datetime64[us]").item()
        if whole is None:
            raise ValueError("timestamp=NaT is not a valid time")
        return milliseconds(whole)
    item = getattr(timestamp, "item", None)
    if callable(item) and kind != "timedelta64":
        try:
            found = item()
        except (TypeError, ValueError):
            found = None
        if type(found) in (int, float):
            return _of_seconds(found)
    raise TypeError(f"timestamp is {_expected}, not {kind}")


def _parse(text: str) -> float:
    wrong = f"timestamp={text!r}: expected ISO 8601, such as 2026-01-31T09:00:00.125Z"
    matched = _iso.fullmatch(text.strip())
    if not matched:
        raise ValueError(wrong)
    moment, fraction, zone = matched.groups()
    if zone and zone != "Z" and ":" not in zone:
        zone = f"{zone[:3]}:{zone[3:]}"
    try:
        found = datetime.datetime.fromisoformat(moment + ("+00:00" if zone == "Z" else zone or ""))
    except ValueError as error:
        raise ValueError(wrong) from error
    return found.timestamp() * 1000 + (round(float(f"0.{fraction}") * 1e6) / 1e3 if fraction else 0.0)
