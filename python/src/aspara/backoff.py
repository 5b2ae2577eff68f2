"""How long to wait before something is tried again."""

from __future__ import annotations

import random
from typing import Final

FIRST_SECONDS: Final = 0.2
LONGEST_SECONDS: Final = 30.0


class Backoff:
    """Full jitter: a random time up to a bound that doubles, so that a thousand ranks do not come back at once."""

    def __init__(self) -> None:
        self._bound = FIRST_SECONDS

    def next(self, retry_after: float | None = None) -> float:
        """Seconds to wait now; never less than the tracker asked for."""
        seconds = random.uniform(FIRST_SECONDS / 2, max(self._bound, FIRST_SECONDS))
        self._bound = min(self._bound * 2, LONGEST_SECONDS)
        return min(max(seconds, retry_after or 0.0), LONGEST_SECONDS)

    def reset(self) -> None:
        """It went well: the next trouble begins anew."""
        self._bound = FIRST_SECONDS
