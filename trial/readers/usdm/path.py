"""The way through a timeline: which nodes follow one another, where it forks, where it goes back. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from trial.readers.usdm.model import Instance, Timeline


@dataclass(frozen=True, slots=True)
class Fork:
    """A condition under which the way goes on elsewhere than by default.

    `back`: to a node that was passed before: a repeat. `skipped`: nodes of the default way that it leaves out.
    `onward`: where the default itself goes back, the condition under which the way goes on.
    """

    at: Instance
    condition: str
    target: str
    back: bool
    skipped: tuple[str, ...]
    onward: str = ""


@dataclass(frozen=True, slots=True)
class Way:
    """`order`: the default way, first to last. `aside`: reached under a condition only. `lost`: not reached at all."""

    order: tuple[str, ...]
    forks: tuple[Fork, ...]
    aside: tuple[str, ...]
    lost: tuple[str, ...]
    dead_ends: tuple[str, ...]


def way_through(timeline: Timeline, entry: str | None) -> Way:
    """The way from `entry`, a node of the timeline; without one, nothing is reached. A timeline's array order says nothing."""
    nodes = timeline.nodes
    order, backward = _default_way(nodes, entry)
    position = {identity: place for place, identity in enumerate(order)}
    forks = [*backward]
    repeating = {fork.at.id for fork in backward}
    for node in nodes.values():
        for branch in node.branches:
            here, there = position.get(node.id), position.get(branch.target)
            if branch.target not in nodes or branch.target == node.next:
                continue
            if node.id in repeating and here is not None and there == here + 1:
                continue  # the way on, told with the repeat
            back = here is not None and there is not None and there <= here
            skipped = () if here is None or there is None or back else order[here + 1 : there]
            forks.append(Fork(node, branch.condition, branch.target, back=back, skipped=tuple(skipped)))
    reached = _reached(nodes, order)
    return Way(
        order=tuple(order),
        forks=tuple(forks),
        aside=tuple(identity for identity in nodes if identity in reached and identity not in position),
        lost=tuple(identity for identity in nodes if identity not in reached),
        dead_ends=tuple(
            node.id
            for node in nodes.values()
            if not node.exit and node.next not in nodes and not any(branch.target in nodes for branch in node.branches)
        ),
    )


def _default_way(nodes: Mapping[str, Instance], entry: str | None) -> tuple[list[str], list[Fork]]:
    """The default way. Where the default itself goes back, a repeat, the way goes on with what leaves it."""
    order: list[str] = []
    seen: set[str] = set()
    backward: list[Fork] = []
    following = entry
    while following is not None and following not in seen:
        node = nodes[following]
        order.append(following)
        seen.add(following)
        onward = next((one for one in node.branches if one.target in nodes and one.target not in seen), None)
        if node.next in seen:
            left_by = "" if onward is None else onward.condition
            backward.append(Fork(node, "", node.next, back=True, skipped=(), onward=left_by))
        if node.next in nodes and node.next not in seen:
            following = node.next
        else:
            following = None if onward is None or (node.exit and node.next not in seen) else onward.target
    return order, backward


def _reached(nodes: Mapping[str, Instance], start: Sequence[str]) -> set[str]:
    reached, ahead = set(start), list(start)
    while ahead:
        node = nodes[ahead.pop()]
        for target in (node.next, *(branch.target for branch in node.branches)):
            if target in nodes and target not in reached:
                reached.add(target)
                ahead.append(target)
    return reached
