"""
Pictures, sounds, tables and other values that are no numbers. They keep what they are given, so that a script can go on
with them; logging one says once that it is not kept yet.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from .table import Table

__all__ = ["Table"]


class Media:
    """A value that is no number: `log()` leaves it out, and says so once."""

    is_media = True

    def __init__(self, data_or_path: Any = None, *more: Any, caption: Any = None, **options: Any) -> None:
        self.data = data_or_path
        self.caption = caption if caption is not None or not more else more[0]
        self.options = options

    def __repr__(self) -> str:
        return f"<{type(self).__name__}>"


class Image(Media):
    """A picture: an array, a tensor, a PIL image, a figure or a file."""

    def __init__(
        self,
        data_or_path: Any = None,
        mode: str | None = None,
        caption: str | None = None,
        *more: Any,
        **options: Any,
    ) -> None:
        super().__init__(data_or_path if data_or_path is not None else options.pop("value", None), caption=caption)
        self.mode = mode
        self.options = {"more": more, **options} if more else options
        self.boxes = options.get("boxes")
        self.masks = options.get("masks")

    @property
    def image(self) -> Any:
        """As PIL has it where that is installed and the data allows it, else the data as it was given."""
        if hasattr(self.data, "convert") or self.data is None:
            return self.data
        try:
            from PIL import Image as pil  # type: ignore[import-not-found, unused-ignore] # noqa: N813

            if isinstance(self.data, (str, bytes)) or hasattr(self.data, "__fspath__"):
                return pil.open(self.data)
            import numpy

            array = numpy.asarray(self.data)
            array = array.squeeze(-1) if array.ndim == 3 and array.shape[-1] == 1 else array
            scaled = array * 255 if array.dtype.kind == "f" and array.size and float(array.max()) <= 1 else array
            return pil.fromarray(scaled.astype("uint8"), self.mode)
        except Exception:
            return self.data


class Video(Media):
    """A film: frames or a file."""

    def __init__(
        self,
        data_or_path: Any = None,
        caption: str | None = None,
        fps: int | None = None,
        format: str | None = None,
        **options: Any,
    ) -> None:
        super().__init__(data_or_path if data_or_path is not None else options.pop("value", None), caption=caption)
        self.fps, self.format, self.options = fps, format, options


class Audio(Media):
    """A sound: samples or a file."""

    def __init__(
        self, data_or_path: Any = None, sample_rate: int | None = None, caption: str | None = None, **options: Any
    ) -> None:
        super().__init__(data_or_path if data_or_path is not None else options.pop("value", None), caption=caption)
        self.sample_rate, self.options = sample_rate, options


class Html(Media):
    """A page."""

    def __init__(self, data: Any = None, inject: bool = True, data_is_not_path: bool = False, **options: Any) -> None:
        super().__init__(data, caption=options.pop("caption", None), **options)
        self.inject, self.data_is_not_path = inject, data_is_not_path


class Object3D(Media):
    """A body: points or a file."""

    @classmethod
    def from_file(cls, data_or_path: Any, *more: Any, **options: Any) -> Object3D:
        """A body in a file."""
        return cls(data_or_path, *more, **options)

    from_numpy = from_point_cloud = from_file


class Molecule(Media):
    """A molecule."""

    @classmethod
    def from_rdkit(cls, data_or_path: Any, *more: Any, **options: Any) -> Molecule:
        """A molecule of rdkit."""
        return cls(data_or_path, *more, **options)

    from_smiles = from_rdkit


class Plotly(Media):
    """A figure of plotly or matplotlib."""


class Bokeh(Media):
    """A figure of bokeh."""


class Markdown(Media):
    """Formatted text."""

    def __init__(self, text: str = "", **options: Any) -> None:
        super().__init__(text, **options)
        self.text = text


class Trace(Media):
    """A conversation."""

    def __init__(self, messages: Any = None, metadata: Any = None, spans: Any = None, **options: Any) -> None:
        super().__init__(messages, **options)
        self.messages, self.metadata, self.spans = messages, metadata, spans


class Histogram(Media):
    """How values are spread."""

    MAX_LENGTH = 512

    def __init__(self, sequence: Any = None, np_histogram: Any = None, num_bins: int = 64) -> None:
        super().__init__(sequence)
        if np_histogram is None and sequence is None:
            raise ValueError("Histogram needs a sequence or np_histogram")
        if np_histogram is not None:
            if len(np_histogram) != 2:
                raise ValueError("np_histogram must be a tuple of two arrays: counts and edges")
            counts, edges = np_histogram
        else:
            counts, edges = _histogram(sequence, min(num_bins, self.MAX_LENGTH))
        self.histogram = list(counts)
        self.bins = list(edges)
        if len(self.bins) != len(self.histogram) + 1:
            raise ValueError("bins must have one element more than the histogram")


def _histogram(sequence: Any, bins: int) -> tuple[list[int], list[float]]:
    try:
        import numpy

        flat = numpy.asarray(sequence, dtype=float).ravel()
        counts, edges = numpy.histogram(flat[numpy.isfinite(flat)], bins=bins)
        return counts.tolist(), edges.tolist()
    except ImportError:
        pass
    values = [float(value) for value in sequence]
    low, high = (min(values), max(values)) if values else (0.0, 1.0)
    width = (high - low) / bins or 1.0 / bins
    counted = [0] * bins
    for value in values:
        counted[min(bins - 1, int((value - low) / width))] += 1
    return counted, [low + width * index for index in range(bins + 1)]


class Classes(Media):
    """What the classes of boxes and masks are called."""

    def __init__(self, class_set: Iterable[Any] = ()) -> None:
        super().__init__(class_set)
        self.class_set = list(class_set)


class BoundingBoxes2D(Media):
    """Boxes on a picture."""


class ImageMask(Media):
    """A mask on a picture."""


class Node(Media):
    """A layer of a graph."""


class Edge(Media):
    """A connection of a graph."""


class Graph(Media):
    """A network's layers."""

    def __init__(self, format: str = "keras") -> None:
        super().__init__(None)
        self.format = format
        self.nodes: list[Any] = []
        self.edges: list[Any] = []

    def add_node(self, node: Any = None, **parts: Any) -> Any:
        """Adds a layer."""
        self.nodes.append(node if node is not None else parts)
        return self.nodes[-1]

    def add_edge(self, from_node: Any, to_node: Any) -> Any:
        """Adds a connection."""
        self.edges.append((from_node, to_node))
        return self.edges[-1]


def box3d(*corners: Any, **parts: Any) -> dict[str, Any]:
    """A box in space, as a plain dict."""
    return {"corners": list(corners), **parts}
