"""All ops of random graphs, each family in a file of its own."""
from random_flow import FLOW_OPS
from random_layers import LAYER_OPS
from random_lists import LIST_OPS
from random_ops import OPS
from random_quantized import QUANTIZED_OPS
from random_selection import SELECTION_OPS


def weighted(ops, share):
    """The ops with weights that sum up to `share`."""
    total = sum(weight for _, weight in ops)
    return [(op, weight * share / total) for op, weight in ops]


ALL_OPS = (weighted(OPS, 45) + weighted(FLOW_OPS, 12) + weighted(LIST_OPS, 8) + weighted(SELECTION_OPS, 13) +
           weighted(LAYER_OPS, 15) + weighted(QUANTIZED_OPS, 7))
