"""Training examples of gold files and of listings that the project wrote, and the pairs that become of examples."""

from __future__ import annotations

import json
import random
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

from app.domain.errors import InvalidFile
from app.domain.listing import Listing
from app.domain.taxonomy import CATEGORY, Kind, Taxonomy
from app.pipeline.ports import Prompt
from app.pipeline.prompting import PromptTemplate, answer_text
from app.training.generator.example import Example


def gold_examples(folder: Path, split: str, *, seed: int, partly: float = 0.25) -> Iterator[Example]:
    """Yield the listings of a gold set (data/README.md's schema), asked for all attributes of their category.

    A share, ``partly``, are asked for some of them only, and in lower case: the names asked by differ from caller to
    caller. A set without a schema asks for what its annotators looked for.
    """
    path = folder / f"{split}.jsonl"
    if not path.is_file():
        raise InvalidFile(f"gold data is missing: {path}", field="data")
    given = folder / "schema.json"
    schema: dict[str, Any] = json.loads(given.read_text(encoding="utf-8"))["categories"] if given.is_file() else {}
    rng = random.Random(seed)  # noqa: S311 - not for secrets
    for line in path.read_text(encoding="utf-8").splitlines():
        row = json.loads(line)
        names = _asked(row, schema)
        text = f"{row['title']}\n{row.get('description') or ''}"
        gold = {a: in_text_order(vs, text) for a, vs in row["gold"].items() if vs and a in names}
        asked = {name: name for name in names}
        if rng.random() < partly:
            asked = {n: n.lower() for n in names if n in gold or rng.random() < 0.5}
        yield Example(
            category=row["category"] or "",
            lang=row["lang"],
            texts={"title": row["title"], "description": row.get("description") or ""},
            asked=list(asked.values()),
            gold={asked[a]: vs for a, vs in gold.items() if a in asked},
        )


def _asked(row: dict[str, Any], schema: dict[str, Any]) -> list[str]:
    return [entry["name"] for entry in schema.get(row["category"]) or schema["*"]] if schema else list(row["gold"])


def written_examples(folder: Path, taxonomy: Taxonomy, *, seed: int) -> Iterator[Example]:
    """Yield the listings that the project wrote itself, asked for what they state and for some of what they do not."""
    rng = random.Random(seed)  # noqa: S311 - not for secrets
    names = {c.label("en") or "": c for c in taxonomy.values(CATEGORY)}
    for path in sorted(folder.glob("*.jsonl")):
        for line in path.read_text(encoding="utf-8").splitlines():
            row = json.loads(line)
            category = names[row["category"]]
            relevant = [
                (taxonomy.attributes[a].label("en") or a).lower()
                for a in taxonomy.relevant(category.id)
                if a in taxonomy.attributes and taxonomy.attributes[a].kind is not Kind.QUANTITY
            ]
            missing = [n for n in relevant if n not in row["gold"]]
            kept = set(rng.sample(missing, rng.randint(len(missing) // 2, len(missing))))
            asked = [CATEGORY, *[n for n in relevant if n in kept or n in row["gold"]]]
            shown = rng.choice([category.id, *taxonomy.path(category.id)])
            yield Example(
                category=taxonomy.concepts[shown].label("en") or "",
                lang=row["lang"],
                texts={
                    "title": row["title"],
                    "description": row.get("description") or "",
                    "attributes": "; ".join(f"{k}: {v}" for k, v in (row.get("attributes") or {}).items()),
                    "reviews": " / ".join(row.get("reviews") or ()),
                },
                asked=asked,
                gold={a: vs for a, vs in row["gold"].items() if a in asked},
            )


def in_text_order(values: Sequence[str], text: str) -> list[str]:
    """Return the distinct values in the order in which they stand in the text."""
    return sorted(dict.fromkeys(values), key=lambda v: (text.find(v) if v in text else len(text), values.index(v)))


def as_served(example: Example, prompt_for: Callable[[Listing], Prompt]) -> tuple[str, str]:
    """Return (prompt, answer) as the service asks: without the attributes that rules fill.

    Otherwise a model learns that most of what it is asked for is there; in service most of it is not.
    """
    texts = example.texts
    stated = (entry.split(": ", 1) for entry in texts.get("attributes", "").split("; ") if ": " in entry)
    prompt = prompt_for(
        Listing(
            title=texts["title"],
            description=texts.get("description", ""),
            attributes=tuple((name, value) for name, value in stated),
            reviews=(texts["reviews"],) if texts.get("reviews") else (),
            lang=example.lang,
        )
    )
    properties = prompt.schema["properties"]
    return prompt.text, answer_text({a: example.gold.get(a, ())[: properties[a]["maxItems"]] for a in properties})


def as_pair(example: Example, prompt: PromptTemplate) -> tuple[str, str]:
    """Return (prompt, answer); the answer's properties come in the order asked, as the schema demands when decoding."""
    text = prompt.render(example.category, example.asked, example.texts).text
    return text, answer_text({a: example.gold.get(a, ())[: 1 if a == CATEGORY else None] for a in example.asked})
