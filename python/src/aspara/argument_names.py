"""Arguments that a call does not have."""

from __future__ import annotations

from collections.abc import Iterable


def unknown_argument(call: str, word: str, known: Iterable[str]) -> TypeError:
    """The exception to raise: it suggests the nearest name."""
    # Only a call that fails pays for importing this.
    import difflib
    import re

    spelled = re.sub(r"(?<=[a-z])([A-Z])", r"_\1", word).lower()
    near = difflib.get_close_matches(spelled, list(known), n=1, cutoff=0.5)
    hint = f": did you mean {near[0]!r}?" if near else ""
    return TypeError(f"{call}() has no argument {word!r}{hint}")
