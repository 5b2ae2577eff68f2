"""What people hand over as a config, and what becomes of it."""

from __future__ import annotations

import argparse
import dataclasses
import enum
import json
import sys
import types
from pathlib import Path
from typing import Any

import numpy
import pytest

import aspara as wandb
from tracker_process import TrackerProcess


class Color(enum.Enum):
    RED = "red"


@dataclasses.dataclass
class Options:
    lr: float = 0.1
    path: Path = Path("/x")


class Plain:
    def __init__(self) -> None:
        self.lr = 1
        self._hidden = 2
        self.deep = types.SimpleNamespace(a=1)


class WithDefaults:
    lr = 0.1
    bs = 32

    def method(self) -> None: ...


@pytest.mark.parametrize(
    ("config", "expected"),
    [
        (Options(), {"lr": 0.1, "path": "/x"}),
        (Plain(), {"lr": 1, "deep": {"a": 1}}),
        (WithDefaults, {"lr": 0.1, "bs": 32}),
        (WithDefaults(), {"lr": 0.1, "bs": 32}),
        (argparse.Namespace(a=1, b=[1, 2]), {"a": 1, "b": [1, 2]}),
        (
            {"o": Plain(), "e": Color.RED, "t": (1, 2), "s": {3, 1}},
            {"o": {"lr": 1, "deep": {"a": 1}}, "e": "red", "t": [1, 2], "s": [1, 3]},
        ),
        ({"update": 1, "keys": 2, "items": 3}, {"update": 1, "keys": 2, "items": 3}),
        ({numpy.int64(3): "a"}, {"3": "a"}),
        ({"big": 2**70, "array": numpy.eye(2)}, {"big": str(2**70), "array": [[1, 0], [0, 1]]}),
    ],
)
def test_a_config_is_whatever_has_named_parts(config: Any, expected: Any) -> None:
    run = wandb.init(project="p", mode="offline", config=config)
    assert run.config.to_dict() == expected
    assert dict(wandb.config) == expected


def test_keys_that_collide_and_circles_are_said_once(capsys: pytest.CaptureFixture[str]) -> None:
    circle: dict[Any, Any] = {1: "a", "1": "b"}
    circle["self"] = circle
    run = wandb.init(project="p", mode="offline", config=circle)
    assert run.config.to_dict() == {"1": "b", "self": "<the same dict>"}
    said = capsys.readouterr().err
    assert said.count("two keys are called '1'") == 1
    assert said.count("contains itself") == 1


def test_a_config_is_read_from_a_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "config.yaml"
    text = """
wandb_version: 1
lr:
  desc: null
  value: 0.1
optimizer:
  value:
    name: "adam"
    betas: [0.9, 0.99]
bs: 32 # plain, too
name: 'a: b'
flag: true
empty:
"""
    file.write_text(text)
    expected = {
        "lr": 0.1,
        "optimizer": {"name": "adam", "betas": [0.9, 0.99]},
        "bs": 32,
        "name": "a: b",
        "flag": True,
        "empty": None,
    }
    assert wandb.init(project="p", mode="offline", config=str(file)).config.to_dict() == expected
    monkeypatch.setitem(sys.modules, "yaml", None)
    assert wandb.init(project="p", mode="offline", config=file).config.to_dict() == expected
    file.write_text("layers:\n  - 1\n  - 2\n")
    with pytest.raises(ValueError, match="line 2: only `name: value` is read without PyYAML"):
        wandb.init(project="p", mode="offline", config=str(file))
    with pytest.raises(ValueError, match="there is no such file"):
        wandb.init(project="p", mode="offline", config="nothing.yaml")
    (tmp_path / "config.json").write_text(json.dumps({"a": 1}))
    assert wandb.init(project="p", mode="offline", config=tmp_path / "config.json").config.to_dict() == {"a": 1}


def test_omegaconf_is_kept_as_objects_and_lists(capsys: pytest.CaptureFixture[str]) -> None:
    omegaconf = pytest.importorskip("omegaconf")
    config = omegaconf.OmegaConf.create(
        {"opt": {"lr": 0.1, "betas": [0.9, 0.99]}, "n": "${opt.lr}", "l": [1, {"x": "???"}], "b": "${nope}"}
    )
    run = wandb.init(project="p", mode="offline", config=config)
    assert run.config.to_dict() == {
        "opt": {"lr": 0.1, "betas": [0.9, 0.99]},
        "n": 0.1,
        "l": [1, {"x": "???"}],
        "b": "${nope}",
    }
    said = capsys.readouterr().err
    assert said.count("is kept as its text") == 2


def test_a_config_keeps_what_is_changed_in_place(tracker: TrackerProcess, project: str) -> None:
    with wandb.init(project=project, name="r", config={"opt": {"lr": 1, "deep": {"x": 1}}, "layers": [1]}) as run:
        run.config["opt"]["lr"] = 5
        wandb.config.opt.deep.x = 2
        run.config.layers.append({"n": 3})
        run.config.layers[0] += 1
        run.config.opt.update(new=numpy.float32(0.5))
        del run.config["opt"]["deep"]["x"]
        assert json.loads(json.dumps(dict(run.config))) == run.config.to_dict()
    expected = {"opt": {"lr": 5, "deep": {}, "new": 0.5}, "layers": [2, {"n": 3}]}
    assert tracker.get(f"/projects/{project}/runs/r")["config"] == expected


def test_keys_of_a_config_are_chosen() -> None:
    config = {"a": 1, "b": 2, "c": 3}
    assert wandb.init(project="p", mode="offline", config=config, config_exclude_keys=["b"]).config == {"a": 1, "c": 3}
    assert wandb.init(project="p", mode="offline", config=config, config_include_keys=["b"]).config == {"b": 2}
