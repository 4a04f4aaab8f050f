"""How much generated listings differ: distinct titles and words, and how much of the taxonomy they state."""

from __future__ import annotations

import re
from typing import Any

from app.domain.taxonomy import Kind
from app.training.dedup import distinct
from app.training.generator.generator import Generator

_TOKEN = re.compile(r"[一-鿿぀-ヿ]|[^\W_]+")


def measured(generator: Generator, count: int, locale: str) -> dict[str, Any]:
    """Return shares: of distinct titles, of listings left by de-duplication, type-token ratio, attributes, values.

    The type-token ratio is that of titles, of the first 10,000 tokens; values are all of the taxonomy but quantities.
    """
    examples = list(generator.draw(count, locale))
    titles = [example.texts["title"] for example in examples]
    tokens = [token for title in titles for token in _TOKEN.findall(title.casefold())][:10_000]
    taxonomy = generator.taxonomy
    values = {c.id for c in taxonomy.concepts.values() if c.attribute in taxonomy.attributes}
    attributes = {a for a, known in taxonomy.attributes.items() if known.kind is not Kind.QUANTITY}
    stated = {span.concept for example in examples for span in example.spans}
    named = {span.attribute for example in examples for span in example.spans}
    categories = {c.id for c in taxonomy.concepts.values() if c.attribute not in taxonomy.attributes}
    leaves = {c for c in categories if not taxonomy.children(c)}
    return {
        "distinct_titles": round(len(set(titles)) / count, 4),
        "distinct_listings": round(sum(1 for _ in distinct(examples)) / count, 4),
        "type_token_ratio": round(len(set(tokens)) / len(tokens), 4),
        "attributes": round(len(attributes & named) / len(attributes), 4),
        "values": round(len(values & stated) / len(values), 4),
        "categories": round(len(leaves & stated) / len(leaves), 4),
        "tags_per_listing": round(sum(len(example.spans) for example in examples) / count, 2),
    }
