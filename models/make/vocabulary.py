"""Leaves out of a word-piece vocabulary what English text does not need."""

import json
from pathlib import Path

import torch
from tokenizers import Tokenizer

SPECIAL = ("[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]")
# Latin with accents, Greek, spacing modifiers, punctuation to technical symbols.
BLOCKS = ((0x0000, 0x0250), (0x02C6, 0x02DE), (0x0370, 0x0400), (0x2000, 0x2300))


def needed(piece: str) -> bool:
    if piece in SPECIAL:
        return True
    if piece.startswith("[unused"):
        return False
    return all(any(low <= ord(c) < high for low, high in BLOCKS) for c in piece.removeprefix("##"))


def trim(source: Path, target: Path) -> torch.Tensor:
    """Writes the trimmed tokenizer.json; returns the numbers of the pieces that are kept, in their new order."""
    tokenizer = json.loads(source.read_text(encoding="utf8"))
    pieces = sorted(tokenizer["model"]["vocab"].items(), key=lambda entry: entry[1])
    kept = [(piece, number) for piece, number in pieces if needed(piece)]
    renumbered = {old: new for new, (_, old) in enumerate(kept)}
    tokenizer["model"]["vocab"] = {piece: new for new, (piece, _) in enumerate(kept)}
    for token in tokenizer["added_tokens"]:
        token["id"] = renumbered[token["id"]]
    processor = tokenizer["post_processor"]
    if processor["type"] == "TemplateProcessing":
        for token in processor["special_tokens"].values():
            token["ids"] = [renumbered[number] for number in token["ids"]]
    else:
        for name in ("sep", "cls"):
            processor[name][1] = renumbered[processor[name][1]]
    tokenizer["truncation"] = tokenizer["padding"] = None
    target.write_text(json.dumps(tokenizer, ensure_ascii=False, separators=(",", ":")), encoding="utf8")
    return torch.tensor([number for _, number in kept])


def tokenise(tokenizer: Tokenizer, texts: list[str], longest: int) -> list[list[int]]:
    """Ids with [CLS] and [SEP]; a long text is cut before its [SEP]."""
    ids = [encoding.ids for encoding in tokenizer.encode_batch(texts)]
    return [text if len(text) <= longest else [*text[: longest - 1], text[-1]] for text in ids]
