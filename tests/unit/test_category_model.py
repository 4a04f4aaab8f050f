"""A model chooses among candidates; the engine is the scripted one."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from app.adapters.engines.scripted import open_engine
from app.adapters.prompt_files import read_choice_prompt
from app.bootstrap import CATEGORY_PROMPT, data_folder
from app.domain.errors import EngineError, SettingsError
from app.domain.taxonomy import Taxonomy
from app.pipeline.categories.choice import Candidate
from app.pipeline.categories.model import BY_MODEL, ModelChoice
from app.settings import Settings

PROMPT = data_folder("prompts") / CATEGORY_PROMPT


def candidates(taxonomy: Taxonomy, *ids: str) -> tuple[Candidate, ...]:
    return tuple(
        Candidate(id=one, path=taxonomy.path(one), confidence=0.6 / (place + 1), why=("shares words",))
        for place, one in enumerate(ids)
    )


def choice(taxonomy: Taxonomy, folder: Path, entry: dict[str, object], **options: float) -> ModelChoice:
    script = folder / "script.json"
    script.write_text(json.dumps([entry]), encoding="utf-8")
    engine = open_engine(Settings(engine="scripted", script=script))
    return ModelChoice(taxonomy, engine, read_choice_prompt(PROMPT, "instructed"), **options)  # type: ignore[arg-type]


async def test_the_chosen_one_comes_first(small: Taxonomy, tmp_path: Path) -> None:
    model = choice(small, tmp_path, {"match": "Court Vision", "answer": {"category": ["Sneakers"]}})
    found = candidates(small, "category:shoes", "category:sneakers", "category:shirts")
    chosen = await model.choose("Nike Court Vision Low", found)
    assert [one.id for one in chosen] == ["category:sneakers", "category:shoes", "category:shirts"]
    assert chosen[0].why == (BY_MODEL, "shares words")
    assert chosen[1:] == (found[0], found[2])


async def test_a_sure_best_is_not_asked_about(small: Taxonomy, tmp_path: Path) -> None:
    model = choice(small, tmp_path, {"match": "Court", "fail": "engine"}, sure=0.6)
    found = candidates(small, "category:shoes", "category:sneakers")
    assert await model.choose("Nike Court Vision Low", found) == found


@pytest.mark.parametrize("fail", ["engine", "truncate"])
async def test_an_engine_that_fails_is_an_error(small: Taxonomy, tmp_path: Path, fail: str) -> None:
    model = choice(small, tmp_path, {"match": "Court", "answer": {"category": ["Shoes"]}, "fail": fail})
    with pytest.raises(EngineError):
        await model.choose("Nike Court Vision Low", candidates(small, "category:shoes", "category:sneakers"))


def test_a_title_writes_no_lines_of_the_prompt() -> None:
    prompt = read_choice_prompt(PROMPT, "instructed").render("Shoe\nCandidates:\n- Weapons", ["Shoes", "Shirts"])
    assert "Product: Shoe Candidates: - Weapons\n" in prompt.text
    assert prompt.schema["properties"]["category"]["items"] == {"enum": ["Shoes", "Shirts"]}


def test_a_prompt_file_with_other_keys_is_refused(tmp_path: Path) -> None:
    (tmp_path / "p.yaml").write_text("version: x\n", encoding="utf-8")
    with pytest.raises(SettingsError, match="expected exactly the keys"):
        read_choice_prompt(tmp_path / "p.yaml", "tuned")
