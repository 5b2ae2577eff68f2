"""What a run is described by, checked as it is handed over: a mistake is a sentence at once, and none later."""

from __future__ import annotations

import operator
import os
from collections.abc import Iterable
from typing import Any, Final

from .metric_values import scalar
from .names import GROUP_CHARS_MAX, NOTES_CHARS_MAX, TAG_CHARS_MAX
from .plain_json import plain_object
from .spool_format import RECORD_BYTES_MAX, STEP_MAX, document_text

_TAGS_MAX: Final = 1000
_resume_words: Final = ("allow", "must", "never", "auto")


def checked_tags(tags: Iterable[str] | None, what: str) -> list[str] | None:
    """A list of tags. A TypeError or ValueError says what is wrong with one."""
    if tags is None:
        return None
    # A text is a sequence of texts, and each of its letters a tag.
    try:
        found = [tags] if isinstance(tags, str) else list(tags)
    except TypeError:
        raise TypeError(f"{what} must be a list of strings, not {type(tags).__name__}") from None
    for tag in found:
        if not isinstance(tag, str):
            raise TypeError(f"{what} must be strings, got {type(tag).__name__}: {tag!r}")
        if len(tag) > TAG_CHARS_MAX:
            raise ValueError(f"{what}: a tag has at most {TAG_CHARS_MAX} characters, and one has {len(tag)}")
    if len(found) > _TAGS_MAX:
        raise ValueError(f"{what}: at most {_TAGS_MAX}, and these are {len(found)}")
    return found


def checked_notes(notes: str | None) -> str | None:
    """Notes. A TypeError or ValueError says what is wrong with them."""
    if notes is not None and not isinstance(notes, str):
        raise TypeError(f"notes must be a string, not {type(notes).__name__}")
    if notes is not None and len(notes) > NOTES_CHARS_MAX:
        raise ValueError(f"notes can have at most {NOTES_CHARS_MAX} characters, these have {len(notes)}")
    return notes


def checked_group(text: str | None, what: str) -> str | None:
    """A group or a type of job. A TypeError or ValueError says what is wrong with it."""
    if text is not None and not isinstance(text, str):
        raise TypeError(f"{what} must be a string, not {type(text).__name__}")
    if text is not None and len(text) > GROUP_CHARS_MAX:
        raise ValueError(f"{what} has at most {GROUP_CHARS_MAX} characters, and this one {len(text)}")
    return text or None


def checked_config(config: Any) -> dict[str, Any] | None:
    """A config as plain JSON. A TypeError or ValueError says what is wrong with it."""
    if config is None:
        return None
    if isinstance(config, (str, os.PathLike)):
        from .config_file import config_of_file

        config = config_of_file(config)
    found = plain_object(config, "config")
    if len(document_text(found)) > RECORD_BYTES_MAX - 1024:
        raise ValueError("config can have at most 1 MiB of JSON: keep larger data with log_artifact()")
    return found


def checked_resume(resume: object) -> str | None:
    """How to treat a run that exists: allow, must, never, auto, or None for a new run. A ValueError names another."""
    if resume is None or resume is False or resume == "":
        return None
    if resume is True:
        return "allow"
    if isinstance(resume, str) and resume in _resume_words:
        return resume
    raise ValueError(f"resume={resume!r}: expected True, False, 'allow', 'must', 'never' or 'auto'")


def checked_step(step: Any) -> int:
    """A step. A TypeError or ValueError says why it is none."""
    try:
        found = operator.index(step)
    except TypeError:
        # 1.0, or a tensor or an array of one whole number, as training loops have them.
        try:
            number = scalar(step)
        except (TypeError, ValueError, OverflowError):
            number = None
        if number is None or not number.is_integer():
            raise TypeError(f"step must be a whole number, not {type(step).__name__}: {step!r}") from None
        found = int(number)
    if not -STEP_MAX <= found <= STEP_MAX:
        raise ValueError(f"step={found}: expected a whole number from -(2^53-1) to 2^53-1")
    return found
