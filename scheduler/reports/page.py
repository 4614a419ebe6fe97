"""A sheet that is filled from top to bottom: headings, sentences, and rows whose cells take several columns."""

from __future__ import annotations

from collections.abc import Sequence

from scheduler.reports.canvas import HEADING, PLAIN, TITLE, Canvas, Look, Value


class Page:
    """The sheet being filled. ``row`` is the next free one; ``widths`` are those of its columns."""

    def __init__(self, canvas: Canvas, title: str, widths: Sequence[float]) -> None:
        self.canvas = canvas
        self._widths = tuple(widths)
        canvas.widths(widths)
        canvas.put(1, 1, title, TITLE)
        canvas.height(1, 26)
        self.row = 2

    @property
    def columns(self) -> int:
        """How many columns the page has."""
        return len(self._widths)

    def heading(self, text: str) -> None:
        """Leave a row free and write a heading across the page."""
        self.row += 1
        for column in range(1, self.columns + 1):
            self.canvas.put(self.row, column, text if column == 1 else None, HEADING)
        self.canvas.height(self.row, 20)
        self.row += 1

    def line(self, cells: Sequence[tuple[Value, int]], looks: Look | Sequence[Look]) -> None:
        """Write a row of (value, columns it takes) and make it as high as its text needs."""
        each = [looks] * len(cells) if isinstance(looks, Look) else looks
        column = 1
        texts = []
        for (value, span), look in zip(cells, each, strict=True):
            for place in range(span):
                self.canvas.put(self.row, column + place, value if place == 0 else None, look)
            self.canvas.merge(self.row, column, self.row, column + span - 1)
            if isinstance(value, str):
                texts.append((value, look.text_width(sum(self._widths[column - 1 : column - 1 + span]))))
            column += span
        self.canvas.fit_row(self.row, texts, size=max(look.size for look in each), least=14)
        self.row += 1

    def sentence(self, text: str) -> None:
        """Write a sentence across the page."""
        self.line([(text, self.columns)], PLAIN)
