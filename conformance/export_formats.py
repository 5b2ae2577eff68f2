"""Opens exports as their users do, and compares them with what was exported.

    export_formats.py FOLDER

In FOLDER are points.arrow, points.parquet and what must be in them: names.json with
the columns of names, step.i64 and timestamp.i64 (microseconds) and value.f64, a
number a row. Exits with 1 and says what differs.
"""

import json
import sys
from pathlib import Path
from typing import Any, Callable

import duckdb
import numpy as np
import polars as pl
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.ipc as ipc
import pyarrow.parquet as pq

Columns = dict[str, Any]

ARROW = {
    "step": pa.int64(),
    "timestamp": pa.timestamp("us", tz="UTC"),
    "value": pa.float64(),
}
POLARS = {
    "step": pl.Int64,
    "timestamp": pl.Datetime("us", time_zone="UTC"),
    "value": pl.Float64,
}
DUCKDB = {
    "step": "BIGINT",
    "timestamp": "TIMESTAMP WITH TIME ZONE",
    "value": "DOUBLE",
}


def expected_columns(folder: Path) -> Columns:
    columns: Columns = json.loads((folder / "names.json").read_text())
    for name, dtype in {"step": "i8", "timestamp": "i8", "value": "f8"}.items():
        (file,) = folder.glob(f"{name}.*")
        columns[name] = np.fromfile(file, dtype=f"<{dtype}")
    return columns


def with_names(types: dict[str, Any], name: Any, columns: Columns) -> dict[str, Any]:
    """The types of all columns, of which those that are there for names have `name`."""
    return {column: types.get(column, name) for column in columns}


def from_pyarrow(table: pa.Table) -> Columns:
    columns: Columns = {}
    for name in table.column_names:
        column = table[name]
        assert column.null_count == 0, f"{name} has nulls"
        if name in ("run", "metric"):
            columns[name] = column.cast(pa.string()).to_pylist()
        elif name == "timestamp":
            columns[name] = column.cast(pa.int64()).to_numpy()
        else:
            columns[name] = column.to_numpy()
    return columns


def from_polars(frame: pl.DataFrame) -> Columns:
    assert sum(frame.null_count().row(0)) == 0, "there are nulls"
    names = [name for name in frame.columns if name in ("run", "metric")]
    columns: Columns = {name: frame[name].cast(pl.String).to_list() for name in names}
    for name in ("step", "timestamp", "value"):
        columns[name] = frame[name].to_physical().to_numpy()
    return columns


def compare(opened: Columns, expected: Columns) -> None:
    assert list(opened) == list(expected), f"columns are {list(opened)}"
    for name, column in expected.items():
        if name in ("run", "metric"):
            assert opened[name] == column, f"{name} differs"
            continue
        assert len(opened[name]) == len(column), f"{len(opened[name])} rows"
        # By their bits, which tell -0.0 from 0.0; any NaN is as good as another.
        same = np.ascontiguousarray(opened[name]).view("i8") == column.view("i8")
        if name == "value":
            same |= np.isnan(opened[name]) & np.isnan(column)
        assert same.all(), f"{name} differs in row {int(np.argmin(same))}"


def check_pyarrow(folder: Path, expected: Columns) -> None:
    stream = ipc.open_stream(folder / "points.arrow").read_all()
    name = pa.dictionary(pa.int32(), pa.string())
    assert dict(zip(stream.schema.names, stream.schema.types)) == with_names(
        ARROW, name, expected
    ), stream.schema
    compare(from_pyarrow(stream), expected)

    table = pq.read_table(folder / "points.parquet")
    assert dict(zip(table.schema.names, table.schema.types)) == with_names(
        ARROW, pa.string(), expected
    ), table.schema
    compare(from_pyarrow(table), expected)


def check_polars(folder: Path, expected: Columns) -> None:
    stream = pl.read_ipc_stream(folder / "points.arrow")
    categorical = with_names(POLARS, pl.Categorical, expected)
    assert dict(stream.schema) == categorical, stream.schema
    compare(from_polars(stream), expected)

    frame = pl.read_parquet(folder / "points.parquet")
    assert dict(frame.schema) == with_names(POLARS, pl.String, expected), frame.schema
    compare(from_polars(frame), expected)


def check_duckdb(folder: Path, expected: Columns) -> None:
    types = with_names(DUCKDB, "VARCHAR", expected)
    for points in (
        duckdb.from_arrow(ipc.open_stream(folder / "points.arrow")),
        duckdb.read_parquet(str(folder / "points.parquet")),
    ):
        opened = dict(zip(points.columns, map(str, points.types)))
        assert opened == types, opened
        compare(from_pyarrow(points.to_arrow_table()), expected)


def check_filters(folder: Path, expected: Columns) -> None:
    """What a reader skips by a file's statistics is not what was asked for."""
    if len(expected["step"]) == 0:
        return
    file = str(folder / "points.parquet")
    step = int(expected["step"][len(expected["step"]) * 2 // 3])
    is_later = expected["step"] >= step
    counts = {
        "pyarrow": len(pq.read_table(file, filters=pc.field("step") >= step)),
        "polars": len(pl.scan_parquet(file).filter(pl.col("step") >= step).collect()),
        "duckdb": len(duckdb.read_parquet(file).filter(f"step >= {step}")),
    }
    for reader, count in counts.items():
        assert count == is_later.sum(), f"{reader} finds {count} with step >= {step}"
    if "run" in expected:
        last = expected["run"][-1]
        found = len(duckdb.read_parquet(file).filter(f"run = '{last}'"))
        assert found == expected["run"].count(last), f"{found} points of {last}"


def main() -> None:
    folder = Path(sys.argv[1])
    expected = expected_columns(folder)
    checks: list[Callable[[Path, Columns], None]] = [
        check_pyarrow,
        check_polars,
        check_duckdb,
        check_filters,
    ]
    for check in checks:
        try:
            check(folder, expected)
        except AssertionError as error:
            sys.exit(f"{check.__name__}: {error}")
    print(len(expected["step"]))


if __name__ == "__main__":
    main()
