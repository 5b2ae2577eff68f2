"""Tables: rows and columns that a script fills, reads again and turns into a data frame."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any


class Table:
    """`log()` leaves it out and says so once; all of its methods work."""

    is_media = True
    MAX_ROWS = 10_000
    MAX_ARTIFACT_ROWS = 200_000

    def __init__(
        self,
        columns: Any = None,
        data: Any = None,
        rows: Any = None,
        dataframe: Any = None,
        dtype: Any = None,
        optional: Any = True,
        allow_mixed_types: bool = False,
        log_mode: str | None = None,
        **_ignored: Any,
    ) -> None:
        """`columns`: names, a data frame or nothing. `data`: rows, an array or a data frame."""
        del dtype, optional, allow_mixed_types
        if _is_frame(columns):
            columns, dataframe = None, columns
        if _is_frame(data):
            data, dataframe = None, data
        self.log_mode = log_mode or "IMMUTABLE"
        if dataframe is not None:
            if not _is_frame(dataframe):
                raise TypeError(f"dataframe must be a pandas DataFrame, not {type(dataframe).__name__}")
            self.columns: list[Any] = [str(name) for name in dataframe.columns]
            self.data: list[list[Any]] = [list(row) for row in dataframe.itertuples(index=False, name=None)]
            return
        given = data if data is not None else rows
        listed = given.tolist() if hasattr(given, "tolist") else given
        self.data = [list(row) for row in listed] if listed is not None else []
        width = len(self.data[0]) if self.data else 0
        default = ["Input", "Output", "Expected"] if not self.data else [str(index) for index in range(width)]
        self.columns = list(columns) if columns is not None else default
        for row in self.data:
            self._check(row)

    def add_data(self, *row: Any) -> None:
        """Adds a row. A ValueError tells that it has not as many values as there are columns."""
        self._check(row)
        self.data.append(list(row))

    def add_row(self, *row: Any) -> None:
        """Adds a row."""
        self.add_data(*row)

    def add_column(self, name: str, data: Any, optional: bool = False) -> None:
        """Adds a column. A ValueError tells that it has not as many values as there are rows."""
        del optional
        values = list(data)
        if not self.columns and not self.data:
            self.data = [[] for _ in values]
        if len(values) != len(self.data):
            raise ValueError(f"column {name!r} has {len(values)} values, and the table {len(self.data)} rows")
        self.columns.append(name)
        for row, value in zip(self.data, values, strict=True):
            row.append(value)

    def add_computed_columns(self, fn: Callable[..., Any]) -> None:
        """Adds the columns that a function of index and row makes."""
        made: dict[str, list[Any]] = {}
        for index, row in enumerate(self.data):
            found = fn(index, dict(zip(self.columns, row, strict=True)))
            for name, value in found.items():
                made.setdefault(name, []).append(value)
        for name, values in made.items():
            self.add_column(name, values)

    def get_column(self, name: str, convert_to: str | None = None) -> Any:
        """A column's values, as a numpy array when `convert_to` is "numpy"."""
        if name not in self.columns:
            raise KeyError(f"the table has no column {name!r}: it has {self.columns}")
        place = self.columns.index(name)
        values = [row[place] for row in self.data]
        if convert_to is None:
            return values
        if convert_to != "numpy":
            raise ValueError(f"convert_to={convert_to!r}: expected 'numpy'")
        import numpy

        return numpy.array(values)

    def get_dataframe(self) -> Any:
        """A pandas DataFrame of it."""
        import pandas

        return pandas.DataFrame.from_records(self.data, columns=self.columns)

    def get_index(self) -> list[int]:
        """The numbers of the rows."""
        return list(range(len(self.data)))

    def index_ref(self, index: int) -> int:
        """The number of a row."""
        return index

    def iterrows(self) -> Iterator[tuple[int, list[Any]]]:
        """Each row with its number."""
        return iter(list(enumerate(self.data)))

    def cast(self, col_name: str, dtype: Any, optional: bool = False) -> None:
        """Has no effect: values are what they are."""

    def set_pk(self, col_name: str) -> None:
        """Has no effect."""

    def set_fk(self, col_name: str, table: Table, table_col: str) -> None:
        """Has no effect."""

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Table) and (self.columns, self.data) == (other.columns, other.data)

    __hash__ = None  # type: ignore[assignment]

    def __len__(self) -> int:
        return len(self.data)

    def __repr__(self) -> str:
        return f"<{type(self).__name__}: {len(self.data)} rows of {self.columns}>"

    def _check(self, row: Iterable[Any]) -> None:
        count = len(list(row))
        if count != len(self.columns):
            raise ValueError(
                f"this table has {len(self.columns)} columns: {self.columns}, and a row has {count} values"
            )


class EvalTable(Table):
    """A table of what a model answered."""


class JoinedTable:
    """Two tables side by side."""

    is_media = True

    def __init__(self, table1: Any, table2: Any, join_key: Any) -> None:
        self.table1, self.table2, self.join_key = table1, table2, join_key


def _is_frame(value: Any) -> bool:
    return hasattr(value, "itertuples") and hasattr(value, "columns")
