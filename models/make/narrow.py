"""Halves the feed-forward part of an encoder by what its units do on real text."""

from collections.abc import Sequence

import torch
from torch import nn
from torch.nn import functional as F

from encoder import Encoder, encode


@torch.no_grad()
def narrow(encoder: Encoder, inner: int, texts: Sequence[Sequence[int]]) -> None:
    """
    Keeps the `inner` units of each layer with the largest deviation of the activation x norm of the output
    column; the mean of the others goes into the output's bias.
    """
    sums = [0.0] * len(encoder.layers)
    squares = [0.0] * len(encoder.layers)
    count = 0

    def watch(number: int):
        def hook(_module, _inputs, output):
            nonlocal count
            active = F.gelu(output.float()).reshape(-1, output.shape[-1])
            sums[number] = sums[number] + active.sum(0)
            squares[number] = squares[number] + (active**2).sum(0)
            count += len(active) if number == 0 else 0

        return hook

    hooks = [layer.widen.register_forward_hook(watch(number)) for number, layer in enumerate(encoder.layers)]
    encode(encoder, texts, tokens_a_batch=2_048)
    for hook in hooks:
        hook.remove()
    for number, layer in enumerate(encoder.layers):
        mean = sums[number] / count
        deviation = (squares[number] / count - mean**2).clamp_min(0).sqrt()
        weight = deviation * layer.narrow.weight.norm(dim=0)
        kept = torch.topk(weight, inner).indices.sort().values
        dropped = torch.ones(len(weight), dtype=torch.bool)
        dropped[kept] = False
        bias = layer.narrow.bias + layer.narrow.weight[:, dropped] @ mean[dropped]
        widen, shrink = layer.widen, layer.narrow
        layer.widen = nn.Linear(widen.in_features, inner)
        layer.narrow = nn.Linear(inner, shrink.out_features)
        layer.widen.weight.copy_(widen.weight[kept])
        layer.widen.bias.copy_(widen.bias[kept])
        layer.narrow.weight.copy_(shrink.weight[:, kept])
        layer.narrow.bias.copy_(bias)
