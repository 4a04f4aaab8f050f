"""`tagwright train`: runs a training recipe, of whatever family it is for."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path

import click

from app.domain.errors import InvalidFile
from app.domain.extras import needing


def run(config: Path, set_name: str | None = None) -> int:
    """Train, and print the folder of what was trained; MissingExtra without the training libraries.

    ``set_name`` is the set of a recipe that is for any set.
    """
    if not config.is_file():
        raise InvalidFile(f"there is no recipe {str(config)!r}", field="CONFIG")
    import yaml
    from pydantic import ValidationError

    try:
        kind, train = _trainer(config, set_name)
        folder = train(config)
    except ValidationError as exc:
        first = exc.errors()[0]
        field = ".".join(map(str, first["loc"]))
        raise InvalidFile(f"recipe {config}: {field}: {first['msg']}", field=field) from exc
    except yaml.YAMLError as exc:
        raise InvalidFile(f"recipe {config} is no YAML: {' '.join(str(exc).split())}") from exc
    click.echo(f"{kind}: {folder}")
    return 0


def _trainer(config: Path, set_name: str | None) -> tuple[str, Callable[[Path], Path]]:
    """Return what a recipe's family makes, and its trainer."""
    from app.training.families.trainers import FINE_TUNED, family_of
    from app.training.families.trainers import train as train_family

    if family_of(config) not in FINE_TUNED:
        return "model", partial(train_family, set_name=set_name)
    if set_name is not None:
        raise InvalidFile(f"recipe {config} is of a language model: it names its own sets", field="set")
    with needing("train", "training"):
        from app.training.finetune import train
    return "adapter", train
