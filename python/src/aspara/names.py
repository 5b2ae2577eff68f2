"""What names may be, and names that are made up."""

from __future__ import annotations

import random
import re
import unicodedata
from typing import Final

NAME_CHARS_MAX: Final = 255
DISPLAY_NAME_CHARS_MAX: Final = 512
METRIC_BYTES_MAX: Final = 512
TAG_CHARS_MAX: Final = 256
NOTES_CHARS_MAX: Final = 100_000
GROUP_CHARS_MAX: Final = 256
CATEGORIES: Final = ("code", "model", "config", "data", "other")

_name = re.compile(r"[A-Za-z0-9_-]{1,255}")
_artifact_name = re.compile(r"(?!\.\.)(?!\.$)[A-Za-z0-9_.-]{1,255}")
_control = re.compile("[\x00-\x1f\x7f-\x9f]")
_surrogate = re.compile("[\ud800-\udfff]")


def is_name(text: str) -> bool:
    """Whether a project or run can be addressed by it."""
    return _name.fullmatch(text) is not None


def is_artifact_name(text: str) -> bool:
    """Whether an artifact can be called this."""
    return _artifact_name.fullmatch(text) is not None


def display_text(text: str) -> str:
    """A name for people: without what no page and no terminal can show. Blank text is no name, and becomes empty."""
    shown = _surrogate.sub("", _control.sub("", text))
    return shown[:DISPLAY_NAME_CHARS_MAX] if shown.strip() else ""


def storable_text(text: str) -> str:
    """Text as the tracker keeps it: it refuses NUL and lone surrogates, and all that comes with them."""
    return _surrogate.sub("", text.replace("\0", ""))


def address_of(text: str) -> str:
    """A name for addresses made from free text: `lr=0.1, bs 32` becomes `lr-0-1-bs-32`. Empty when nothing is left."""
    letters = (letter for letter in unicodedata.normalize("NFKD", text) if not unicodedata.combining(letter))
    return re.sub(r"[^A-Za-z0-9_]+", "-", "".join(letters)).strip("-")[:NAME_CHARS_MAX]


def project_address(text: str) -> str:
    """The same for a project; one of which nothing is left is `project-` and six digits that tell it from others."""
    found = address_of(text)
    if found:
        return found
    import hashlib

    return f"project-{hashlib.sha256(text.encode()).hexdigest()[:6]}"


def id_address(text: str) -> str | None:
    """An id as trackers take it; None where no id has such characters. Two different texts never become one id."""
    if is_name(text):
        return text
    if not text or len(text) > NAME_CHARS_MAX or _control.search(text) or _surrogate.search(text):
        return None
    if any(letter in text for letter in ":;,#?/\\%'"):
        return None
    import hashlib

    return f"{address_of(text)[:240]}-{hashlib.sha256(text.encode()).hexdigest()[:8]}".lstrip("-")


def artifact_name_of(text: str) -> str:
    """An artifact's name made from a file's: what can't stand in one becomes `_`."""
    return re.sub(r"[^A-Za-z0-9_.-]", "_", text).lstrip(".")[-NAME_CHARS_MAX:] or "file"


def metric_fault(name: object) -> str | None:
    """What is wrong with a metric's name, as a sentence; None when nothing is."""
    if not isinstance(name, str):
        return f"a metric's name must be a string, not {type(name).__name__}: {name!r}"
    if name == "":
        return "a metric's name must not be empty"
    if _control.search(name):
        return "a metric's name must not contain control characters"
    if _surrogate.search(name):
        return "a metric's name must be valid Unicode"
    if len(name.encode()) > METRIC_BYTES_MAX:
        return f"a metric's name can have at most {METRIC_BYTES_MAX} bytes"
    return None


_adjectives = "bold brave bright calm clever eager fair gentle happy keen kind lively mild proud quiet swift warm wise"
_nouns = "badger bear crane dolphin eagle falcon fox hare hawk heron lion lynx otter owl panda raven tiger wolf"


def readable_name(id: str) -> str:
    """A name that people can say, and that another run of the project hardly has: `swift-otter-4f2a91`."""
    chance = random.Random(id)
    digits = id[:6].strip("-_") or "run"
    return f"{chance.choice(_adjectives.split())}-{chance.choice(_nouns.split())}-{digits}"
