"""What a process said of its run before another one resumed it, where it comes to the tracker after that."""

from __future__ import annotations

from typing import Any

from .patient_tracker import PatientTracker


class OlderDocuments:
    """Fills in what the run at the tracker does not have: what is there is newer."""

    def __init__(self, tracker: PatientTracker) -> None:
        self._tracker = tracker
        #: What came from here, by kind and key: of that the later is the newer.
        self._sent: set[tuple[str, str]] = set()

    def missing(self, run_path: str, kind: str, content: Any) -> Any:
        """The part of a config, a summary, tags, notes or a name that is to be sent; empty when nothing is."""
        answer = self._tracker.call("GET", run_path)
        run = answer.json() if answer.status == 200 else None
        there = run.get(kind) if isinstance(run, dict) else None
        if not isinstance(content, dict):
            if there and (kind, "") not in self._sent:
                return None
            self._sent.add((kind, ""))
            return content
        keys = [key for key in content if key not in (there or {}) or (kind, key) in self._sent]
        self._sent.update((kind, key) for key in keys)
        return {key: content[key] for key in keys}
