"""Numbers of few bits: symmetric, with a scale a block, the clip chosen by squared error."""

import torch
from torch import Tensor

CLIPS = (1.0, 0.9, 0.8, 0.7, 0.62, 0.55)
TABLE_BLOCK = 128


def four_bits(table: Tensor, block: int = TABLE_BLOCK) -> tuple[Tensor, Tensor]:
    """Levels -8 to 7 (rows x width) and scales (rows x width / block): table = level x scale of its block."""
    blocks = table.reshape(len(table), -1, block)
    largest = blocks.abs().amax(-1, keepdim=True).clamp_min(1e-8)
    best = None
    for clip in CLIPS:
        scale = largest * clip / 7
        level = (blocks / scale).round().clamp(-8, 7)
        error = ((level * scale - blocks) ** 2).sum(-1, keepdim=True)
        if best is None:
            best = (level, scale, error)
        else:
            better = error < best[2]
            best = tuple(torch.where(better, new, old) for new, old in zip((level, scale, error), best, strict=True))
    level, scale, _ = best
    return level.reshape(table.shape).to(torch.int8), scale[..., 0]


def rounded_table(table: Tensor) -> Tensor:
    """The table as it will be stored, so that training learns around the rounding."""
    level, scale = four_bits(table)
    return (level.reshape(len(table), -1, TABLE_BLOCK) * scale[..., None]).reshape(table.shape)


def eight_bits(matrix: Tensor, axis: int) -> tuple[Tensor, Tensor]:
    """Levels -127 to 127 and one scale for each index of the other axis."""
    scale = matrix.abs().amax(axis, keepdim=True).clamp_min(1e-8) / 127
    return (matrix / scale).round().clamp(-127, 127).to(torch.int8), scale
