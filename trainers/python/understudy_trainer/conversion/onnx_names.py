"""Gives the inner tensors and nodes of an ONNX graph names by their position, so that the same model always has the same bytes.

Why: converters number names by counters of the whole process, so a second conversion of one model would differ from the first.
"""

from __future__ import annotations

from itertools import count

from onnx import GraphProto


def name_by_position(graph: GraphProto) -> None:
    """Renames everything but the graph's own inputs and outputs."""
    kept = {value.name for value in [*graph.input, *graph.output]}
    _rename(graph, {"": "", **{name: name for name in kept}}, count())


def _rename(graph: GraphProto, outer: dict[str, str], numbers: "count[int]") -> None:
    names = dict(outer)

    def renamed(name: str) -> str:
        if name not in names:
            names[name] = f"t{next(numbers)}"
        return names[name]

    for tensor in graph.initializer:
        tensor.name = renamed(tensor.name)
    for node in graph.node:
        node.name = f"n{next(numbers)}"
        node.input[:] = [renamed(name) for name in node.input]
        for attribute in node.attribute:
            for inner in [attribute.g, *attribute.graphs] if attribute.HasField("g") else attribute.graphs:
                _rename_body(inner, names, numbers)
        node.output[:] = [renamed(name) for name in node.output]
    del graph.value_info[:]


def _rename_body(graph: GraphProto, outer: dict[str, str], numbers: "count[int]") -> None:
    """A body has inputs and outputs of its own, which hide outer ones of the same name."""
    own = [value.name for value in graph.input]
    inner = {name: renamed for name, renamed in outer.items() if name not in own}
    inner.update({name: f"t{next(numbers)}" for name in own})
    made = [name for node in graph.node for name in node.output if name]
    inner.update({name: f"t{next(numbers)}" for name in made if name not in own})
    graph.name = f"g{next(numbers)}"
    _rename(graph, inner, numbers)
    for value in [*graph.input, *graph.output]:
        value.name = inner[value.name]
