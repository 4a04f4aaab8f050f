"""Hyper-parameter search with optuna. Trials are kept in a SQLite file beside the run: it goes on after a kill."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping
from typing import Any

from pydantic import ValidationError

from app.domain.errors import SettingsError
from app.domain.extras import needing
from app.training.corpus import HeldOut
from app.training.loop import Held
from app.training.recipe import Range, Recipe, Search

RunOne = Callable[[Recipe, HeldOut], Held | None]
_FIXED = {"family", "name", "out", "data", "search", "folds", "gold", "stop"}


def search(recipe: Recipe, run: RunOne) -> tuple[Recipe, dict[str, Any]]:
    """Return the recipe with the best settings found, and what was tried, for its card.

    The objective is the held-out loss of ``run``. A trial that a kill broke off is tried again, from its checkpoint.
    """
    with needing("train", "a search"):
        import optuna
    wanted = recipe.search
    if wanted is None:
        raise SettingsError("the recipe has no `search`", field="search")
    _check(recipe, wanted)
    recipe.out.mkdir(parents=True, exist_ok=True)
    optuna.logging.set_verbosity(optuna.logging.WARNING)
    study = optuna.create_study(
        study_name=hashlib.sha256(
            f"{recipe.digest()}{wanted.model_dump_json(exclude={'trials'})}".encode()
        ).hexdigest(),
        storage=f"sqlite:///{recipe.out / 'search.db'}",
        sampler=_sampler(optuna, wanted, recipe.seed),
        direction="minimize",
        load_if_exists=True,
    )
    states = optuna.trial.TrialState
    for broken in study.get_trials(states=(states.RUNNING,)):
        study.tell(broken.number, state=states.FAIL)
        study.enqueue_trial(broken.params)

    def objective(trial: Any) -> float:
        tried = _tried(recipe, {name: _suggest(trial, name, of) for name, of in wanted.space.items()})
        held = run(tried, HeldOut(low=0, high=wanted.share, seed=recipe.seed))
        if held is None:
            raise SettingsError("a search needs gold listings to hold out", field="gold")
        return held.loss

    done = len(study.get_trials(states=(states.COMPLETE,)))
    if done < wanted.trials:
        study.optimize(objective, n_trials=wanted.trials - done)
    tried = [{"settings": t.params, "loss": t.value} for t in study.get_trials(states=(states.COMPLETE,))]
    best = recipe.model_copy(update={**_typed(recipe, study.best_params), "search": None})
    return best, {"method": wanted.method, "best": study.best_params, "tried": tried}


def _check(recipe: Recipe, wanted: Search) -> None:
    for name, of in wanted.space.items():
        if name not in Recipe.model_fields or name in _FIXED:
            raise SettingsError(f"a search cannot vary {name!r}", field=f"search.space.{name}")
        if wanted.method == "grid" and isinstance(of, Range):
            raise SettingsError("a grid takes lists of values, not ranges", field=f"search.space.{name}")
    _typed(recipe, {name: of.low if isinstance(of, Range) else of[0] for name, of in wanted.space.items()})


def _sampler(optuna: Any, wanted: Search, seed: int) -> Any:
    if wanted.method == "grid":
        return optuna.samplers.GridSampler({n: of for n, of in wanted.space.items()}, seed=seed)
    if wanted.method == "random":
        return optuna.samplers.RandomSampler(seed=seed)
    return optuna.samplers.TPESampler(seed=seed)


def _suggest(trial: Any, name: str, of: list[float | str] | Range) -> float | str:
    if not isinstance(of, Range):
        value: float | str = trial.suggest_categorical(name, of)
        return value
    if of.low.is_integer() and of.high.is_integer():
        return int(trial.suggest_int(name, int(of.low), int(of.high), log=of.log))
    return float(trial.suggest_float(name, of.low, of.high, log=of.log))


def _tried(recipe: Recipe, values: Mapping[str, Any]) -> Recipe:
    """Return the recipe of a trial; its folder is named after its settings, so that they find their checkpoint."""
    digest = hashlib.sha256(json.dumps(values, sort_keys=True).encode()).hexdigest()[:12]
    update = {"out": recipe.out / f"trial-{digest}", "search": None, "folds": None}
    return recipe.model_copy(update={**_typed(recipe, values), **update})


def _typed(recipe: Recipe, values: Mapping[str, Any]) -> dict[str, Any]:
    """Return values as the recipe's own types (a grid gives 8.0 for 8); SettingsError for one that it cannot take."""
    plain = {n: int(v) if isinstance(v, float) and v.is_integer() else v for n, v in values.items()}
    try:
        checked = Recipe.model_validate({**recipe.model_dump(), **plain})
    except ValidationError as exc:
        first = exc.errors()[0]
        raise SettingsError(
            f"a search cannot set {first['loc'][0]}: {first['msg']}", field=f"search.space.{first['loc'][0]}"
        ) from exc
    return {name: getattr(checked, name) for name in values}
