"""`python -m app.training.generator --count N --locale de --seed S > out.jsonl`: listings that people can read."""

from __future__ import annotations

import json

import click

from app.training.generator import open_generator
from app.training.generator.diversity import measured
from app.training.generator.example import to_row


@click.command()
@click.option("--count", default=50, show_default=True, help="Listings to make.")
@click.option("--locale", help="One locale of the taxonomy; all of them in turn without it.")
@click.option("--seed", default=0, show_default=True, help="The same seed gives the same listings.")
@click.option("--diversity", is_flag=True, help="How much the listings differ, instead of the listings.")
@click.option("--plain", is_flag=True, help="Texts only, to be read.")
def main(count: int, locale: str | None, seed: int, diversity: bool, plain: bool) -> None:
    """Write listings with gold tags and spans, one JSON object a line."""
    generator = open_generator(seed)
    if diversity:
        for name in [locale] if locale else generator.locales:
            click.echo(json.dumps({"locale": name, **measured(generator, count, name)}))
        return
    for number, example in enumerate(generator.draw(count, locale)):
        if plain:
            click.echo(" | ".join(text.replace("\n", " ⏎ ") for text in example.texts.values() if text))
            continue
        name = f"generated-{example.lang}-{seed}-{number}"
        click.echo(json.dumps(to_row(example, name), ensure_ascii=False))


if __name__ == "__main__":
    main()
