"""A config that is kept in a file, as `init(config="config.yaml")` names it."""

from __future__ import annotations

import json
import os
import re
from pathlib import Path
from typing import Any


def config_of_file(path: str | os.PathLike[str]) -> dict[str, Any]:
    """
    What a YAML or JSON file says. Keys that wandb wrote as `{"desc": …, "value": …}` have their value. A ValueError
    says what is wrong with the file.
    """
    file = Path(path).expanduser()
    try:
        text = file.read_text("utf-8")
    except FileNotFoundError:
        raise ValueError(f"config={os.fspath(path)!r}: there is no such file") from None
    except (OSError, UnicodeDecodeError) as error:
        raise ValueError(f"config={os.fspath(path)!r} cannot be read: {error}") from None
    found = _parsed(text, os.fspath(path))
    if not isinstance(found, dict):
        raise ValueError(f"config={os.fspath(path)!r} must have named values, and has a {type(found).__name__}")
    return {str(key): _value(value) for key, value in found.items() if key not in ("wandb_version", "_wandb")}


def _value(value: Any) -> Any:
    return value["value"] if isinstance(value, dict) and "value" in value and set(value) <= {"value", "desc"} else value


def _parsed(text: str, path: str) -> Any:
    try:
        return json.loads(text)
    except ValueError:
        pass
    try:
        import yaml  # type: ignore[import-untyped, unused-ignore]
    except ImportError:
        return _simple_yaml(text, path)
    try:
        return yaml.safe_load(text)
    except yaml.YAMLError as error:
        raise ValueError(f"config={path!r} is not valid YAML: {error}") from None


_line = re.compile(r"""( *)("[^"]*"|'[^']*'|[^\s#'":][^:]*?)\s*:(?:\s+(.*))?""")


def _simple_yaml(text: str, path: str) -> dict[str, Any]:
    """Names and plain values, nested by indentation: all that wandb's own files need. PyYAML reads the rest."""
    root: dict[str, Any] = {}
    open_objects: list[tuple[int, dict[str, Any]]] = [(-1, root)]
    for number, line in enumerate(text.splitlines(), 1):
        bare = re.sub(r"\s+#.*$", "", line).rstrip()
        if not bare.strip() or bare.lstrip().startswith("#") or bare.strip() in ("---", "..."):
            continue
        matched = _line.fullmatch(bare)
        if not matched:
            raise ValueError(
                f"config={path!r}, line {number}: only `name: value` is read without PyYAML (pip install pyyaml)"
            )
        indent, key, value = len(matched[1]), matched[2].strip("\"'"), matched[3]
        while open_objects[-1][0] >= indent:
            open_objects.pop()
        if value is None:
            nested: dict[str, Any] = {}
            open_objects[-1][1][key] = nested
            open_objects.append((indent, nested))
        else:
            open_objects[-1][1][key] = _simple_value(value, path, number)
    return {key: _null(value) for key, value in root.items()}


def _null(value: Any) -> Any:
    """A name with nothing after it and nothing below it is null."""
    return None if value == {} else {k: _null(v) for k, v in value.items()} if isinstance(value, dict) else value


def _simple_value(text: str, path: str, number: int) -> Any:
    if len(text) >= 2 and text[0] == text[-1] and text[0] in "\"'":
        return text[1:-1]
    words = {"true": True, "false": False, "null": None, "~": None, "yes": True, "no": False}
    if text.lower() in words:
        return words[text.lower()]
    if re.fullmatch(r"[-+]?\d+", text):
        return int(text)
    if re.fullmatch(r"[-+]?(\d+\.?\d*|\.\d+)([eE][-+]?\d+)?", text):
        return float(text)
    if text[0] in "[{":
        try:
            return json.loads(text)
        except ValueError:
            pass
    if text[0] in "[{&*!|>%@`":
        raise ValueError(f"config={path!r}, line {number}: {text!r} is not read without PyYAML (pip install pyyaml)")
    return text
