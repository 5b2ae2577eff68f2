"""What a tracker says it has of a writer."""

from __future__ import annotations

from .http_call import Answer


def position_of(answer: Answer) -> tuple[int, int]:
    """The number of a writer's next batch, and how many of its rows the tracker has. Raises what a wrong shape does."""
    if answer.status != 200:
        return 0, 0
    for writer in answer.json()["writers"]:
        sequence, rows = int(writer["next_sequence"]), int(writer["rows"])
        if sequence < 0 or rows < 0:
            raise ValueError("neither is below 0")
        return sequence, rows
    return 0, 0
