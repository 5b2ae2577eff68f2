"""What a run goes by: arguments first, then the environment, which is read here and nowhere else."""

from __future__ import annotations

import os
import re
import shlex
import urllib.parse
from pathlib import Path
from typing import Any, Final

DEFAULT_TRACKER_URI: Final = "http://127.0.0.1:3142"
_SPOOL_BYTES_MAX: Final = 10_000_000_000
_modes: Final = {
    "online": "online",
    "shared": "online",
    # What wandb called it before.
    "run": "online",
    "offline": "offline",
    "dryrun": "offline",
    "disabled": "disabled",
}


def tracker_base(uri: str | None = None) -> str:
    """The address of the tracker without `/tracker` and what follows it. A ValueError tells what is wrong with it."""
    named = "tracker_uri" if uri is not None else "ASPARA_TRACKER_URI"
    text = uri if uri is not None else os.environ.get("ASPARA_TRACKER_URI") or DEFAULT_TRACKER_URI
    if not isinstance(text, str):
        raise TypeError(f"tracker_uri is text, not {type(text).__name__}")
    parts = urllib.parse.urlsplit(text)
    try:
        port_is_fine = parts.port is None or parts.port > 0
    except ValueError:
        port_is_fine = False
    if parts.scheme not in ("http", "https") or not parts.hostname or not port_is_fine or parts.username:
        raise ValueError(f"{named}={text}: expected the address of a tracker, such as {DEFAULT_TRACKER_URI}")
    path = re.sub(r"(/tracker)?(/api/v1)?/*$", "", parts.path)
    return f"{parts.scheme}://{parts.netloc}{path}"


def token() -> str | None:
    """The tracker's token. A ValueError tells when it can't be one."""
    # A file that holds a secret often ends in a newline.
    text = os.environ.get("ASPARA_TOKEN", "").strip() or None
    if text and not re.fullmatch(r"[!-~]+", text):
        raise ValueError("ASPARA_TOKEN: a token is made of ASCII letters, digits and signs, without spaces")
    return text


def data_dir() -> Path:
    """Where Aspara keeps its own."""
    if os.environ.get("ASPARA_DATA_DIR"):
        return Path(os.environ["ASPARA_DATA_DIR"]).expanduser().absolute()
    if os.environ.get("WANDB_DIR"):
        # Where a cluster's scripts have wandb keep its files there is room, which a home directory may not have.
        return Path(os.environ["WANDB_DIR"]).expanduser().absolute() / "aspara"
    return default_data_dir()


def default_data_dir() -> Path:
    """The same where nobody says otherwise."""
    xdg = os.environ.get("XDG_DATA_HOME", "")
    try:
        return (Path(xdg) if os.path.isabs(xdg) else Path.home() / ".local" / "share") / "aspara"
    except RuntimeError:
        # No home: a container that runs as a user nobody knows.
        return temporary_dir()


def temporary_dir() -> Path:
    """This user's folder in the machine's temporary one."""
    import tempfile

    user = os.getuid() if hasattr(os, "getuid") else os.environ.get("USERNAME", "user")
    return Path(tempfile.gettempdir()) / f"aspara-{user}"


def spool_root(dir: str | os.PathLike[str] | None = None) -> Path:
    """The folder whose folders are writers: that of a run's `dir`, or the one below the data folder."""
    return Path(dir).expanduser().absolute() if dir is not None else data_dir() / "spool"


def sync_command(root: Path) -> str:
    """What a person types to send what is spooled in a folder."""
    return "aspara sync" if root == spool_root() else f"aspara sync {shlex.quote(str(root))}"


def spool_bytes_max() -> int:
    """How much all spools of a folder may take together. A ValueError tells what is wrong with the setting."""
    text = os.environ.get("ASPARA_SPOOL_MAX_BYTES")
    if not text:
        return _SPOOL_BYTES_MAX
    try:
        found = int(float(text))
    except (ValueError, OverflowError):
        found = 0
    if found <= 0:
        raise ValueError(f"ASPARA_SPOOL_MAX_BYTES={text}: expected a number of bytes")
    return found


def run_mode(mode: str | None) -> str:
    """online, offline or disabled. A ValueError names another one."""
    text = mode if mode is not None else os.environ.get("ASPARA_MODE") or _wandb_mode() or "online"
    if not isinstance(text, str) or text not in _modes:
        raise ValueError(f"mode={text!r}: expected online, offline or disabled")
    return _modes[text]


def _wandb_mode() -> str | None:
    """What wandb's variables ask for. They are set for another program: a word that is unknown here raises nothing."""
    if is_true(os.environ.get("WANDB_DISABLED")):
        return "disabled"
    text = os.environ.get("WANDB_MODE", "").lower()
    return text if text in _modes else None


def is_true(text: object) -> bool:
    """Whether a setting that may be a word says yes."""
    return str(text).strip().lower() in ("1", "true", "yes", "on")


def _of_environment(*variables: str) -> str | None:
    """The first of these variables that is set."""
    return next((os.environ[name] for name in variables if os.environ.get(name)), None)


def default_project() -> str | None:
    """The project of runs that name none."""
    return _of_environment("ASPARA_PROJECT", "WANDB_PROJECT")


def default_run_id() -> str | None:
    """The id of a run that was given none, for launchers that make it up."""
    return _of_environment("ASPARA_RUN_ID", "WANDB_RUN_ID")


def default_run_name() -> str | None:
    """The name of a run that was given none."""
    return _of_environment("ASPARA_RUN_NAME", "WANDB_NAME")


def default_group() -> str | None:
    """The group of a run that was given none."""
    return _of_environment("WANDB_RUN_GROUP")


def default_job_type() -> str | None:
    """The job type of a run that was given none."""
    return _of_environment("WANDB_JOB_TYPE")


def default_notes() -> str | None:
    """The notes of a run that was given none."""
    return _of_environment("WANDB_NOTES")


def default_resume() -> str | None:
    """How a run treats one that exists, where init() does not say."""
    return _of_environment("WANDB_RESUME")


def default_tags() -> list[str] | None:
    """The tags of a run that was given none."""
    text = _of_environment("WANDB_TAGS")
    return [tag.strip() for tag in text.split(",") if tag.strip()] if text else None


class Settings:
    """
    Settings of one run, under the names that wandb's users know. What is not listed here is taken and has no effect.
    """

    mode: str | None = None
    silent: bool = False
    spool_bytes_max: int | None = None
    #: Seconds that the end of a program waits for what is not sent yet.
    flush_timeout: float = 30.0
    #: The same as the arguments of init(), which go before them.
    project: str | None = None
    run_name: str | None = None
    run_id: str | None = None
    run_group: str | None = None
    run_job_type: str | None = None
    run_notes: str | None = None
    run_tags: Any = None
    reinit: bool | str | None = None
    resume: bool | str | None = None

    def __init__(self, **settings: Any) -> None:
        for name, value in settings.items():
            setattr(self, name, is_true(value) if name == "silent" else value)

    def update(self, settings: Any = None, **more: Any) -> None:
        """Sets many at once."""
        self.__init__(**{**vars(settings_of(settings)), **more})  # type: ignore[misc]


def settings_of(given: Settings | dict[str, Any] | Any) -> Settings:
    """Settings as they were handed over: None, a dict, or an object of ours or of another library."""
    if given is None:
        return Settings()
    if isinstance(given, Settings):
        return given
    return Settings(**(given if isinstance(given, dict) else getattr(given, "__dict__", {})))
