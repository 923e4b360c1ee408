"""How good an encoder is at finding the paragraph of a title, and how true its ONNX form is to it."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import onnxruntime
import torch
from torch import Tensor

from encoder import padded, pool


def reciprocal_rank(titles: Tensor, paragraphs: Tensor) -> float:
    """Mean reciprocal rank of each title's own paragraph among all (vectors of length 1)."""
    scores = titles @ paragraphs.T
    own = scores.diagonal()[:, None]
    return float((1.0 / ((scores > own).sum(1) + 1)).mean())


def encode_onnx(model: Path, texts: Sequence[Sequence[int]], at_a_time: int = 16) -> Tensor:
    session = onnxruntime.InferenceSession(model, providers=["CPUExecutionProvider"])
    order = np.argsort([len(text) for text in texts], kind="stable")
    vectors = None
    for start in range(0, len(order), at_a_time):
        batch = order[start : start + at_a_time]
        ids, mask = padded([texts[i] for i in batch])
        (states,) = session.run(["last_hidden_state"], {"input_ids": ids.numpy(), "attention_mask": mask.numpy()})
        pooled = pool(torch.from_numpy(states), mask)
        vectors = torch.zeros(len(texts), pooled.shape[1]) if vectors is None else vectors
        vectors[torch.from_numpy(batch)] = pooled
    return vectors
