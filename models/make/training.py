"""Distils a teacher into a smaller encoder: token states, sentence vectors and the similarities between them."""

import random
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import torch
from tokenizers import Tokenizer
from torch import Tensor
from torch.nn import functional as F

from encoder import Encoder, padded, pool
from text import Record, items
from vocabulary import tokenise

# Items of similar length run together; their vectors are compared across all lengths.
LENGTHS = (24, 80, 140, 10_000)
RECORDS_AT_A_TIME = 2_000
CHECKPOINT_SECONDS = 300


@dataclass(frozen=True)
class Schedule:
    tokens: int
    rate: float = 6e-4
    warm_up_steps: int = 60
    items_a_step: int = 96
    longest: int = 128
    # A share of the steps sees longer texts, so that passages of a search index are not foreign.
    long_share: float = 0.15
    longest_of_all: int = 240
    cosine_weight: float = 10.0
    similarity_weight: float = 1.0
    middle_weight: float = 0.2
    temperature: float = 0.05


def steps(records: Sequence[Record], tokenizer: Tokenizer, schedule: Schedule, seed: int) -> Iterator[list[list[int]]]:
    """Endless lists of neighbouring items, new forms of every record at each pass."""
    chance = random.Random(seed)
    order = list(records)
    while True:
        chance.shuffle(order)
        for start in range(0, len(order), RECORDS_AT_A_TIME):
            texts = [item for record in order[start : start + RECORDS_AT_A_TIME] for item in items(record, chance)]
            ids = [text for text in tokenise(tokenizer, texts, schedule.longest_of_all) if len(text) > 4]
            for first in range(0, len(ids) - schedule.items_a_step + 1, schedule.items_a_step):
                step = ids[first : first + schedule.items_a_step]
                if chance.random() >= schedule.long_share:
                    step = [text if len(text) <= schedule.longest else [*text[: schedule.longest - 1], text[-1]] for text in step]
                yield step


def groups(step: Sequence[Sequence[int]]) -> Iterator[list[Sequence[int]]]:
    low = 0
    for high in LENGTHS:
        group = [text for text in step if low < len(text) <= high]
        if group:
            yield group
        low = high


def similarity_loss(student: Tensor, teacher: Tensor, temperature: float) -> Tensor:
    """KL divergence of each text's similarities to the others."""
    itself = torch.eye(len(student)) * -1e4
    of_student = F.log_softmax(student @ student.T / temperature + itself, 1)
    of_teacher = F.softmax(teacher @ teacher.T / temperature + itself, 1)
    return F.kl_div(of_student, of_teacher, reduction="batchmean")


def masked_square(difference: Tensor, mask: Tensor) -> Tensor:
    return (difference**2 * mask[..., None]).sum() / difference.shape[-1]


def losses(student: Encoder, teacher: Encoder, step: Sequence[Sequence[int]], schedule: Schedule) -> tuple[Tensor, int]:
    """The loss of one step, and its tokens."""
    last, middle, students, teachers, tokens = 0.0, 0.0, [], [], 0
    # Layers 1 and 2 of three stand where layers 2 and 4 of six do.
    ratio = len(teacher.layers) // len(student.layers)
    for group in groups(step):
        ids, mask = padded(group)
        with torch.autocast("cpu", dtype=torch.bfloat16):
            with torch.no_grad():
                wanted = [state.float() for state in teacher(ids, mask)]
            given = [state.float() for state in student(ids, mask)]
        tokens += int(mask.sum())
        last = last + masked_square(given[-1] - wanted[-1], mask) / wanted[-1].square().mean()
        for number, state in enumerate(given[:-1]):
            target = wanted[ratio * (number + 1) - 1]
            middle = middle + masked_square(state - target, mask) / target.square().mean()
        students.append(pool(given[-1], mask))
        teachers.append(pool(wanted[-1], mask))
    vectors, targets = torch.cat(students), torch.cat(teachers)
    loss = (
        last / tokens
        + schedule.middle_weight * middle / tokens
        + schedule.cosine_weight * (1 - (vectors * targets).sum(1)).mean()
        + schedule.similarity_weight * similarity_loss(vectors, targets, schedule.temperature)
    )
    return loss, tokens


def train(
    student: Encoder,
    teacher: Encoder,
    records: Sequence[Record],
    tokenizer: Tokenizer,
    schedule: Schedule,
    checkpoint: Path,
    seed: int = 1,
) -> None:
    """Trains until `schedule.tokens` were seen; goes on where `checkpoint` stands."""
    trained = [parameter for parameter in student.parameters() if parameter.requires_grad]
    optimizer = torch.optim.AdamW(
        [
            {"params": [parameter for parameter in trained if parameter.ndim > 1], "weight_decay": 0.01},
            {"params": [parameter for parameter in trained if parameter.ndim < 2], "weight_decay": 0.0},
        ],
        lr=schedule.rate,
        betas=(0.9, 0.98),
        fused=True,
    )
    done = number = 0
    if checkpoint.exists():
        state = torch.load(checkpoint)
        student.load_state_dict(state["student"])
        optimizer.load_state_dict(state["optimizer"])
        done, number = state["tokens"], state["step"]
        print(f"going on after {done:,} tokens", flush=True)

    def save() -> None:
        state = {"student": student.state_dict(), "optimizer": optimizer.state_dict(), "tokens": done, "step": number}
        torch.save(state, checkpoint.with_suffix(".new"))
        checkpoint.with_suffix(".new").rename(checkpoint)

    started, begun_at, saved, shown = time.time(), done, time.time(), 0.0
    student.train()
    for step in steps(records, tokenizer, schedule, seed + number):
        if done >= schedule.tokens:
            break
        share = 1 - done / schedule.tokens
        for group in optimizer.param_groups:
            group["lr"] = schedule.rate * min(1.0, (number + 1) / schedule.warm_up_steps) * share
        loss, tokens = losses(student, teacher, step, schedule)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(trained, 1.0)
        optimizer.step()
        optimizer.zero_grad(set_to_none=True)
        number, done, shown = number + 1, done + tokens, shown + float(loss.detach())
        if number % 100 == 0:
            rate = (done - begun_at) / (time.time() - started)
            print(f"step {number}: loss {shown / 100:.4f}, {done:,} of {schedule.tokens:,} tokens, {rate:,.0f} a second", flush=True)
            shown = 0.0
        if time.time() - saved > CHECKPOINT_SECONDS:
            save()
            saved = time.time()
    save()
    student.eval()
