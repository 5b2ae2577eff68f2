"""
`wandb.sweep` and `wandb.agent`: the parameters of a sweep are gone through in this process, one run after the other.
There is no service that hands them out to several machines.
"""

from __future__ import annotations

import itertools
import math
import random
import traceback
from collections.abc import Callable, Iterator
from typing import Any

from ..exit_status import describe
from ..messages import say, say_once
from .small_tools import generate_id

_sweeps: dict[str, dict[str, Any]] = {}
#: How many runs a sweep without a grid and without a count makes.
_RUNS_DEFAULT = 10
#: When so many runs fail before one succeeds, the function is wrong rather than its parameters.
_FIRST_FAILURES_MAX = 5


def sweep(sweep: Any, entity: str | None = None, project: str | None = None, **_ignored: Any) -> str:
    """Remembers a sweep of this process and answers its id. A ValueError tells what is wrong with it."""
    del entity
    given = sweep() if callable(sweep) else sweep
    if not isinstance(given, dict) or not isinstance(given.get("parameters", {}), dict):
        raise ValueError("a sweep is a dict with method and parameters")
    made = generate_id()
    _sweeps[made] = {**given, "project": project or given.get("project")}
    say_once("sweeps: this process tries the parameters one after the other; other machines do not join")
    return made


def agent(
    sweep_id: str,
    function: Callable[[], Any] | None = None,
    entity: str | None = None,
    project: str | None = None,
    count: int | None = None,
    **_ignored: Any,
) -> None:
    """
    Calls a function with the parameters of a sweep in `wandb.config`, `count` times at most. An exception of the
    function ends its run, and the sweep goes on; it is raised when the first five have failed.
    """
    del entity
    found = _sweeps.get(str(sweep_id).rsplit("/", 1)[-1])
    if found is None:
        say_once(f"agent: there is no sweep {sweep_id} in this process; it has no effect")
        return
    if function is None:
        say_once("agent: give it the function to call; it has no effect without one")
        return
    from ..current_run import current_run, defaults, finish

    parameters = found.get("parameters", {})
    choices = _grid(parameters) if found.get("method") == "grid" else _random(parameters, count or _RUNS_DEFAULT)
    failures = 0
    for nth, chosen in enumerate(itertools.islice(choices, count), 1):
        say(f"sweep {sweep_id}: {', '.join(f'{name}={value}' for name, value in chosen.items())}")
        finish(quiet=True)
        try:
            with defaults(chosen, project or found.get("project")):
                function()
        except Exception as error:
            failures += 1
            run = current_run()
            if run is not None:
                run.__exit__(type(error), error, error.__traceback__)
            if failures == nth == _FIRST_FAILURES_MAX:
                raise
            traceback.print_exc()
            say(f"sweep {sweep_id}: this run has failed, and the sweep goes on: {describe(error)}")
        finish(quiet=True)


def controller(*_args: Any, **_kwargs: Any) -> Any:
    """There is none, which is said once."""
    from .without_effect import WithoutEffect

    say_once("controller has no effect here")
    return WithoutEffect("controller")


def _grid(parameters: dict[str, Any]) -> Iterator[dict[str, Any]]:
    names = list(parameters)
    lists = []
    for name in names:
        parameter = _described(parameters[name])
        if "values" in parameter:
            lists.append(list(parameter["values"]))
        elif "value" in parameter:
            lists.append([parameter["value"]])
        elif isinstance(parameter.get("min"), int) and isinstance(parameter.get("max"), int):
            lists.append(list(range(parameter["min"], parameter["max"] + 1)))
        else:
            raise ValueError(f"parameter {name} of a grid needs value, values, or whole numbers min and max")
    for chosen in itertools.product(*lists):
        yield dict(zip(names, chosen, strict=True))


def _random(parameters: dict[str, Any], count: int) -> Iterator[dict[str, Any]]:
    for _ in range(count):
        yield {name: _pick(name, _described(parameter)) for name, parameter in parameters.items()}


def _described(parameter: Any) -> dict[str, Any]:
    return parameter if isinstance(parameter, dict) else {"value": parameter}


def _pick(name: str, parameter: dict[str, Any]) -> Any:
    if "values" in parameter:
        weights = parameter.get("probabilities")
        return random.choices(list(parameter["values"]), weights)[0]
    if "value" in parameter:
        return parameter["value"]
    if isinstance(parameter.get("parameters"), dict):
        return {inner: _pick(inner, _described(one)) for inner, one in parameter["parameters"].items()}
    kind = str(parameter.get("distribution", ""))
    if "normal" in kind:
        found = random.gauss(parameter.get("mu", 0), parameter.get("sigma", 1))
        return _stepped(math.exp(found) if kind.startswith(("log", "q_log")) else found, parameter)
    low, high = parameter.get("min"), parameter.get("max")
    if low is None or high is None:
        raise ValueError(f"parameter {name} needs value, values, or min and max")
    if kind in ("log_uniform", "q_log_uniform"):
        return _stepped(math.exp(random.uniform(low, high)), parameter)
    if kind.startswith(("log_uniform", "q_log_uniform", "inv_log_uniform")):
        return _stepped(math.exp(random.uniform(math.log(low), math.log(high))), parameter)
    if isinstance(low, int) and isinstance(high, int) and kind in ("", "int_uniform"):
        return random.randint(low, high)
    return _stepped(random.uniform(low, high), parameter)


def _stepped(value: float, parameter: dict[str, Any]) -> float:
    if not str(parameter.get("distribution", "")).startswith("q_"):
        return value
    q = parameter.get("q", 1)
    return float(round(value / q) * q)
