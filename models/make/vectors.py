"""
Prints texts with their vectors by the Python runtime, as JSON, for the test that fixes the packaged model.

    python vectors.py MODEL_FOLDER > ../../test/models/fixed-vectors.json
"""

import json
import sys
from pathlib import Path

from tokenizers import Tokenizer

from check import encode_onnx
from vocabulary import tokenise

TEXTS = (
    "How much platinum does a fuel cell need?",
    "Electrolysers split water into hydrogen and oxygen.",
    "hydrogen embrittlement of pipeline steel",
    "def efficiency(energy_out, energy_in):\n    return energy_out / energy_in",
    "The quick brown fox jumps over the lazy dog. " * 20,
)


def main() -> None:
    folder = Path(sys.argv[1])
    tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
    ids = tokenise(tokenizer, list(TEXTS), 256)
    vectors = [encode_onnx(folder / "onnx" / "model_quantized.onnx", [text])[0] for text in ids]
    rows = [{"text": text, "vector": [round(float(x), 5) for x in vector]} for text, vector in zip(TEXTS, vectors, strict=True)]
    print("[\n" + ",\n".join(json.dumps(row) for row in rows) + "\n]")


if __name__ == "__main__":
    main()
