"""Light colours for groups that stay apart for colour-blind eyes and carry dark text.

The hues are Paul Tol's "light" and "pale" schemes (personal.sron.nl/~pault, technical note SRON/EPS/TN/09-002),
lightened where dark text asked for it and ordered so that neighbours differ in lightness as well as in hue. The name of
the group stands in every cell, so colour is a help and never the only sign.
"""

from collections.abc import Sequence

GROUP_FILLS = (
    "99C8EA",
    "F3E3A0",
    "8FD9C0",
    "F6B8A2",
    "D6C8EE",
    "D3DE7E",
    "FFD3DC",
    "B9EDFB",
    "D3C878",
    "BFD0FF",
    "CDE3B8",
    "E8C39E",
    "E3A8CB",
    "A9C4C4",
    "FFF3C4",
    "C2B6A3",
)


def fills(groups: Sequence[str]) -> dict[str, str]:
    """A fill for each group, by its place in the sheet.

    From the seventeenth group on the colours come again in a paler tint, from the thirty-third on unchanged.
    """
    shades = (*GROUP_FILLS, *(_paler(fill) for fill in GROUP_FILLS))
    return {one: shades[place % len(shades)] for place, one in enumerate(groups)}


def _paler(fill: str) -> str:
    """The colour mixed half and half with white."""
    channels = (int(fill[at : at + 2], 16) for at in (0, 2, 4))
    return "".join(f"{(channel + 255) // 2:02X}" for channel in channels)
