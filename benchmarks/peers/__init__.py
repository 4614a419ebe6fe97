"""The peers by name. Each is imported only when it is asked for."""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module

from benchmarks.peers.protocol import Peer, Unavailable

OURS = "ours"
WITHOUT = "ours-without-"
"""Our engine with one strategy switched off: this and the strategy's name."""

_MAKERS: dict[str, tuple[str, str]] = {
    OURS: ("ours", "Ours"),
    "greedy": ("greedy", "Greedy"),
    "naive-cp": ("naive_cp", "NaiveCp"),
    "highs": ("mip", "Highs"),
    "scip": ("mip", "Scip"),
    "timefold": ("timefold_peer", "TimefoldPeer"),
}
"""Name of a peer to its module and class."""


def peer_names() -> tuple[str, ...]:
    """Every peer, our engine first, with one entry for each strategy that can be switched off."""
    from benchmarks.peers.ours import strategies

    return (*_MAKERS, *(WITHOUT + name for name in strategies()))


def peer_named(name: str) -> Peer:
    """The peer of that name, ready to solve.

    Raises:
        KeyError: if there is no such peer.
        Unavailable: if the peer's package is missing.
    """
    if name.startswith(WITHOUT):
        from benchmarks.peers.ours import Ours

        return Ours(without=name.removeprefix(WITHOUT))
    module, kind = _MAKERS[name]
    try:
        maker: Callable[[], Peer] = getattr(import_module(f"benchmarks.peers.{module}"), kind)
        return maker()
    except ModuleNotFoundError as missing:
        raise Unavailable(f"{name}: the package {missing.name} is not installed (extra: bench)") from None
