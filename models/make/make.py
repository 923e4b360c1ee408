"""
Makes the packaged embedding model from a teacher's weights and text.

    python make.py --teacher FOLDER --text FOLDER --out FOLDER [--code FOLDER …] [--tokens N] [--sample 0.01]

The teacher is a BERT sentence encoder with mean pooling (config.json, model.safetensors, tokenizer.json), such
as all-MiniLM-L6-v2. Run it again with the same --out to go on after an interruption. Prints the check's mean
reciprocal rank (title to its paragraph, unseen in training) of teacher, student and ONNX model.
"""

import argparse
import json
import random
from pathlib import Path

import torch
from tokenizers import Tokenizer

from check import encode_onnx, reciprocal_rank
from encoder import encode, load_teacher
from graph import write_onnx
from narrow import narrow
from quantise import rounded_table
from text import read_code, read_records, split_check
from training import Schedule, train
from vocabulary import tokenise, trim

KEPT_LAYERS = (0, 3, 5)
INNER = 768
CHECK_PAIRS = 1_500
CHECK_TOKENS = 160
# How transformers.js reads tokenizer.json: an uncased BERT, as the teacher is.
TOKENIZER = {
    "do_lower_case": True,
    "unk_token": "[UNK]",
    "sep_token": "[SEP]",
    "pad_token": "[PAD]",
    "cls_token": "[CLS]",
    "mask_token": "[MASK]",
    "tokenize_chinese_chars": True,
    "strip_accents": None,
    "tokenizer_class": "BertTokenizer",
    "model_max_length": 256,
}


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--teacher", type=Path, required=True, help="folder with the teacher's weights")
    parser.add_argument("--text", type=Path, required=True, help="folder with KIND-….jsonl.gz (title, text)")
    parser.add_argument("--code", type=Path, action="append", default=[], help="folder with Python sources to learn from")
    parser.add_argument("--out", type=Path, required=True, help="folder for the model")
    parser.add_argument("--tokens", type=float, default=24e6, help="tokens to train on")
    parser.add_argument("--sample", type=float, default=1.0, help="share of the records to use")
    parser.add_argument("--threads", type=int, default=torch.get_num_threads())
    parser.add_argument("--seed", type=int, default=1)
    return parser.parse_args()


def main() -> None:
    given = arguments()
    torch.set_num_threads(given.threads)
    torch.manual_seed(given.seed)
    given.out.mkdir(parents=True, exist_ok=True)

    rows = trim(given.teacher / "tokenizer.json", given.out / "tokenizer.json")
    tokenizer = Tokenizer.from_file(str(given.out / "tokenizer.json"))
    records = read_records(given.text) + [record for folder in given.code for record in read_code(folder)]
    random.Random(given.seed).shuffle(records)
    records = records[: max(1, round(len(records) * given.sample))]
    check, records = split_check(records, CHECK_PAIRS)
    titles = tokenise(tokenizer, [record.title for record in check], CHECK_TOKENS)
    paragraphs = tokenise(tokenizer, [record.text for record in check], CHECK_TOKENS)
    print(f"{len(records):,} records to train on, {len(check):,} pairs to check with, {len(rows):,} word pieces", flush=True)

    teacher = load_teacher(given.teacher, rows)
    teacher.eval()
    student = load_teacher(given.teacher, rows, KEPT_LAYERS)
    student.table.data = rounded_table(student.table.data)
    narrow(student, INNER, tokenise(tokenizer, [record.text for record in records[:600]], 128))

    def rank(encoder: torch.nn.Module) -> float:
        return reciprocal_rank(encode(encoder, titles), encode(encoder, paragraphs))

    print(f"check: teacher {rank(teacher):.4f}, student before training {rank(student):.4f}", flush=True)
    train(student, teacher, records, tokenizer, Schedule(int(given.tokens)), given.out / "checkpoint.pt", given.seed)

    model = given.out / "onnx" / "model_quantized.onnx"
    write_onnx(student, model)
    (given.out / "config.json").write_text(json.dumps({"model_type": "bert"}))
    (given.out / "tokenizer_config.json").write_text(json.dumps(TOKENIZER, indent=1))
    quantised = encode_onnx(model, paragraphs)
    alike = float((quantised * encode(student, paragraphs)).sum(1).mean())
    found = reciprocal_rank(encode_onnx(model, titles), quantised)
    size = model.stat().st_size / 1e6
    print(f"check: student {rank(student):.4f}, ONNX {found:.4f} (cosine {alike:.4f}), {size:.1f} MB", flush=True)


if __name__ == "__main__":
    main()
