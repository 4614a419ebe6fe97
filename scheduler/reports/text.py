"""The one place where text becomes fit for a cell, and where its printed size is estimated."""

import re

LONGEST_TEXT = 32_767
"""Characters that a cell can hold (Microsoft, "Excel specifications and limits")."""

LONGEST_COMMENT = 4_000
"""Longer notes are cut: nobody reads them, and old Excel versions choke on them."""

CUT_MARK = " […]"

_FORMULA_STARTERS = ("=", "+", "-", "@", "\t", "\r", "\n")
_CONTROLS = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f]")
_NEVER_IN_XML = re.compile("[\ud800-\udfff\ufffe\uffff]")
_CONTROL_PICTURES = 0x2400

# Advance widths of Arial (metric twin: Liberation Sans) in thousandths of the font size, by width.
_WIDTHS = {
    191: "'",
    222: "ijl",
    260: "|",
    278: " !,./:;I[\\]ft",
    333: "()-`r",
    355: '"',
    389: "*",
    469: "^",
    500: "Jckvsxyz",
    584: "+<=>~",
    611: "FTZ",
    667: "&ABEKPSVXY",
    722: "CDHNRUw",
    778: "GOQ",
    833: "Mm",
    889: "%",
    944: "W",
    1015: "@",
}
_WIDTH_OF = {letter: width for width, letters in _WIDTHS.items() for letter in letters}
_USUAL_WIDTH = 556
_WIDE_FROM = 0x1100
_BOLD = 1.08
_PIXELS_PER_POINT = 96 / 72
_PIXELS_PER_COLUMN_UNIT = 7
_LINE_SPACING = 1.22


def safe_text(value: str, longest: int = LONGEST_TEXT) -> str:
    """The text as a cell may hold it, as near to the given one as can be.

    Control characters that XML forbids become their visible pictures (NUL reads ``␀``), broken characters the
    replacement sign, line ends a plain newline. Too long a text is cut and marked.
    """
    text = value.replace("\r\n", "\n").replace("\r", "\n")
    text = _CONTROLS.sub(lambda found: chr(_CONTROL_PICTURES + ord(found.group())), text)
    text = _NEVER_IN_XML.sub("\ufffd", text)
    if len(text) > longest:
        text = text[: longest - len(CUT_MARK)] + CUT_MARK
    return text


def looks_like_formula(value: str) -> bool:
    """Whether a spreadsheet that is given this text might take it for a formula.

    The list of starters is OWASP's ("CSV Injection"): ``= + - @``, tab, carriage return, and a line feed.
    """
    return value.startswith(_FORMULA_STARTERS)


def text_pixels(text: str, size: float, *, bold: bool = False) -> float:
    """Printed width of one line in pixels at 96 dpi, for a font size in points."""
    thousandths = sum(_WIDTH_OF.get(letter, 1000 if ord(letter) >= _WIDE_FROM else _USUAL_WIDTH) for letter in text)
    return thousandths / 1000 * size * _PIXELS_PER_POINT * (_BOLD if bold else 1)


def lines_needed(text: str, width: float, size: float, *, bold: bool = False) -> int:
    """How many lines a text takes when wrapped in a column of ``width`` (spreadsheet units)."""
    room = max(width * _PIXELS_PER_COLUMN_UNIT - 2, 1)
    return sum(_wrapped(line, room, size, bold) for line in text.split("\n"))


def height_of(lines: int, size: float) -> float:
    """Row height in points for so many lines of a font size."""
    return round(lines * size * _LINE_SPACING + 3, 1)


def width_for(texts: list[str], size: float, *, least: float, most: float, bold: bool = False) -> float:
    """A column width (spreadsheet units) in which the longest line of the texts stands unwrapped, within limits."""
    longest = max((text_pixels(line, size, bold=bold) for text in texts for line in text.split("\n")), default=0.0)
    return round(min(max((longest + 8) / _PIXELS_PER_COLUMN_UNIT, least), most), 1)


def _wrapped(line: str, room: float, size: float, bold: bool) -> int:
    used, lines = 0.0, 1
    space = text_pixels(" ", size, bold=bold)
    for word in line.split(" "):
        wide = text_pixels(word, size, bold=bold)
        if used and used + space + wide > room:
            lines, used = lines + 1, 0.0
        elif used:
            used += space
        used += wide
        while used > room:  # a word longer than the line is broken
            lines, used = lines + 1, used - room
    return lines
