"""
Calls that scripts written for wandb and trackio make, as tables: each works, or says once that it has no effect. What
raises here raises there, too.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy
import pandas
import pytest

import aspara as wandb
from test_sync import environment
from tracker_process import TrackerProcess


@pytest.fixture
def run() -> wandb.Run:
    return wandb.init(project="p", name="r", mode="offline", config={"lr": 1, "bs": 2}, entity="me", reinit=True)


FILE = "/etc/hostname"
TABLE = "wandb.Table(columns=['x', 'y'], data=[[1, 2], [3, 4]])"

CALLS: list[tuple[str, Any]] = [
    # What the run says of itself.
    ("wandb.run.name", "r"),
    ("wandb.run.project_name()", "p"),
    ("wandb.run.entity", ""),
    ("wandb.run.path", ...),
    ("wandb.run.get_url() == wandb.run.url", True),
    ("wandb.run.get_project_url()", ...),
    ("wandb.run.get_sweep_url()", None),
    ("wandb.run.sweep_id", None),
    ("wandb.run.offline", True),
    ("wandb.run.start_time > 1.7e9", True),
    ("wandb.run.settings.mode", None),
    ("wandb.run.status().sync_items_pending", ...),
    ("wandb.run.display()", False),
    ("'<a href' in wandb.run.to_html()", True),
    # Configs.
    ("dict(wandb.config)", {"lr": 1, "bs": 2}),
    ("dict(**wandb.config)", {"lr": 1, "bs": 2}),
    ("json.dumps(dict(wandb.config))", '{"lr": 1, "bs": 2}'),
    ("wandb.config.as_dict()", {"lr": 1, "bs": 2}),
    ("wandb.config.get('zzz', 3)", 3),
    ("wandb.config.pop('lr')", 1),
    ("wandb.config.persist()", None),
    ("wandb.config.setdefaults({'lr': 7, 'new': 1})", None),
    ("wandb.config.update(argparse.Namespace(a=1), allow_val_change=True)", None),
    ("'lr' in wandb.config", True),
    # Values that are no numbers.
    ("wandb.Image(numpy.zeros((8, 8, 3)), caption='x', masks={}).caption", "x"),
    ("wandb.Image(numpy.zeros((8, 8, 3))).image is not None", True),
    ("wandb.Video('a.mp4', fps=4).fps", 4),
    ("wandb.Audio([0.0], sample_rate=8000).sample_rate", 8000),
    ("wandb.Html('<b>').data", "<b>"),
    ("wandb.Histogram([1, 2, 2]).histogram[0]", 1),
    ("wandb.Histogram(np_histogram=numpy.histogram([1, 2, 3])).bins[0]", 1.0),
    ("wandb.Object3D.from_numpy(numpy.zeros((2, 3)))", ...),
    ("wandb.Molecule('a.pdb')", ...),
    ("wandb.Classes([{'id': 1, 'name': 'cat'}]).class_set", [{"id": 1, "name": "cat"}]),
    ("wandb.Graph().add_node('n')", "n"),
    ("wandb.Plotly(1).data", 1),
    ("wandb.Markdown('# a').text", "# a"),
    ("wandb.Trace([{'role': 'user'}]).messages", [{"role": "user"}]),
    ("wandb.data_types.Table is wandb.Table", True),
    # Tables.
    (f"{TABLE}.get_column('x')", [1, 3]),
    (f"{TABLE}.get_column('y', convert_to='numpy').tolist()", [2, 4]),
    (f"{TABLE}.get_dataframe()['y'].tolist()", [2, 4]),
    (f"list({TABLE}.iterrows())", [(0, [1, 2]), (1, [3, 4])]),
    (f"{TABLE}.get_index()", [0, 1]),
    (f"{TABLE}.add_computed_columns(lambda i, row: {{'z': row['x']}})", None),
    ("wandb.Table(pandas.DataFrame({'a': [1, 2]})).columns", ["a"]),
    ("wandb.Table(data=pandas.DataFrame({'a': [1, 2]})).data", [[1], [2]]),
    ("wandb.Table(dataframe=pandas.DataFrame({'a': [1, 2]})).data", [[1], [2]]),
    ("wandb.Table(data=numpy.eye(2)).columns", ["0", "1"]),
    ("wandb.Table(columns=['a'], allow_mixed_types=True).add_data(1)", None),
    # Plots: the data is worked out and kept.
    (f"wandb.plot.line({TABLE}, 'x', 'y', title='t').title", "t"),
    (f"wandb.plot.scatter({TABLE}, 'x', 'y').fields", {"x": "x", "y": "y"}),
    (f"wandb.plot.bar({TABLE}, 'x', 'y').kind", "bar"),
    (f"wandb.plot.histogram({TABLE}, 'x').kind", "histogram"),
    (f"wandb.plot_table('a/b', {TABLE}, {{}})", ...),
    (
        "wandb.plot.line_series([0, 1], [[1, 2], [3, 4]], keys=['a', 'b']).table.data",
        [[0, "a", 1], [1, "a", 2], [0, "b", 3], [1, "b", 4]],
    ),
    (
        "wandb.plot.confusion_matrix(y_true=[0, 1, 1], preds=[0, 1, 0], class_names=['a', 'b']).table.data",
        [["a", "a", 1], ["a", "b", 0], ["b", "a", 1], ["b", "b", 1]],
    ),
    (
        "wandb.plot.confusion_matrix(y_true=[0, 1], probs=[[0.9, 0.1], [0.2, 0.8]]).table.get_column('nPredictions')",
        [1, 0, 0, 1],
    ),
    (
        "wandb.plot.roc_curve([0, 1], [[0.9, 0.1], [0.2, 0.8]], classes_to_plot=[1]).table.data",
        [["1", 0.0, 0.0], ["1", 0.0, 1.0], ["1", 1.0, 1.0]],
    ),
    ("wandb.plot.pr_curve([0, 1], [[0.9, 0.1], [0.2, 0.8]], interp_size=2).table.data[0]", ["0", 1.0, 0.0]),
    # Errors and tools.
    ("issubclass(wandb.errors.CommError, wandb.Error)", True),
    ("wandb.UsageError is wandb.errors.UsageError", True),
    ("len(wandb.util.generate_id())", 8),
    ("wandb.sdk.wandb_run.Run is wandb.Run", True),
    ("wandb.wandb_sdk is wandb.sdk", True),
    ("wandb.require('core')", None),
    ("wandb.ensure_configured()", None),
    ("wandb.login(key='x', relogin=True)", True),
    ("wandb.setup()", None),
    ("wandb.api.api_key", None),
    ("wandb.termlog('hi')", None),
    ("wandb.env", ...),
    ("wandb.Settings(_disable_stats=True, console='off', code_dir='.').console", "off"),
    # Files and artifacts.
    (f"wandb.save('{FILE}')", [FILE]),
    ("wandb.save('/etc/hostnam*', base_path='/etc', policy='now')", [FILE]),
    ("wandb.save()", []),
    (f"wandb.run.log_model(path='{FILE}', name='m', aliases=['best'])", None),
    (f"wandb.log_model('{FILE}')", None),
    (f"wandb.log_artifact(artifact_or_path='{FILE}', name='h', type='dataset')", FILE),
    (f"wandb.Artifact('m', 'model', metadata={{'a': 1}}).add_file('{FILE}').name", "hostname"),
    (f"wandb.Artifact('m', 'model').add({TABLE}, 'tbl')", None),
    ("wandb.Artifact('m', 'model').add_reference('s3://bucket/x')", []),
    ("wandb.Artifact('m', 'model').wait().qualified_name", "m:v0"),
    # Metrics.
    ("wandb.define_metric('train/*', step_metric='train/global_step').name", "train/*"),
    ("wandb.define_metric('z', summary='best', goal='maximize').goal", "max"),
    ("wandb.define_metric('z', summary='none').is_none", True),
    ("wandb.log({'a': 1}, sync=False)", None),
    ("wandb.alert(title='T', text='x', level=wandb.AlertLevel.WARN, wait_duration=1)", None),
    ("wandb.run.mark_preempting()", None),
    # trackio.
    ("wandb.log_system({'gpu': 0.5})", None),
    ("wandb.show(project='p')[1].endswith('/projects/p')", True),
    ("wandb.run.log_system({'gpu': 0.5})", None),
]


@pytest.mark.parametrize(("call", "expected"), CALLS, ids=[call for call, _ in CALLS])
def test_a_call_works(run: wandb.Run, call: str, expected: Any) -> None:
    found = eval(call, {"wandb": wandb, "numpy": numpy, "pandas": pandas, "json": json, "argparse": argparse})
    if expected is not ...:
        assert found == expected
    run.finish(quiet=True)


WITHOUT_EFFECT = [
    ("wandb.log_code()", "log_code has no effect"),
    ("wandb.run.log_code(root='.', include_fn=lambda path: True)", "log_code has no effect"),
    ("wandb.watch(object(), log='all', log_freq=10)", "watch has no effect"),
    ("wandb.use_artifact('a:latest')", "artifacts have no versions"),
    ("wandb.run.link_artifact(None, 'x')", "link_artifact has no effect"),
    ("wandb.run.use_model('x')", "use_model has no effect"),
    ("wandb.run.link_model('x', 'y')", "link_model has no effect"),
    ("wandb.tensorboard.patch(root_logdir='x')", "tensorboard.patch has no effect"),
    ("wandb.sklearn.plot_learning_curve()", "plot_learning_curve has no effect"),
    ("wandb.agent('id', function=lambda: None, count=1)", "it has no effect"),
    ("wandb.controller('id')", "controller has no effect"),
    ("wandb.log_gpu()", "log_gpu has no effect"),
    ("(__import__('aspara.sync'), wandb.sync('p'))", "sync has no effect"),
    ("wandb.freeze('a', 'b')", "freeze has no effect"),
    ("wandb.log_artifact('/etc/hostname', aliases=['best'])", "aliases are not kept"),
    ("wandb.save('*.nothing')", "no file matches"),
]


@pytest.mark.parametrize(("call", "words"), WITHOUT_EFFECT, ids=[call for call, _ in WITHOUT_EFFECT])
def test_what_has_no_effect_is_said_once(
    run: wandb.Run, call: str, words: str, capsys: pytest.CaptureFixture[str]
) -> None:
    for _ in range(3):
        eval(call, {"wandb": wandb})
    assert capsys.readouterr().err.count(words) == 1


@pytest.mark.parametrize(
    ("value", "words"),
    [
        (wandb.Image(numpy.zeros((2, 2))), "Image is not a number"),
        ([wandb.Image(numpy.zeros((2, 2)))], "list of Image is not a number"),
        (wandb.Table(columns=["a"]), "Table is not a number"),
        (wandb.Histogram([1, 2]), "Histogram is not a number"),
        ("text", "text is not kept as a metric"),
        (numpy.ma.masked, "it is masked and has no value"),
        (numpy.complex64(1), "complex is not a number"),
        (numpy.datetime64("2026-01-01"), "datetime64 is not a number"),
        (pandas.NA, "NAType is not a number"),
        (None, "None is not a number"),
    ],
)
def test_a_value_that_is_no_number_is_said_once_in_its_own_words(
    run: wandb.Run, value: Any, words: str, capsys: pytest.CaptureFixture[str]
) -> None:
    for _ in range(3):
        wandb.log({"x": value})
    said = capsys.readouterr().err
    assert said.count(words) == 1
    assert "float()" not in said


def test_modules_are_imported_under_their_names(spool: Path) -> None:
    program = """
import aspara.plot
from aspara.plot import line, confusion_matrix
from aspara.sdk.wandb_run import Run
from aspara.sdk import wandb_config
from aspara.errors import CommError, UsageError
from aspara.data_types import Image, Table
from aspara.apis.public import Api
from aspara.util import generate_id
from aspara.integration.keras import WandbMetricsLogger, WandbCallback
from aspara.xgboost import WandbCallback
from aspara.lightgbm import wandb_callback, log_summary
import aspara as wandb
assert wandb.plot.line is line and aspara.plot is wandb.plot and Run is wandb.Run and Api is wandb.Api
assert wandb.wandb_run and wandb.keras and wandb.integration.keras
assert "plot" in dir(wandb)
try:
    import aspara.nothing
except ImportError:
    pass
else:
    raise AssertionError
try:
    wandb.nothing
except AttributeError as error:
    assert str(error) == "module 'aspara' has no attribute 'nothing'"
else:
    raise AssertionError
"""
    process = subprocess.run(
        [sys.executable, "-c", program], env=environment(spool), capture_output=True, text=True, check=False
    )
    assert process.returncode == 0, process.stderr


def test_a_training_imports_none_of_it(spool: Path) -> None:
    program = """
import sys, aspara
run = aspara.init(project="p", mode="offline", config={"a": 1})
run.log({"loss": 1})
run.finish()
loaded = [name for name in sys.modules if name.startswith("aspara.wandb_compat.") or name == "aspara.resume"]
assert loaded == ["aspara.wandb_compat.module_names"], loaded
"""
    process = subprocess.run(
        [sys.executable, "-c", program], env=environment(spool), capture_output=True, text=True, check=False
    )
    assert process.returncode == 0, process.stderr


INIT_ARGUMENTS = [
    ({"entity": "e", "anonymous": "allow", "force": True, "allow_val_change": True}, None),
    ({"sync_tensorboard": True}, "sync_tensorboard has no effect"),
    ({"magic": True}, "magic has no effect"),
    ({"save_code": False, "monitor_gym": False}, None),
    ({"space_id": "user/space"}, "space_id has no effect"),
    ({"auto_log_gpu": True, "gpu_log_interval": 1.0}, "auto_log_gpu has no effect"),
    ({"embed": True, "private": None, "dataset_id": None}, None),
    ({"settings": {"silent": "false", "start_method": "thread"}}, None),
    ({"mode": "dryrun"}, None),
    ({"id": "run.1"}, None),
    ({"tags": ("a", "b")}, None),
    ({"tags": {"a"}}, None),
]


@pytest.mark.parametrize(("arguments", "words"), INIT_ARGUMENTS)
def test_arguments_of_other_trackers_are_taken(
    arguments: dict[str, Any], words: str | None, capsys: pytest.CaptureFixture[str]
) -> None:
    wandb.init(**{"project": "p", "mode": "offline", **arguments}).finish(quiet=True)
    said = capsys.readouterr().err
    assert said.count("has no effect") == (1 if words else 0), said
    assert (words or "") in said


def test_an_argument_that_no_tracker_knows_is_refused_with_the_nearest_name() -> None:
    for word, near in (("projct", "project"), ("trackerUri", "tracker_uri"), ("job_typ", "job_type")):
        arguments: dict[str, Any] = {word: "x"}
        with pytest.raises(TypeError, match=f"init\\(\\) has no argument '{word}': did you mean '{near}'"):
            wandb.init(**arguments)
    with pytest.raises(TypeError, match=r"init\(\) has no argument 'telemetry'$"):
        wandb.init(telemetry=True)
    run = wandb.init(project="p", mode="disabled")
    with pytest.raises(TypeError, match="log\\(\\) has no argument 'stp': did you mean 'step'"):
        run.log({"a": 1}, stp=3)


def test_wandbs_variables_count_where_ours_are_not_set(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name, value in {
        "WANDB_MODE": "offline",
        "WANDB_PROJECT": "from env",
        "WANDB_NAME": "named",
        "WANDB_RUN_ID": "x1",
        "WANDB_RUN_GROUP": "g",
        "WANDB_JOB_TYPE": "train",
        "WANDB_TAGS": "a, b,",
        "WANDB_NOTES": "n",
        "WANDB_DIR": str(tmp_path / "there"),
    }.items():
        monkeypatch.setenv(name, value)
    monkeypatch.delenv("ASPARA_DATA_DIR")
    run = wandb.init()
    assert (run.mode, run.project, run.name, run.id) == ("offline", "from-env", "named", "x1")
    assert (run.group, run.job_type, run.tags, run.notes) == ("g", "train", ("a", "b"), "n")
    assert Path(run.dir).is_relative_to(tmp_path / "there")
    monkeypatch.setenv("ASPARA_PROJECT", "ours")
    monkeypatch.setenv("ASPARA_RUN_NAME", "ours")
    run = wandb.init(id="y1", tags=["c"])
    assert (run.project, run.name, run.id, run.tags) == ("ours", "ours", "y1", ("c",))
    monkeypatch.setenv("WANDB_DISABLED", "true")
    assert wandb.init().disabled
    monkeypatch.setenv("ASPARA_MODE", "offline")
    assert wandb.init().offline
    monkeypatch.setenv("WANDB_MODE", "what wandb may call it one day")
    monkeypatch.delenv("WANDB_DISABLED")
    assert wandb.init(mode="offline").offline


def test_wandbs_silence_is_ours(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setenv("WANDB_SILENT", "true")
    with wandb.init(project="p", mode="offline") as run:
        run.log({"a": "x"})
    assert capsys.readouterr().err == ""


def test_a_sweep_is_gone_through_in_this_process(tracker: TrackerProcess, project: str) -> None:
    seen = []

    def train() -> None:
        with wandb.init(config={"lr": 0.5, "epochs": 2}) as run:
            seen.append((wandb.config.lr, wandb.config.epochs))
            run.log({"loss": wandb.config.lr})

    sweep = wandb.sweep({"method": "grid", "parameters": {"lr": {"values": [0.1, 0.2]}}}, project=project)
    wandb.agent(sweep, function=train)
    wandb.agent(sweep, function=train, count=1)
    assert seen == [(0.1, 2), (0.2, 2), (0.1, 2)]
    assert len(tracker.get(f"/projects/{project}/runs")["runs"]) == 3
    chances = {"a": {"min": 1, "max": 3}, "b": {"distribution": "log_uniform_values", "min": 1e-4, "max": 1e-1}}
    found: list[Any] = []
    random_sweep = wandb.sweep({"method": "random", "parameters": chances}, project=project)
    wandb.agent(random_sweep, lambda: found.append(wandb.init(mode="disabled").config.to_dict()), count=5)
    assert all(1 <= one["a"] <= 3 and 1e-4 <= one["b"] <= 1e-1 for one in found)
    assert len(found) == 5


def test_a_sweep_goes_on_after_a_run_that_fails(
    tracker: TrackerProcess, project: str, capsys: pytest.CaptureFixture[str]
) -> None:
    def train() -> None:
        run = wandb.init()
        run.log({"loss": 1})
        if run.config.layers != 3:
            raise RuntimeError("CUDA out of memory")

    wandb.agent(
        wandb.sweep({"method": "grid", "parameters": {"layers": {"values": [2, 3, 4]}}}, project=project), train
    )
    runs = tracker.get(f"/projects/{project}/runs")["runs"]
    ends = sorted((run["config"]["layers"], run["exit_code"], run["finish_reason"]) for run in runs)
    failed = (1, "RuntimeError: CUDA out of memory")
    assert ends == [(2, *failed), (3, 0, None), (4, *failed)]
    said = capsys.readouterr().err
    assert said.count("this run has failed, and the sweep goes on: RuntimeError: CUDA out of memory") == 2
    assert said.count("Traceback") == 2


def test_a_sweep_whose_first_runs_all_fail_ends(project: str) -> None:
    calls = []

    def train() -> None:
        calls.append(1)
        raise NameError("name 'bathc' is not defined")

    with pytest.raises(NameError):
        wandb.agent(wandb.sweep({"method": "random", "parameters": {"lr": {"value": 1}}}, project=project), train)
    assert len(calls) == 5


def test_a_csv_file_becomes_a_run(tracker: TrackerProcess, project: str, tmp_path: Path) -> None:
    file = tmp_path / "logs.csv"
    file.write_text("step,timestamp,loss,name\n0,2026-01-01T00:00:00Z,0.5,a\n7,2026-01-01T00:01:00Z,0.25,b\n")
    wandb.import_csv(csv_path=file, project=project, name="imported")
    points = tracker.points(project, "imported")
    assert [(point["metric"], point["step"], point["value"]) for point in points] == [
        ("loss", 0, 0.5),
        ("loss", 7, 0.25),
    ]


def test_renaming_a_run_changes_what_is_shown(tracker: TrackerProcess, project: str) -> None:
    with wandb.init(project=project, name="r") as run:
        assert wandb.run is not None
        wandb.run.name = "lr 0.1"
        assert (run.name, run.display_name, run.url.rsplit("/", 1)[-1]) == ("lr 0.1", "lr 0.1", "r")
    assert tracker.get(f"/projects/{project}/runs/r")["display_name"] == "lr 0.1"
