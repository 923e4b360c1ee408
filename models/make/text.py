"""Training items from records of text: passages, sentences, titles, keyword queries, code."""

import ast
import gzip
import json
import random
import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple


class Record(NamedTuple):
    kind: str  # paragraphs, glossary, questions or code: the file's name before its number
    title: str
    text: str


GENERIC = re.compile(
    r"(introduction|alternatives|abstract|motivation|summary|.*key (concepts|takeaways).*|rationale|overview|"
    r".*section summary|.*chapter.*|drawbacks|.*unresolved.*|thinking ahead|specification|references?|"
    r".*backwards compat.*|example.*|description|parameters|notes|.*copyright)",
    re.IGNORECASE,
)
SENTENCE_END = re.compile(r"(?<=[.!?])\s+(?=[A-Z])")
WORD = re.compile(r"[\w'-]+")
# The words that a person leaves out of a search box.
FUNCTION_WORDS = frozenset(
    "a an and are as at be been but by can could did do does for from had has have he her his how i if in into is it "
    "its may more most no not of on or our she should so some such than that the their them then there these they "
    "this those to was we were what when where which while who why will with would you your".split()
)


def read_records(folder: Path) -> list[Record]:
    """Records of every `KIND-….jsonl.gz` in the folder: JSON lines with `title` and `text`."""
    records = []
    for file in sorted(folder.glob("*.jsonl.gz")):
        kind = re.split(r"[-.]", file.name)[0]
        with gzip.open(file, "rt", encoding="utf8") as lines:
            records += [Record(kind, record["title"], record["text"]) for record in map(json.loads, lines)]
    return records


def read_code(folder: Path, most_characters: int = 2_000) -> list[Record]:
    """Functions and classes of Python files that have a docstring: its first paragraph is the title."""
    records = []
    for file in sorted(folder.rglob("*.py")):
        if {"test", "tests", "idlelib", "lib2to3", "site-packages"} & set(file.parts):
            continue
        try:
            source = file.read_text(encoding="utf8")
            tree = ast.parse(source)
        except (SyntaxError, UnicodeDecodeError, ValueError):
            continue
        for node in ast.walk(tree):
            if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
                continue
            documentation = (ast.get_docstring(node) or "").split("\n\n")[0].replace("\n", " ").strip()
            code = ast.get_source_segment(source, node) or ""
            if len(documentation.split()) >= 3 and len(code) >= 80:
                records.append(Record("code", documentation, code[:most_characters]))
    return records


def specific(title: str) -> bool:
    """Whether a title says what its text is about."""
    return 2 <= len(title.split()) <= 16 and not GENERIC.fullmatch(title)


def keyword_query(text: str, chance: random.Random) -> str:
    """Two to five words of one sentence, as typed into a search box."""
    words = [word for word in WORD.findall(chance.choice(SENTENCE_END.split(text))) if word.lower() not in FUNCTION_WORDS]
    start = chance.randrange(max(1, len(words) - 3))
    return " ".join(words[start : start + chance.randint(2, 5)]).lower()


def paragraph_items(title: str, text: str, chance: random.Random) -> Iterator[str]:
    form = chance.random()
    if form < 0.55:
        yield text
    elif form < 0.75:
        sentences = SENTENCE_END.split(text)
        first = chance.randrange(len(sentences))
        yield " ".join(sentences[first : first + chance.choice((1, 1, 2))])
    elif form < 0.85:
        yield f"{title}. {text}" if title else text
    else:
        yield text
        if specific(title):
            yield title.split(": ")[-1] if chance.random() < 0.4 else title
    if specific(title) and chance.random() < 0.25:
        yield title
    if chance.random() < 0.15:
        yield keyword_query(text, chance)


def items(record: Record, chance: random.Random) -> Iterator[str]:
    """What is learnt from one record; items of one record stay together."""
    kind, title, text = record
    if kind == "paragraphs":
        yield from paragraph_items(title, text, chance)
    elif kind == "glossary":
        yield chance.choice((f"{title}: {text}", text, title))
    else:
        yield text
        yield title


def split_check(records: list[Record], most: int) -> tuple[list[Record], list[Record]]:
    """Up to `most` paragraphs with a title of their own, for checking, and the rest, for training."""
    titles = Counter(record.title for record in records)
    check: list[Record] = []
    rest: list[Record] = []
    for record in records:
        clear = record.kind == "paragraphs" and specific(record.title) and len(record.title.split()) >= 4
        (check if clear and titles[record.title] == 1 and len(check) < most else rest).append(record)
    return check, rest
