"""The encoder as an ONNX graph of runtime operators: 4-bit table, int8 layers, plain attention."""

from pathlib import Path

import numpy as np
import onnx
import torch
from onnx import TensorProto, helper, numpy_helper
from torch import Tensor

from encoder import MASKED, Encoder
from quantise import TABLE_BLOCK, eight_bits, four_bits

RUNTIME = "com.microsoft"


class Graph:
    """Collects nodes and constants; every method returns the name of what it made."""

    def __init__(self) -> None:
        self.nodes: list[onnx.NodeProto] = []
        self.constants: list[onnx.TensorProto] = []

    def constant(self, value: np.ndarray | Tensor) -> str:
        name = f"constant_{len(self.constants)}"
        array = value.detach().numpy() if isinstance(value, Tensor) else value
        self.constants.append(numpy_helper.from_array(np.ascontiguousarray(array), name))
        return name

    def node(self, operator: str, *inputs: str, domain: str = "", output: str | None = None, outputs: int = 1, **attributes):
        name = f"{operator}_{len(self.nodes)}"
        names = [output or name] if outputs == 1 else [f"{name}_{i}" for i in range(outputs)]
        self.nodes.append(helper.make_node(operator, list(inputs), names, name=name, domain=domain, **attributes))
        return names[0] if outputs == 1 else names

    def integers(self, *values: int) -> str:
        return self.constant(np.array(values, np.int64))

    def linear(self, x: str, weight: Tensor, bias: Tensor) -> str:
        """x @ weight + bias by int8 products; weight is inputs x outputs, one scale an output."""
        level, scale = eight_bits(weight, axis=0)
        return self.node(
            "DynamicQuantizeMatMul", x, self.constant(level), self.constant(scale[0]), "", self.constant(bias), domain=RUNTIME
        )

    def norm(self, x: str, module: torch.nn.LayerNorm, output: str | None = None) -> str:
        weight, bias = self.constant(module.weight), self.constant(module.bias)
        return self.node("LayerNormalization", x, weight, bias, output=output, axis=-1, epsilon=module.eps)


def embedded(graph: Graph, table: Tensor) -> str:
    """Rows of the table, two levels a byte: the first half of a row in the low nibbles, the second in the high."""
    width = table.shape[1]
    level, scale = four_bits(table)
    unsigned = (level.numpy() + 8).astype(np.uint8)
    packed = graph.constant(unsigned[:, : width // 2] | (unsigned[:, width // 2 :] << 4))
    row = graph.node("Gather", packed, "input_ids", axis=0)
    low = graph.node("BitwiseAnd", row, graph.constant(np.array(15, np.uint8)))
    high = graph.node("BitShift", row, graph.constant(np.array(4, np.uint8)), direction="RIGHT")
    levels = graph.node("Cast", graph.node("Concat", low, high, axis=-1), to=TensorProto.FLOAT)
    centred = graph.node("Sub", levels, graph.constant(np.array(8, np.float32)))
    blocks = graph.node("Reshape", centred, graph.integers(0, 0, width // TABLE_BLOCK, TABLE_BLOCK))
    scales = graph.node("Gather", graph.constant(scale), "input_ids", axis=0)
    scaled = graph.node("Mul", blocks, graph.node("Unsqueeze", scales, graph.integers(-1)))
    return graph.node("Reshape", scaled, graph.integers(0, 0, width))


def positioned(graph: Graph, positions: Tensor) -> str:
    """The first rows of the positions, as many as there are tokens; int8, one scale a row."""
    level, scale = eight_bits(positions, axis=1)
    length = graph.node("Gather", graph.node("Shape", "input_ids"), graph.integers(1), axis=0)
    zero = graph.integers(0)
    levels = graph.node("Slice", graph.constant(level), zero, length, zero)
    scales = graph.node("Slice", graph.constant(scale), zero, length, zero)
    return graph.node("Mul", graph.node("Cast", levels, to=TensorProto.FLOAT), scales)


def hidden(graph: Graph) -> str:
    """What is added to the attention of tokens that are padding."""
    mask = graph.node("Cast", "attention_mask", to=TensorProto.FLOAT)
    padding = graph.node("Sub", graph.constant(np.array(1, np.float32)), mask)
    large = graph.node("Mul", padding, graph.constant(np.array(MASKED, np.float32)))
    return graph.node("Unsqueeze", large, graph.integers(1, 2))


def attention(graph: Graph, x: str, mask: str, weight: Tensor, bias: Tensor, heads: int) -> str:
    width = weight.shape[0]
    size = width // heads
    weight, bias = weight.clone(), bias.clone()
    weight[:, :width] *= size**-0.5
    bias[:width] *= size**-0.5
    split = graph.integers(0, 0, heads, size)
    parts = graph.node("Split", graph.linear(x, weight, bias), outputs=3, axis=-1, num_outputs=3)
    query, key, value = (
        graph.node("Transpose", graph.node("Reshape", part, split), perm=order)
        for part, order in zip(parts, ([0, 2, 1, 3], [0, 2, 3, 1], [0, 2, 1, 3]), strict=True)
    )
    scores = graph.node("Add", graph.node("MatMul", query, key), mask)
    read = graph.node("MatMul", graph.node("Softmax", scores, axis=-1), value)
    return graph.node("Reshape", graph.node("Transpose", read, perm=[0, 2, 1, 3]), graph.integers(0, 0, width))


@torch.no_grad()
def write_onnx(encoder: Encoder, target: Path) -> None:
    """Inputs `input_ids`, `attention_mask` (int64, batch x length); output `last_hidden_state`."""
    graph = Graph()
    summed = graph.node("Add", embedded(graph, encoder.table), positioned(graph, encoder.positions))
    x = graph.norm(summed, encoder.norm)
    mask = hidden(graph)
    for number, layer in enumerate(encoder.layers):
        last = number == len(encoder.layers) - 1
        read = attention(graph, x, mask, layer.qkv.weight.T, layer.qkv.bias, layer.heads)
        attended = graph.linear(read, layer.attended.weight.T, layer.attended.bias)
        x = graph.norm(graph.node("Add", attended, x), layer.attended_norm)
        wide = graph.node("Gelu", graph.linear(x, layer.widen.weight.T, layer.widen.bias), domain=RUNTIME)
        shrunk = graph.linear(wide, layer.narrow.weight.T, layer.narrow.bias)
        x = graph.norm(graph.node("Add", shrunk, x), layer.output_norm, "last_hidden_state" if last else None)
    integer = [helper.make_tensor_value_info(name, TensorProto.INT64, ["batch", "length"]) for name in ("input_ids", "attention_mask")]
    states = helper.make_tensor_value_info("last_hidden_state", TensorProto.FLOAT, ["batch", "length", encoder.table.shape[1]])
    made = helper.make_graph(graph.nodes, "encoder", integer, [states], graph.constants)
    opsets = [helper.make_opsetid("", 21), helper.make_opsetid(RUNTIME, 1)]
    target.parent.mkdir(parents=True, exist_ok=True)
    onnx.save(helper.make_model(made, opset_imports=opsets, ir_version=10), target)
