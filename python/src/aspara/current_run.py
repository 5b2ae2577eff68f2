"""The run that `aspara.log` and its like mean: the calling thread's own, else the newest one that is open."""

from __future__ import annotations

import contextlib
import os
import threading
from collections.abc import Iterable, Iterator, MutableMapping
from typing import Any

from .argument_names import unknown_argument
from .live_run import Run
from .messages import say_once
from .run_documents import Config, Summary
from .settings import Settings, settings_of

#: The runs that `init` began and that are meant by name, in their order; those that have ended are dropped by and by.
_begun: list[Run] = []
#: The ones beside them, which `reinit="create_new"` made.
_beside: list[Run] = []
_lock = threading.Lock()
_thread = threading.local()
#: What the next `init` begins with: set as `wandb.config = {…}` before it, or by a sweep.
_defaults: dict[str, Any] = {}


def current_run() -> Run | None:
    """The calling thread's run while it is open; in a thread that began none the newest one that is open."""
    own: Run | None = getattr(_thread, "run", None)
    if own is not None:
        return None if own._is_finished else own
    return next((run for run in reversed(_begun) if not run._is_finished), None)


def set_current_run(run: Run | None) -> None:
    """Makes a run the calling thread's own: `aspara.run = run`."""
    _thread.run = run


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
    reinit: bool | str | None = None,
    **others: Any,
) -> Run:
    """
    Begins a run. It returns at once, whether a tracker listens or not: what is logged is kept on this machine's disk
    and sent in the background. Where an argument is not given, its environment variable counts, then wandb's.

    `project`, `name`: any text (ASPARA_PROJECT, else "default"; ASPARA_RUN_NAME, else a name is made up). `config`: a
    dict, anything with named parts, or a YAML or JSON file. `tags`, `project_tags`: lists of strings. `notes`: text.
    `dir`: where what is not sent yet is kept (else ASPARA_DATA_DIR/spool). `tracker_uri`: with or without `/tracker`
    (ASPARA_TRACKER_URI, else http://127.0.0.1:3142). `resume`: what to do if a run with this `id` or name exists:
    "allow" (or True) continues it, "must" raises if there is none, "never" raises if there is one, "auto" continues
    the last run of the project on this machine that did not end well; without it the run is a new one. `mode`: online,
    offline (nothing is sent until `aspara sync`) or disabled (nothing is kept). `group`, `job_type`: texts to filter
    by. `id`: what ties processes to one run (ASPARA_RUN_ID). `settings`: an `aspara.Settings`. `reinit`: what to do
    while another run is open: "create_new", "finish_previous" or "return_previous"; without it the calling thread's
    run is ended first, and runs of other threads stay open.

    Raises TypeError or ValueError where an argument is wrong, and nothing for the network's, the disk's or the
    tracker's sake. Only `resume` ever waits for the tracker, two seconds at most.
    """
    how = _reinit_word(reinit if reinit is not None else settings_of(settings).reinit)
    filtered = _use_others(others)
    if how == "return_previous":
        previous = next((run for run in reversed(_beside + _begun) if not run._is_finished), None)
        if previous is not None:
            return previous
    run = Run(
        project=project if project is not None else _defaults.get("project"),
        name=name,
        config=_starting_config(config, filtered),
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
    with _lock:
        _begun[:] = [one for one in _begun if not one._is_finished]
        _beside[:] = [one for one in _beside if not one._is_finished]
        if how == "create_new":
            _beside.append(run)
            return run
        own: Run | None = getattr(_thread, "run", None)
        ending = [*_begun, *_beside] if how == "finish_previous" else [own] if own and not own._is_finished else []
        _begun.append(run)
        _thread.run = run
    for one in ending:
        if how == "default":
            one._say(
                f"run {one.name} is ended: a second init() in the same thread ends the first run. "
                'reinit="create_new" keeps both open'
            )
        # What it has not sent yet is sent in the background: a cell of a notebook that is run again does not wait.
        one._end_in_background()
    return run


def _reinit_word(reinit: object) -> str:
    """default, thread (as default, and nothing is said), create_new, finish_previous or return_previous."""
    if reinit is None or reinit == "default":
        return "default"
    if isinstance(reinit, bool):
        return "thread" if reinit else "return_previous"
    if reinit in ("create_new", "finish_previous", "return_previous"):
        return str(reinit)
    raise ValueError(f"reinit={reinit!r}: expected create_new, finish_previous, return_previous, True or False")


#: Arguments of wandb's and trackio's `init` that ask for nothing we would do otherwise.
_unneeded = (
    *("entity", "anonymous", "allow_val_change", "force"),
    *("private", "embed", "gpu_log_interval", "cpu_log_interval", "webhook_min_level"),
)
_unavailable = (
    *("magic", "save_code", "tensorboard", "sync_tensorboard", "monitor_gym", "fork_from", "resume_from"),
    *("space_id", "server_url", "dataset_id", "bucket_id", "auto_log_gpu", "auto_log_cpu", "webhook_url"),
)
_filters = ("config_exclude_keys", "config_include_keys")


def _use_others(others: dict[str, Any]) -> dict[str, Any]:
    """Says what has no effect; answers which keys of the config are kept."""
    for word, value in others.items():
        if word in _unavailable:
            if value:
                say_once(f"init: {word} has no effect here")
        elif word not in _unneeded and word not in _filters:
            import inspect

            known = [name for name in inspect.signature(init).parameters if name != "others"]
            raise unknown_argument("init", word, (*known, *_unneeded, *_unavailable, *_filters))
    return {word: others[word] for word in _filters if others.get(word)}


def _starting_config(config: Any, filters: dict[str, Any]) -> Any:
    pending = _defaults.get("config")
    if not filters and not pending:
        return config
    from .run_description import checked_config

    values = checked_config(config) or {}
    include, exclude = filters.get("config_include_keys"), filters.get("config_exclude_keys") or ()
    kept = {key: value for key, value in values.items() if key not in exclude and (not include or key in include)}
    if _defaults.get("is_sweep"):
        # The parameters of a sweep go before what the script says.
        return {**kept, **(pending or {})}
    _defaults.pop("config", None)
    return {**(checked_config(pending) or {}), **kept}


@contextlib.contextmanager
def defaults(config: dict[str, Any], project: str | None) -> Iterator[None]:
    """Each `init` in this block begins with this config."""
    _defaults.update(config=config, project=project, is_sweep=True)
    try:
        yield
    finally:
        _defaults.clear()


def set_config(values: Any) -> None:
    """`wandb.config = {…}`: into the current run's config, or into that of the next one."""
    if values is config:
        return
    run = current_run()
    if run is not None:
        run.config = values
    else:
        _defaults["config"] = values


def log(
    data: dict[str, Any], step: int | None = None, commit: bool | None = True, timestamp: Any = None, **others: Any
) -> None:
    """`Run.log` of the current run. A RuntimeError tells that there has been none."""
    run: Run | None = getattr(_thread, "run", None)
    if run is None:
        run = _required("log()")
    if others:
        run.log(data, step, commit, timestamp, **others)
    else:
        run.log(data, step, commit, timestamp)


def finish(
    exit_code: int | None = None, quiet: bool | None = False, flush_timeout: float | None = None, **_ignored: Any
) -> None:
    """`Run.finish` of the current run, if there is one."""
    run = current_run()
    if run is not None:
        run.finish(exit_code=exit_code, quiet=quiet, flush_timeout=flush_timeout)


def teardown(exit_code: int | None = None) -> None:
    """Ends every run that is open."""
    for run in [*_begun, *_beside]:
        run.finish(exit_code=exit_code)


def attach(run_id: str | None = None, **_ignored: Any) -> Run:
    """The open run of that id. A RuntimeError tells that there is none."""
    found = next((run for run in [*_begun, *_beside] if run.id == run_id and not run._is_finished), None)
    return found if found is not None else _required("attach()")


def define_metric(name: str, *args: Any, **definition: Any) -> Any:
    """`Run.define_metric` of the current run. A RuntimeError tells that there has been none."""
    return _required("define_metric()").define_metric(name, *args, **definition)


def log_artifact(
    artifact_or_path: Any = None, name: str | None = None, *args: Any, file_path: Any = None, **description: Any
) -> Any:
    """`Run.log_artifact` of the current run. A RuntimeError tells that there has been none."""
    path = artifact_or_path if artifact_or_path is not None else file_path
    return _required("log_artifact()").log_artifact(path, name, *args, **description)


def save(*args: Any, **kwargs: Any) -> Any:
    """`Run.save` of the current run."""
    return _required("save()").save(*args, **kwargs)


def alert(*args: Any, **kwargs: Any) -> None:
    """Prints the alert."""
    _required("alert()").alert(*args, **kwargs)


def of_current_run(name: str) -> Any:
    """A function that calls a method of the current run, for those that are called once in a while."""

    def call(*args: Any, **kwargs: Any) -> Any:
        return getattr(_required(f"{name}()"), name)(*args, **kwargs)

    call.__name__ = name
    call.__doc__ = f"`Run.{name}` of the current run. A RuntimeError tells that there has been none."
    return call


def _required(what: str) -> Run:
    run = current_run() or getattr(_thread, "run", None) or (_begun[-1] if _begun else None)
    if run is None:
        from .wandb_compat.errors import NoActiveRun

        raise NoActiveRun(what)
    # One that has ended says so once, and goes on.
    return run


class _OfCurrentRun(MutableMapping[str, Any]):
    """`aspara.config`: that of the current run. Called, as clients of before did, it answers it, or None."""

    _what = "config"

    def _target(self) -> Config | Summary:
        run = _required(self._what)
        found: Config | Summary = getattr(run, self._what)
        return found

    def __call__(self) -> Config | Summary | None:
        return None if current_run() is None else self._target()

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        return getattr(self._target(), name)

    def __setattr__(self, name: str, value: Any) -> None:
        setattr(self._target(), name, value)

    def __delattr__(self, name: str) -> None:
        delattr(self._target(), name)

    def __getitem__(self, key: str) -> Any:
        return self._target()[key]

    def __setitem__(self, key: str, value: Any) -> None:
        self._target()[key] = value

    def __delitem__(self, key: str) -> None:
        del self._target()[key]

    def __contains__(self, key: object) -> bool:
        return key in self._target()

    def __iter__(self) -> Iterator[str]:
        return iter(self._target())

    def __len__(self) -> int:
        return len(self._target())

    def update(  # type: ignore[override]
        self, data: Any = None, allow_val_change: bool | None = None, **more: Any
    ) -> None:
        """Sets many keys at once."""
        self._target().update(data, allow_val_change, **more)

    def __eq__(self, other: object) -> bool:
        return self is other or (bool(_begun) and self._target() == other)

    __hash__ = None  # type: ignore[assignment]

    def __reduce__(self) -> tuple[Any, ...]:
        return self._target().__reduce__()

    def __copy__(self) -> Any:
        return self._target().__copy__()

    def __deepcopy__(self, memo: dict[int, Any]) -> Any:
        return self._target().__deepcopy__(memo)

    def __repr__(self) -> str:
        return repr(self()) if current_run() is not None else f"<aspara.{self._what}: no active run>"


class _SummaryOfCurrentRun(_OfCurrentRun):
    """`aspara.summary`: that of the current run."""

    _what = "summary"


config = _OfCurrentRun()
summary = _SummaryOfCurrentRun()
