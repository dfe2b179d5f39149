"""Which dims of a random graph may be open, and what its nodes say at other sizes of them."""
import math

import numpy as np

from random_graph import MOST_ELEMENTS, Rejected, Value
from reference import NoReference

OTHERS = [lambda s: s + 1, lambda s: 2 * s + 1, lambda s: s + 16, lambda s: max(s - 1, 0), lambda s: 1, lambda s: 33]


class OpenGraph:
    """A graph with symbols in place of some of its inputs' dims."""

    def __init__(self, graph, outputs):
        self.graph, self.outputs = graph, [v.name for v in outputs]
        self.rng = np.random.default_rng(int(graph.rng.integers(2**31)))
        self.symbols = {}  # (input, axis) -> name
        self.sizes = {}    # name -> the size that the graph was drawn with
        self.open_dims()

    def dims(self):
        """Each input's dims: numbers and names."""
        return {name: [self.symbols.get((name, axis), size) for axis, size in enumerate(array.shape)]
                for name, array in self.graph.inputs.items()}

    def open_dims(self):
        """Dims of one size share a symbol where the graph takes another one for all of them, or have one each."""
        places = {}
        for name, array in self.graph.inputs.items():
            for axis, size in enumerate(array.shape):
                # A dim of 1 that is open does not broadcast: a run of another size would be refused.
                if size != 1 or self.rng.random() < 0.2:
                    places.setdefault(size, []).append((name, axis))
        for size, together in places.items():
            self.open_together(together, size) or len(together) == 1 or [self.open_together([p], size) for p in together]

    def open_together(self, places, size):
        symbol = f"d{len(self.sizes)}"
        before = dict(self.symbols)
        self.symbols.update(dict.fromkeys(places, symbol))
        self.sizes[symbol] = size
        if any(self.values({symbol: other(size)}) for other in OTHERS[:2]):
            return True
        self.symbols = before
        del self.sizes[symbol]
        return False

    def values(self, sizes):
        """All values at these sizes, by name; None where the graph is not made for them."""
        sizes = {**self.sizes, **sizes}
        values = {name: value for name, value in self.graph.given.items() if value.constant}
        growth = 1.0
        for name, dims in self.dims().items():
            shape, drawn = [sizes.get(dim, dim) for dim in dims], self.graph.given[name]
            if math.prod(shape) > MOST_ELEMENTS:
                return None
            # Integers may be indices: the same ones come again.
            isIndex = np.issubdtype(drawn.dtype, np.integer) and drawn.array.size
            array = (drawn.array if list(drawn.shape) == shape else np.resize(drawn.array, shape) if isIndex else
                     self.graph.numbers(shape, drawn.dtype))
            growth = max(growth, array.size / max(drawn.array.size, 1))
            values[name] = Value(name, array, drawn.grain)
        try:
            for node in self.graph.nodes:
                values.update((v.name, v) for v in self.graph.again(node, values, growth))
        except (Rejected, NoReference):
            return None
        return values

    def runs(self, count):
        """The values at the sizes drawn, and at up to `count` - 1 others."""
        found = [self.values({})]
        for _ in range(8):
            other = {s: OTHERS[int(self.rng.integers(len(OTHERS)))](size) for s, size in self.sizes.items()
                     if self.rng.random() < 0.7}
            if len(found) < count and any(size != self.sizes[s] for s, size in other.items()):
                found.append(self.values(other))
            found = [run for run in found if run]
        return found
