"""The run that `aspara.log` and its like mean: the one begun last."""

from __future__ import annotations

import os
from collections.abc import Iterable
from typing import Any

from .live_run import Run
from .messages import say_once
from .run_documents import Config, Summary
from .settings import Settings

_current: Run | None = None


def current_run() -> Run | None:
    """The run begun last, until it is finished with `aspara.finish`."""
    return _current


def init(
    project: str | None = None,
    name: str | None = None,
    config: Any = None,
    tags: Iterable[str] | None = None,
    notes: str | None = None,
    dir: str | os.PathLike[str] | None = None,
    tracker_uri: str | None = None,
    storage_backend: str | None = None,
    project_tags: Iterable[str] | None = None,
    resume: bool | str | None = None,
    mode: str | None = None,
    group: str | None = None,
    job_type: str | None = None,
    id: str | None = None,
    settings: Settings | dict[str, Any] | None = None,
    **others: Any,
) -> Run:
    """
    Begins a run. It returns at once, whether a tracker listens or not: what is logged is kept on this machine's disk
    and sent in the background.

    `project`: letters, digits, `_` and `-` (ASPARA_PROJECT, else "default"). `name`: any text (ASPARA_RUN_NAME, else
    one is made up). `config`: a dict, or anything with named parts. `tags`, `project_tags`: texts. `notes`: text.
    `dir`: where what is not sent yet is kept (else ASPARA_DATA_DIR/spool). `tracker_uri`: with or without `/tracker`
    (ASPARA_TRACKER_URI, else http://127.0.0.1:3142). `resume`: go on with the run of this name or `id`. `mode`:
    online, offline (nothing is sent until `aspara sync`) or disabled (nothing is kept). `group`, `job_type`: texts to
    filter by. `id`: what ties processes to one run (ASPARA_RUN_ID). `settings`: an `aspara.Settings`.

    Raises TypeError or ValueError where an argument is wrong, and nothing for the network's, the disk's or the
    tracker's sake.
    """
    global _current
    _say_what_has_no_effect(others)
    run = Run(
        project=project,
        name=name,
        config=config,
        tags=tags,
        notes=notes,
        dir=dir,
        tracker_uri=tracker_uri,
        storage_backend=storage_backend,
        project_tags=project_tags,
        resume=resume,
        mode=mode,
        group=group,
        job_type=job_type,
        id=id,
        settings=settings,
    )
    # A cell of a notebook that is run again means: the run before it has ended.
    previous, _current = _current, run
    if previous is not None:
        previous.finish(quiet=True)
    return run


#: Words of wandb's `init` that ask for nothing we would do otherwise.
_unneeded = ("entity", "reinit", "anonymous", "allow_val_change", "force")
_unavailable = (
    *("config_exclude_keys", "config_include_keys", "magic", "save_code", "tensorboard", "sync_tensorboard"),
    *("monitor_gym", "fork_from", "resume_from"),
)


def _say_what_has_no_effect(others: dict[str, Any]) -> None:
    for word, value in others.items():
        if word not in (*_unneeded, *_unavailable):
            raise TypeError(f"init() has no argument {word!r}")
        if word in _unavailable and value:
            say_once(f"init: {word} has no effect here")


def log(data: dict[str, Any], step: int | None = None, commit: bool | None = True, timestamp: Any = None) -> None:
    """`Run.log` of the run begun last. A RuntimeError tells that there is none."""
    _required("log").log(data, step=step, commit=commit, timestamp=timestamp)


def finish(exit_code: int | None = 0, quiet: bool | None = False, flush_timeout: float | None = None) -> None:
    """`Run.finish` of the run begun last, if there is one."""
    global _current
    run, _current = _current, None
    if run is not None:
        run.finish(exit_code=exit_code, quiet=quiet, flush_timeout=flush_timeout)


def define_metric(name: str, **definition: Any) -> Any:
    """`Run.define_metric` of the run begun last. A RuntimeError tells that there is none."""
    return _required("define_metric").define_metric(name, **definition)


def log_artifact(file_path: Any, name: str | None = None, **description: Any) -> Any:
    """`Run.log_artifact` of the run begun last. A RuntimeError tells that there is none."""
    return _required("log_artifact").log_artifact(file_path, name=name, **description)


def watch(*args: Any, **kwargs: Any) -> None:
    """Has no effect, and says so once."""
    _required("watch").watch(*args, **kwargs)


def unwatch(*_args: Any, **_kwargs: Any) -> None:
    """Has no effect."""


def save(*args: Any, **kwargs: Any) -> None:
    """`Run.save` of the run begun last."""
    _required("save").save(*args, **kwargs)


def alert(title: str = "", text: str = "", **_others: Any) -> None:
    """Prints the alert."""
    _required("alert").alert(title, text)


def _required(what: str) -> Run:
    if _current is None:
        raise RuntimeError(f"No active run. Call aspara.init() before aspara.{what}().")
    return _current


class _CurrentConfig:
    """`aspara.config`: that of the run begun last. Called, as clients of before did, it answers it, or None."""

    _what = "config"

    def _target(self) -> Config | Summary:
        run = _required(self._what)
        found: Config | Summary = getattr(run, self._what)
        return found

    def __call__(self) -> Config | Summary | None:
        return None if _current is None else self._target()

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        return getattr(self._target(), name)

    def __setattr__(self, name: str, value: Any) -> None:
        setattr(self._target(), name, value)

    def __getitem__(self, key: str) -> Any:
        return self._target()[key]

    def __setitem__(self, key: str, value: Any) -> None:
        self._target()[key] = value

    def __contains__(self, key: object) -> bool:
        return key in self._target()

    def __iter__(self) -> Any:
        return iter(self._target())

    def __len__(self) -> int:
        return len(self._target())

    def __repr__(self) -> str:
        return repr(self()) if _current is not None else f"<aspara.{self._what}: no active run>"


class _CurrentSummary(_CurrentConfig):
    """`aspara.summary`: that of the run begun last."""

    _what = "summary"


config = _CurrentConfig()
summary = _CurrentSummary()
