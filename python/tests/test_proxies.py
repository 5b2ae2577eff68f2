"""A proxy that asks for a name and a password, for plain addresses and for secure ones."""

from __future__ import annotations

import base64
import http.server
import json
import threading
from collections.abc import Iterator
from typing import ClassVar

import pytest

from aspara.api import Api, ApiError


class Proxy(http.server.BaseHTTPRequestHandler):
    """Lets nobody through without the right words, and answers for every tracker itself."""

    protocol_version = "HTTP/1.1"
    seen: ClassVar[list[tuple[str, str]]] = []
    wanted = "Basic " + base64.b64encode(b"some one:p@ss").decode()

    def log_message(self, *_args: object) -> None:
        pass

    def answer(self) -> None:
        self.seen.append((self.command, self.path))
        is_known = self.headers.get("Proxy-Authorization") == self.wanted
        body = json.dumps({"runs": [], "next_cursor": None}).encode() if is_known else b""
        # There is no tracker behind it to speak TLS with.
        self.send_response(502 if is_known and self.command == "CONNECT" else 200 if is_known else 407)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    do_GET = do_CONNECT = answer  # noqa: N815


@pytest.fixture
def proxy(monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Proxy)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    Proxy.seen.clear()
    for name in ("no_proxy", "NO_PROXY", "HTTP_PROXY", "HTTPS_PROXY"):
        monkeypatch.delenv(name, raising=False)
    place = f"127.0.0.1:{server.server_address[1]}"
    for name in ("http_proxy", "https_proxy"):
        monkeypatch.setenv(name, f"http://some%20one:p%40ss@{place}")
    yield place
    server.shutdown()
    server.server_close()


def test_a_plain_tracker_is_reached_with_name_and_password(proxy: str) -> None:
    assert list(Api("http://tracker.invalid").runs("p")) == []
    assert [command for command, _ in Proxy.seen] == ["GET"]
    assert Proxy.seen[0][1].startswith("http://tracker.invalid/tracker/api/v1/projects/p/runs")


def test_a_secure_tracker_is_asked_for_with_name_and_password(proxy: str) -> None:
    with pytest.raises(ApiError, match="502"):
        list(Api("https://tracker.invalid").runs("p"))
    assert Proxy.seen == [("CONNECT", "tracker.invalid:443")]


def test_a_proxy_that_refuses_is_said_without_the_password(proxy: str, monkeypatch: pytest.MonkeyPatch) -> None:
    for scheme in ("http", "https"):
        monkeypatch.setenv(f"{scheme}_proxy", f"http://nobody:secret@{proxy}")
        with pytest.raises(ApiError) as refused:
            list(Api(f"{scheme}://tracker.invalid").runs("p"))
        assert "Proxy Authentication Required" in str(refused.value)
        assert "secret" not in str(refused.value)
