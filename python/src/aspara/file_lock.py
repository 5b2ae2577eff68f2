"""
The lock and alive files of a spool (docs/format/spool.md): held until the process that holds them ends. Besides the
lock of the operating system the file says who holds it, for those who have no other way to know.
"""

from __future__ import annotations

import contextlib
import json
import os
import socket
import sys
import time
from pathlib import Path
from typing import Any, Final

from .own_file import open_own

#: What another host holds counts as long as its file is touched.
_FRESH_SECONDS: Final = 120.0
TOUCH_SECONDS: Final = 30.0


class FileLock:
    """Held from `take` until `release`, or until the process is gone."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._descriptor: int | None = None
        self._owner = 0

    @property
    def is_held(self) -> bool:
        """Whether this object holds it."""
        return self._descriptor is not None

    def take(self) -> bool:
        """Takes the lock if nobody has it; False when somebody has. An OSError tells that the file can't be made."""
        if self._descriptor is not None:
            return True
        descriptor = open_own(self._path, os.O_RDWR | os.O_CREAT)
        if not _lock(descriptor) or _is_named_by_another(descriptor):
            os.close(descriptor)
            return False
        self._descriptor = descriptor
        self._owner = os.getpid()
        holder = {"pid": self._owner, "host": socket.gethostname(), "started": int(time.time() * 1000)}
        # On a full disk the lock of the operating system has to do.
        with contextlib.suppress(OSError):
            os.ftruncate(descriptor, 0)
            os.lseek(descriptor, 0, os.SEEK_SET)
            os.write(descriptor, json.dumps(holder).encode())
        return True

    def touch(self) -> None:
        """Tells other hosts that it is still held; to be called every `TOUCH_SECONDS`."""
        if self._descriptor is None:
            return
        # By its descriptor where that can be: a link may stand at its name now.
        with contextlib.suppress(OSError):
            os.utime(self._descriptor if os.utime in os.supports_fd else self._path)

    def release(self) -> None:
        """Gives it back. After a fork the child calls it, too: the parent keeps the lock."""
        descriptor, self._descriptor = self._descriptor, None
        if descriptor is None:
            return
        if self._owner == os.getpid():
            with contextlib.suppress(OSError):
                os.ftruncate(descriptor, 0)
        os.close(descriptor)


class NoLock:
    """Of what no other process can see."""

    is_held = True

    def take(self) -> bool:
        """It is free."""
        return True

    def touch(self) -> None:
        """Nobody looks."""

    def release(self) -> None:
        """Nobody waits for it."""


def is_locked(path: Path) -> bool:
    """Whether a process holds this lock now."""
    if not os.path.lexists(path):
        return False
    lock = FileLock(path)
    try:
        if lock.take():
            lock.release()
            return False
    except OSError:
        # Somebody else's, or no file at all: it can't be ours to take.
        return True
    return True


def _is_named_by_another(descriptor: int) -> bool:
    """Whether the file names a process that lives and is not this one."""
    try:
        os.lseek(descriptor, 0, os.SEEK_SET)
        holder = json.loads(os.read(descriptor, 4096))
        pid, host = int(holder["pid"]), holder["host"]
        if host != socket.gethostname():
            return time.time() - os.fstat(descriptor).st_mtime < _FRESH_SECONDS
        return pid != os.getpid() and _is_running(pid, holder.get("started"))
    except (OSError, ValueError, TypeError, KeyError, OverflowError, RecursionError):
        return False


def _is_running(pid: int, started: Any) -> bool:
    """Whether there is such a process, and, where that can be seen, not a later one of the same number."""
    if sys.platform == "win32":
        # There, os.kill would end it; the lock of the operating system says enough.
        return False
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        pass
    state, began = _state_and_beginning(pid)
    if state in ("Z", "X"):
        # It has ended, and its parent has not asked how yet.
        return False
    return began is None or not isinstance(started, (int, float)) or began <= started + 2000


def _state_and_beginning(pid: int) -> tuple[str, float | None]:
    """The state of a process, and when it began in milliseconds since the epoch; None where there is no /proc."""
    try:
        # The name before it may hold anything, in brackets. https://man7.org/linux/man-pages/man5/proc_pid_stat.5.html
        fields = Path(f"/proc/{pid}/stat").read_text("latin1").rpartition(") ")[2].split()
        boot = next(line for line in Path("/proc/stat").read_text("latin1").splitlines() if line.startswith("btime "))
        return fields[0], int(boot.split()[1]) * 1000 + int(fields[19]) * 1000 / os.sysconf("SC_CLK_TCK")
    except (OSError, ValueError, IndexError, StopIteration):
        return "", None


if sys.platform == "win32":
    import msvcrt

    def _lock(descriptor: int) -> bool:
        # Beyond what is written: there a locked byte can't be read either.
        os.lseek(descriptor, 1 << 20, os.SEEK_SET)
        try:
            msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)
        except OSError:
            return False
        return True

else:
    import errno
    import fcntl

    def _lock(descriptor: int) -> bool:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        except OSError as error:
            # Some file systems of clusters have no locks. The tracker takes each batch once whoever sends it.
            if error.errno not in (errno.ENOSYS, errno.ENOLCK, errno.EOPNOTSUPP):
                raise
        return True
