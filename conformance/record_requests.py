"""Runs a script as it is, and writes down what it sends with `requests`.

    record_requests.py RECORD SCRIPT [ARGUMENT ...]

One JSON line a request that was answered 2xx: its method, its URL, and its body when
that is JSON.
"""

import json
import runpy
import sys
from typing import Any
from unittest import mock

import requests


def main() -> None:
    record, script, *arguments = sys.argv[1:]
    send = requests.Session.send

    def recorded_send(
        session: requests.Session, request: requests.PreparedRequest, **options: Any
    ) -> requests.Response:
        response = send(session, request, **options)
        if response.ok:
            is_json = request.headers.get("Content-Type") == "application/json"
            # Of other requests the body may be a stream, which is not ours to read.
            content = request.body if is_json else None
            body = json.loads(content) if isinstance(content, bytes) else None
            line = {"method": request.method, "url": request.url, "body": body}
            lines.write(json.dumps(line) + "\n")
        return response

    sys.argv = [script, *arguments]
    with (
        open(record, "w") as lines,
        mock.patch.object(requests.Session, "send", recorded_send),
    ):
        runpy.run_path(script, run_name="__main__")


if __name__ == "__main__":
    main()
