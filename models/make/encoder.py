"""A plain BERT encoder, made from a teacher's weights with fewer layers and a narrower feed-forward part."""

import json
from collections.abc import Sequence
from pathlib import Path

import torch
from safetensors.torch import load_file
from torch import Tensor, nn
from torch.nn import functional as F

MASKED = -1e4


class Layer(nn.Module):
    """Post-norm transformer layer; query, key and value in one product."""

    def __init__(self, width: int, inner: int, heads: int):
        super().__init__()
        self.heads = heads
        self.qkv = nn.Linear(width, 3 * width)
        self.attended = nn.Linear(width, width)
        self.attended_norm = nn.LayerNorm(width, eps=1e-12)
        self.widen = nn.Linear(width, inner)
        self.narrow = nn.Linear(inner, width)
        self.output_norm = nn.LayerNorm(width, eps=1e-12)

    def forward(self, x: Tensor, mask: Tensor) -> Tensor:
        batch, length, width = x.shape
        size = width // self.heads
        q, k, v = self.qkv(x).view(batch, length, 3, self.heads, size).permute(2, 0, 3, 1, 4)
        # Plain products: the fused attention's backward pass is several times slower on a CPU.
        weights = torch.softmax(q * size**-0.5 @ k.transpose(-1, -2) + mask, -1).to(v.dtype)
        joined = (weights @ v).transpose(1, 2).reshape(batch, length, width)
        x = self.attended_norm(x + self.attended(joined))
        return self.output_norm(x + self.narrow(F.gelu(self.widen(x))))


class Encoder(nn.Module):
    """Token ids and mask (batch x length) to one state a layer (batch x length x width), the last one last."""

    def __init__(self, table: Tensor, positions: Tensor, layers: int, inner: int, heads: int):
        super().__init__()
        width = table.shape[1]
        self.table = nn.Parameter(table, requires_grad=False)
        self.positions = nn.Parameter(positions)
        self.norm = nn.LayerNorm(width, eps=1e-12)
        self.layers = nn.ModuleList(Layer(width, inner, heads) for _ in range(layers))

    def forward(self, ids: Tensor, mask: Tensor) -> list[Tensor]:
        x = self.norm(F.embedding(ids, self.table) + self.positions[: ids.shape[1]])
        if torch.is_autocast_enabled("cpu"):
            x = x.to(torch.bfloat16)
        hidden = torch.zeros(mask.shape, dtype=x.dtype).masked_fill(mask == 0, MASKED)[:, None, None, :]
        states = []
        for layer in self.layers:
            x = layer(x, hidden)
            states.append(x)
        return states


def pool(states: Tensor, mask: Tensor) -> Tensor:
    """Mean over the tokens, then length 1: batch x width."""
    weights = mask[..., None].float()
    return F.normalize((states.float() * weights).sum(1) / weights.sum(1), dim=-1)


def load_teacher(folder: Path, rows: Tensor, keep: Sequence[int] | None = None) -> Encoder:
    """
    The teacher in `folder` (config.json, model.safetensors of a BERT model), with the embedding rows `rows`
    and the layers `keep` (default all). The row of token type 0 is added to the positions.
    """
    config = json.loads((folder / "config.json").read_text())
    weights = {name.removeprefix("bert."): value.float() for name, value in load_file(folder / "model.safetensors").items()}
    chosen = list(range(config["num_hidden_layers"])) if keep is None else list(keep)
    encoder = Encoder(
        weights["embeddings.word_embeddings.weight"][rows].clone(),
        weights["embeddings.position_embeddings.weight"] + weights["embeddings.token_type_embeddings.weight"][0],
        len(chosen),
        config["intermediate_size"],
        config["num_attention_heads"],
    )

    def copy(module: nn.Module, *names: str) -> None:
        for part in ("weight", "bias"):
            getattr(module, part).data = torch.cat([weights[f"{name}.{part}"] for name in names]).clone()

    copy(encoder.norm, "embeddings.LayerNorm")
    for layer, number in zip(encoder.layers, chosen, strict=True):
        prefix = f"encoder.layer.{number}"
        copy(layer.qkv, *(f"{prefix}.attention.self.{name}" for name in ("query", "key", "value")))
        copy(layer.attended, f"{prefix}.attention.output.dense")
        copy(layer.attended_norm, f"{prefix}.attention.output.LayerNorm")
        copy(layer.widen, f"{prefix}.intermediate.dense")
        copy(layer.narrow, f"{prefix}.output.dense")
        copy(layer.output_norm, f"{prefix}.output.LayerNorm")
    return encoder


def padded(texts: Sequence[Sequence[int]]) -> tuple[Tensor, Tensor]:
    """Token ids as one batch, and its mask."""
    length = max(map(len, texts))
    ids = torch.zeros(len(texts), length, dtype=torch.long)
    mask = torch.zeros(len(texts), length, dtype=torch.long)
    for row, text in enumerate(texts):
        ids[row, : len(text)] = torch.as_tensor(text)
        mask[row, : len(text)] = 1
    return ids, mask


@torch.no_grad()
def encode(encoder: Encoder, texts: Sequence[Sequence[int]], tokens_a_batch: int = 8_192) -> Tensor:
    """Vectors of length 1 of tokenised texts: texts x width."""
    order = sorted(range(len(texts)), key=lambda i: len(texts[i]))
    vectors = torch.zeros(len(texts), encoder.table.shape[1])
    start = 0
    while start < len(order):
        end = start + 1
        while end < len(order) and (end - start + 1) * len(texts[order[end]]) <= tokens_a_batch:
            end += 1
        batch = order[start:end]
        ids, mask = padded([texts[i] for i in batch])
        with torch.autocast("cpu", dtype=torch.bfloat16):
            vectors[batch] = pool(encoder(ids, mask)[-1], mask)
        start = end
    return vectors
