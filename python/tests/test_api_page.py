"""The RemoteRun example of the API page, as it is printed there."""

from __future__ import annotations

from tracker_process import TrackerProcess

EXAMPLE = """
import aspara

# Connect to a remote tracker
run = aspara.init(
    project="my_project",
    name="experiment_001",
    tracker_uri="http://localhost:3142",
    config={"learning_rate": 0.001}
)

# Log metrics (automatically sent to the tracker)
for step in range(100):
    run.log({"loss": 0.5 - step * 0.005, "accuracy": 0.5 + step * 0.005})

run.finish()
"""


def test_the_example_runs_word_for_word(tracker: TrackerProcess) -> None:
    exec(EXAMPLE.replace("http://localhost:3142", tracker.url), {})
    run = tracker.get("/projects/my_project/runs/experiment_001")
    assert run["config"] == {"learning_rate": 0.001}
    assert run["status"] == "finished"
    points = tracker.points("my_project", "experiment_001")
    losses = [(point["step"], point["value"]) for point in points if point["metric"] == "loss"]
    assert losses == [(step, 0.5 - step * 0.005) for step in range(100)]
    accuracies = [(point["step"], point["value"]) for point in points if point["metric"] == "accuracy"]
    assert accuracies == [(step, 0.5 + step * 0.005) for step in range(100)]


def test_the_address_may_end_in_tracker(tracker: TrackerProcess) -> None:
    exec(
        EXAMPLE.replace("http://localhost:3142", f"{tracker.url}/tracker/").replace("experiment_001", "experiment_002"),
        {},
    )
    assert tracker.get("/projects/my_project/runs/experiment_002")["metrics"][0]["count"] == 100
