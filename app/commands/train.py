"""`tagwright train`: runs a fine-tuning recipe."""

from __future__ import annotations

from pathlib import Path

import click

from app.domain.errors import InvalidFile, MissingExtra


def run(config: Path) -> int:
    """Train, and print the adapter's folder; MissingExtra without the training libraries."""
    if not config.is_file():
        raise InvalidFile(f"there is no recipe {str(config)!r}", field="CONFIG")
    import yaml
    from pydantic import ValidationError

    try:
        from app.training.finetune import train
    except ModuleNotFoundError as exc:
        if exc.name is None or exc.name.split(".")[0] == "app":
            raise
        raise MissingExtra(f"training needs {exc.name}", hint="pip install 'tagwright[train]'") from exc
    try:
        folder = train(config)
    except ValidationError as exc:
        first = exc.errors()[0]
        field = ".".join(map(str, first["loc"]))
        raise InvalidFile(f"recipe {config}: {field}: {first['msg']}", field=field) from exc
    except yaml.YAMLError as exc:
        raise InvalidFile(f"recipe {config} is no YAML: {' '.join(str(exc).split())}") from exc
    click.echo(f"adapter: {folder}")
    return 0
