"""The steps of a training run: schedule, gradient, checkpoints, early stopping. The same for every kind of model."""

from __future__ import annotations

import json
import math
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import torch
from safetensors.torch import load_file, save_file
from torch import Tensor

from app.domain.errors import SettingsError
from app.training.recipe import Recipe

LOSSES = "losses.jsonl"


@dataclass(frozen=True, kw_only=True, slots=True)
class Progress:
    """One step: its number from 0, how many there are, its loss, and tokens a second since this run began."""

    step: int
    steps: int
    loss: float
    tokens_per_s: float


@dataclass(frozen=True, kw_only=True, slots=True)
class Held:
    """What was measured on listings not trained on, the right tokens before each one given (teacher forcing).

    ``answers`` is the share whose every token would have been chosen: greedy decoding then gives the answer itself.
    """

    loss: float
    tokens: float
    answers: float
    listings: int


@dataclass(frozen=True, kw_only=True, slots=True)
class Plan:
    """How a run goes: one list of batches (indices) per epoch, and the settings of its steps."""

    epochs: Sequence[Sequence[Sequence[int]]]
    learning_rate: float
    weight_decay: float
    save_every: int
    patience: int | None
    """Epochs without a better held-out loss after which the run stops; None never."""
    digest: str
    out: Path

    @classmethod
    def of(cls, recipe: Recipe, epochs: Sequence[Sequence[Sequence[int]]]) -> Plan:
        """Return the plan of a recipe, for the batches drawn for its epochs."""
        return cls(
            epochs=epochs,
            learning_rate=recipe.learning_rate,
            weight_decay=recipe.weight_decay,
            save_every=recipe.save_every,
            patience=recipe.stop.patience if recipe.stop else None,
            digest=recipe.digest(),
            out=recipe.out,
        )


@dataclass(frozen=True, kw_only=True, slots=True)
class Outcome:
    """What a run came to."""

    steps: int
    epochs: int
    tokens: int
    seconds: float
    held: Held | None


@dataclass
class _State:
    """What a checkpoint holds beside weights and optimiser."""

    step: int = 0
    tokens: int = 0
    seconds: float = 0.0
    best: float = math.inf
    held: dict[str, Any] | None = None
    failed: int = 0
    """Epochs since the best one."""


def fit(
    model: Any,
    plan: Plan,
    loss_of: Callable[[Sequence[int]], Tensor],
    length_of: Callable[[Sequence[int]], int],
    measure: Callable[[], Held] | None,
    report: Callable[[Progress], None],
) -> Outcome:
    """Train the parameters that want a gradient; goes on from the last checkpoint of the same recipe.

    ``loss_of`` and ``length_of`` (tokens) take a batch of indices. With ``measure`` the weights that are left in the
    model are those of the epoch with the smallest held-out loss.
    """
    plan.out.mkdir(parents=True, exist_ok=True)
    trainable = [p for p in model.parameters() if p.requires_grad]
    optimizer = torch.optim.AdamW(trainable, lr=1.0, weight_decay=plan.weight_decay)
    state = _resume(plan, model, optimizer)
    _forget_losses(plan.out, state.step)
    steps = [(epoch, batch) for epoch, chosen in enumerate(plan.epochs) for batch in chosen]
    ends = {sum(map(len, plan.epochs[: n + 1])) - 1 for n in range(len(plan.epochs))}
    began, seen, before = time.monotonic(), 0, state.seconds
    with (plan.out / LOSSES).open("a", encoding="utf-8") as losses:
        while state.step < len(steps) and not _given_up(plan, state):
            step, (_, batch) = state.step, steps[state.step]
            rate = plan.learning_rate * schedule(step, len(steps))
            loss = _step(trainable, optimizer, rate, loss_of(batch))
            seen += length_of(batch)
            state.step, state.tokens = step + 1, state.tokens + length_of(batch)
            state.seconds = before + time.monotonic() - began
            progress = Progress(step=step, steps=len(steps), loss=loss, tokens_per_s=seen / (time.monotonic() - began))
            losses.write(json.dumps({"step": step, "loss": round(loss, 5), "learning_rate": rate}) + "\n")
            if step in ends and measure is not None:
                _compare(plan, state, model, measure(), losses)
            report(progress)
            if state.step % plan.save_every == 0 or (step in ends and measure is not None):
                losses.flush()
                _checkpoint(plan, model, optimizer, state)
    if measure is not None and (plan.out / "best.safetensors").is_file():
        _load(model, plan.out / "best.safetensors")
    return Outcome(
        steps=state.step,
        epochs=1 + max((epoch for epoch, _ in steps[: state.step]), default=0),
        tokens=state.tokens,
        seconds=state.seconds,
        held=Held(**state.held) if state.held else None,
    )


def schedule(step: int, steps: int) -> float:
    """Return the share of the peak learning rate: 3 % warm-up, then a cosine to zero."""
    warm = max(1, steps * 3 // 100)
    return min(1.0, (step + 1) / warm) * 0.5 * (1 + math.cos(math.pi * step / steps))


def autocast(precision: str, device: str) -> AbstractContextManager[Any]:
    """Return the context of a forward pass in a recipe's precision."""
    native = device == "cuda"
    if device == "cpu":
        can = torch.cpu.get_capabilities()
        native = bool(can.get("avx512_bf16") or can.get("amx_bf16"))
    wanted = native if precision == "auto" else precision == "bfloat16"
    return torch.autocast(device, torch.bfloat16) if wanted else nullcontext()


def named_trainable(model: Any) -> Iterator[tuple[str, Tensor]]:
    """Yield the parameters that are trained, under the names of PEFT's files."""
    for name, parameter in model.named_parameters():
        if parameter.requires_grad:
            yield name.replace(".default.", "."), parameter


def _step(trainable: Sequence[Tensor], optimizer: Any, rate: float, loss: Tensor) -> float:
    for group in optimizer.param_groups:
        group["lr"] = rate
    optimizer.zero_grad()
    loss.backward()
    torch.nn.utils.clip_grad_norm_(trainable, 1.0)
    optimizer.step()
    return float(loss.item())


def _given_up(plan: Plan, state: _State) -> bool:
    return plan.patience is not None and state.failed >= plan.patience


def _compare(plan: Plan, state: _State, model: Any, held: Held, losses: Any) -> None:
    """Note what was measured after an epoch, and keep the weights where they are the best so far."""
    losses.write(json.dumps({"step": state.step - 1, "held_out": asdict(held)}) + "\n")
    if held.loss < state.best:
        state.best, state.held, state.failed = held.loss, asdict(held), 0
        _save(model, plan.out / "best.safetensors")
    else:
        state.failed += 1


def _checkpoint(plan: Plan, model: Any, optimizer: Any, state: _State) -> None:
    """Write a checkpoint: one file after the other, so that a kill leaves the last whole pair or the new one."""
    weights = plan.out / f"checkpoint-{state.step}.safetensors"
    _save(model, weights)
    part = plan.out / "checkpoint.pt.part"
    saved = {
        "recipe": plan.digest,
        "optimizer": optimizer.state_dict(),
        "state": asdict(state),
        "random": torch.get_rng_state(),
    }
    torch.save(saved, part)
    part.replace(plan.out / "checkpoint.pt")
    for old in plan.out.glob("checkpoint-*.safetensors"):
        if old != weights:
            old.unlink()


def _resume(plan: Plan, model: Any, optimizer: Any) -> _State:
    path = plan.out / "checkpoint.pt"
    if not path.is_file():
        return _State()
    saved = torch.load(path, weights_only=True)
    if saved["recipe"] != plan.digest:
        raise SettingsError(
            f"{path} is of another recipe", field="out", hint="remove it, or let the recipe name another folder"
        )
    state = _State(**saved["state"])
    _load(model, plan.out / f"checkpoint-{state.step}.safetensors")
    optimizer.load_state_dict(saved["optimizer"])
    torch.set_rng_state(saved["random"])
    return state


def _save(model: Any, path: Path) -> None:
    part = path.with_suffix(".part")
    save_file({n: p.detach().contiguous().cpu() for n, p in named_trainable(model)}, part)
    part.replace(path)


def _load(model: Any, path: Path) -> None:
    saved = load_file(path)
    with torch.no_grad():
        for name, parameter in named_trainable(model):
            parameter.copy_(saved[name])


def _forget_losses(out: Path, step: int) -> None:
    """Leave out losses of steps that are done again."""
    path = out / LOSSES
    if path.is_file():
        kept = [line for line in path.read_text(encoding="utf-8").splitlines() if json.loads(line)["step"] < step]
        path.write_text("".join(f"{line}\n" for line in kept), encoding="utf-8")
