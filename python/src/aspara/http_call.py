"""One HTTP request at a time over a connection that is kept, each with a deadline for the whole of its answer."""

from __future__ import annotations

import contextlib
import http.client
import io
import json
import socket
import time
import urllib.parse
from collections.abc import Iterable, Iterator
from typing import Any, Final, NamedTuple

from .messages import say_once

SILENCE_SECONDS: Final = 10.0
TOTAL_SECONDS: Final = 30.0
#: An answer that is not streamed is read whole, and none of a tracker's is near this.
_ANSWER_BYTES_MAX: Final = 64 * 1024 * 1024


class NoAnswer(Exception):
    """Nobody listens, nobody answers in time, or the connection broke: it may be tried again."""


class Answer(NamedTuple):
    """An answer as it came."""

    status: int
    body: bytes
    retry_after: float | None = None
    #: Where it would have us go: nobody goes there, for the token would go along.
    location: str | None = None

    def json(self) -> Any:
        """The body as JSON; None when it is none."""
        try:
            return json.loads(self.body)
        except (ValueError, RecursionError):
            return None

    @property
    def is_tracker_like(self) -> bool:
        """Whether a tracker may have said it: not the page of a proxy, of a portal, or of another server."""
        body = self.json()
        if 200 <= self.status < 300:
            return isinstance(body, dict)
        return self.status == 413 or (isinstance(body, dict) and "detail" in body)

    @property
    def sentence(self) -> str:
        """What the tracker says is wrong."""
        if 300 <= self.status < 400:
            return f"it redirects to {self.location or 'nowhere'}: use that address"
        body = self.json()
        detail = body.get("detail") if isinstance(body, dict) else None
        if isinstance(detail, list):
            faults = [fault for fault in detail if isinstance(fault, dict)]
            places = [fault["loc"] if isinstance(fault.get("loc"), list) else [] for fault in faults]
            return "; ".join(
                f"{'.'.join(map(str, place))}: {fault.get('msg', '')}"
                for place, fault in zip(places, faults, strict=True)
            )
        return (
            detail if isinstance(detail, str) and detail else http.client.responses.get(self.status, "no reason given")
        )


class Connection:
    """To one tracker. Not for several threads at once."""

    def __init__(self, base: str, token: str | None = None, agent: str = "aspara-python") -> None:
        """`base` is the address before `/tracker/api/v1`."""
        self.base = base
        self._parts = urllib.parse.urlsplit(base)
        self._headers = {"User-Agent": agent, "Accept": "application/json"}
        if token:
            self._headers["Authorization"] = f"Bearer {token}"
        self._connection: _Connection | _SecureConnection | None = None
        self._target_prefix = self._parts.path.rstrip("/") + "/tracker/api/v1"
        host = self._parts.hostname or ""
        self.is_local: Final = host in {"localhost", "::1"} or host.startswith("127.")
        self.bytes_sent = 0
        self.requests = 0
        if token and self._parts.scheme == "http" and not self.is_local:
            say_once(f"the token travels unencrypted to {host}: use https")

    def call(
        self,
        method: str,
        path: str,
        body: bytes | None = None,
        headers: dict[str, str] | None = None,
        total: float = TOTAL_SECONDS,
    ) -> Answer:
        """
        Sends a request and reads the answer to its end within `total` seconds, and `SILENCE_SECONDS` without a byte.
        Raises `NoAnswer`.
        """
        for is_again in (False, True):
            is_kept = self._connection is not None
            try:
                return self._call(method, path, body, headers, time.monotonic() + total)
            except NoAnswer:
                raise
            except (ConnectionError, http.client.BadStatusLine) as error:
                self.close()
                # A connection that was kept may have been closed by the tracker just then; a new one tells.
                if is_kept and not is_again:
                    continue
                raise NoAnswer(str(error) or type(error).__name__) from error
            except (OSError, http.client.HTTPException, ValueError) as error:
                self.close()
                raise NoAnswer(str(error) or type(error).__name__) from error
        raise AssertionError("BUG: the second try neither answered nor raised")

    def _call(
        self, method: str, path: str, body: bytes | None, headers: dict[str, str] | None, deadline: float
    ) -> Answer:
        response = self._send(method, path, body, headers, deadline)
        content = response.read(_ANSWER_BYTES_MAX)
        retry_after, location = response.getheader("Retry-After"), response.getheader("Location")
        answer = Answer(response.status, content, _seconds(retry_after), location)
        if response.will_close or not response.isclosed():
            self.close()
        return answer

    def _send(
        self,
        method: str,
        path: str,
        body: bytes | Iterable[bytes] | None,
        headers: dict[str, str] | None,
        deadline: float,
    ) -> http.client.HTTPResponse:
        connection = self._connected(deadline)
        connection.deadline = deadline
        sock: socket.socket = connection.sock
        sock.settimeout(_remaining(deadline))
        sent = {**self._headers, **(headers or {})}
        connection.request(method, connection.target + path, body, sent)
        self.requests += 1
        self.bytes_sent += len(body) if isinstance(body, bytes) else 0
        return connection.getresponse()

    def _connected(self, deadline: float) -> _Connection | _SecureConnection:
        connection = self._connection
        if connection is None or connection.sock is None:
            connection = self._open(min(SILENCE_SECONDS, _remaining(deadline)))
            connection.connect()
            self._connection = connection
        return connection

    def _open(self, timeout: float) -> _Connection | _SecureConnection:
        host, port = self._parts.hostname or "", self._parts.port
        is_secure = self._parts.scheme == "https"
        proxy = _proxy(self._parts.scheme, host)
        if is_secure:
            import ssl

            context = ssl.create_default_context()
            if proxy is None:
                secure = _SecureConnection(host, port, timeout=timeout, context=context)
            else:
                secure = _SecureConnection(proxy.hostname or "", proxy.port, timeout=timeout, context=context)
                secure.set_tunnel(host, port or 443, headers=_proxy_headers(proxy))
            secure.target = self._target_prefix
            return secure
        if proxy is None:
            plain = _Connection(host, port, timeout=timeout)
            plain.target = self._target_prefix
        else:
            plain = _Connection(proxy.hostname or "", proxy.port, timeout=timeout)
            plain.target = f"http://{self._parts.netloc}{self._target_prefix}"
            self._headers |= _proxy_headers(proxy)
        return plain

    def upload(self, path: str, parts: Iterable[bytes], length: int, content_type: str, total: float) -> Answer:
        """Sends a body that is made while it is sent. Raises `NoAnswer`."""
        headers = {"Content-Type": content_type, "Content-Length": str(length)}
        with self._alone():
            response = self._send("POST", path, parts, headers, time.monotonic() + total)
            content = response.read(_ANSWER_BYTES_MAX)
            answer = Answer(response.status, content, None, response.getheader("Location"))
            self.bytes_sent += length
        return answer

    def stream(self, path: str, total: float) -> Iterator[bytes]:
        """
        The pieces of an answer, as they come. The first piece is the status as text. Raises `NoAnswer`.
        """
        with self._alone():
            response = self._send("GET", path, None, None, time.monotonic() + total)
            yield str(response.status).encode()
            while piece := response.read(256 * 1024):
                yield piece

    @contextlib.contextmanager
    def _alone(self) -> Iterator[None]:
        """
        A new connection for one request, closed after it: one that was kept could be found closed in the middle of a
        file. Raises `NoAnswer`.
        """
        self.close()
        try:
            yield
        except NoAnswer:
            raise
        except (OSError, http.client.HTTPException) as error:
            raise NoAnswer(str(error) or type(error).__name__) from error
        finally:
            self.close()

    def close(self) -> None:
        """Closes the connection; the next call opens one."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None


def _remaining(deadline: float) -> float:
    remaining = deadline - time.monotonic()
    if remaining <= 0:
        raise NoAnswer("the answer took too long")
    return remaining


def _seconds(header: str | None) -> float | None:
    try:
        return max(0.0, float(header)) if header else None
    except ValueError:
        return None


def _proxy(scheme: str, host: str) -> urllib.parse.SplitResult | None:
    """The proxy that this machine is set to use for a host, as curl and requests read it."""
    if host in ("localhost", "::1") or host.startswith("127."):
        return None
    import urllib.request

    address = urllib.request.getproxies().get(scheme)
    if not address or urllib.request.proxy_bypass(host):
        return None
    return urllib.parse.urlsplit(address if "://" in address else f"http://{address}")


def _proxy_headers(proxy: urllib.parse.SplitResult) -> dict[str, str]:
    """What asks a proxy to let us through, where it wants a name and a password."""
    if proxy.username is None:
        return {}
    import base64

    named = f"{urllib.parse.unquote(proxy.username)}:{urllib.parse.unquote(proxy.password or '')}"
    return {"Proxy-Authorization": f"Basic {base64.b64encode(named.encode()).decode()}"}


class _DeadlineReader(io.RawIOBase):
    """Reads a socket, each time only as long as the deadline of the whole answer leaves."""

    def __init__(self, sock: socket.socket, deadline: float) -> None:
        self._sock = sock
        # http.client closes the socket before it has read the body of a last answer: this keeps it open until then.
        self._raw = sock.makefile("rb", buffering=0)
        self._deadline = deadline

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int | None:
        self._sock.settimeout(min(SILENCE_SECONDS, _remaining(self._deadline)))
        return self._raw.readinto(buffer)

    def close(self) -> None:
        self._raw.close()
        super().close()


class _DeadlineSocket:
    """What HTTPResponse takes for a socket: it only asks it for a file."""

    def __init__(self, sock: socket.socket, deadline: float) -> None:
        self._sock = sock
        self._deadline = deadline

    def makefile(self, _mode: str) -> io.BufferedReader:
        return io.BufferedReader(_DeadlineReader(self._sock, self._deadline), 64 * 1024)


def _response(connection: _Connection | _SecureConnection, sock: Any, kwargs: Any) -> http.client.HTTPResponse:
    # The answer to a proxy's CONNECT comes before there is a deadline.
    deadline = connection.deadline or time.monotonic() + SILENCE_SECONDS
    return http.client.HTTPResponse(_DeadlineSocket(sock, deadline), **kwargs)  # type: ignore[arg-type]


class _Connection(http.client.HTTPConnection):
    deadline: float | None = None
    #: What stands before the path of a call in the request line.
    target: str = ""

    def response_class(self, sock: Any, **kwargs: Any) -> http.client.HTTPResponse:  # type: ignore[override]
        return _response(self, sock, kwargs)


class _SecureConnection(http.client.HTTPSConnection):
    deadline: float | None = None
    target: str = ""

    def response_class(self, sock: Any, **kwargs: Any) -> http.client.HTTPResponse:  # type: ignore[override]
        return _response(self, sock, kwargs)
