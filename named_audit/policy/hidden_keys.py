"""Keys of `server` blocks that named does not use, because a nearer block without a key holds in their place."""

from __future__ import annotations

from typing import NamedTuple

from named_audit.model.config import Config, ServerBlock, View
from named_audit.syntax.words import Word


class HiddenKey(NamedTuple):
    """The key that a server block (`block`) names for an address, and the block that holds instead (`hider`).

    `by_view`: a view has server blocks of its own, and so none of the global ones; its first one is the hider.
    """

    key: Word
    block: ServerBlock
    hider: ServerBlock
    by_view: bool


def hidden_key(config: Config, view: View, family: int, address: int) -> HiddenKey | None:
    """The key that would sign what is sent to an address if no other block stood in its way; None if none would."""
    blocks = view.servers or config.servers
    holds = config.server_for(view, family, address)
    if holds is not None and holds.key is not None:
        return None
    if holds is not None and (behind := _keyed(blocks, family, address)) is not None:
        return HiddenKey(behind[0], behind[1], holds, by_view=False)
    if view.servers and (behind := _keyed(config.servers, family, address)) is not None:
        return HiddenKey(behind[0], behind[1], holds or view.servers[0], by_view=True)
    return None


def _keyed(blocks: list[ServerBlock], family: int, address: int) -> tuple[Word, ServerBlock] | None:
    """The longest prefix around an address that has a key."""
    width = 32 if family == 4 else 128
    found: tuple[Word, ServerBlock] | None = None
    for block in blocks:
        shift = width - block.length
        if block.family != family or address >> shift != block.network >> shift:
            continue
        key = block.key
        if key is not None and (found is None or block.length > found[1].length):
            found = key, block
    return found
