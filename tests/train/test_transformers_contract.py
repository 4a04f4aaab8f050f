"""The contract of the port Generator on the engine `transformers`: a causal model and a T5."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from app.bootstrap import open_generator
from app.domain.errors import EngineError
from app.pipeline.ports import Generator
from app.settings import Settings
from tests.contract.test_generator_contract import SHADED, GeneratorContract

pytestmark = pytest.mark.train


@pytest.fixture(scope="session", params=["causal", "seq2seq"])
def settings(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Settings:
    checkpoint: Path = request.getfixturevalue(request.param)
    return Settings(
        engine="transformers", model=str(checkpoint), home=tmp_path_factory.mktemp("home"), threads=1, slots=4
    )


@pytest.fixture(scope="session")
def opened(settings: Settings) -> Iterator[Generator]:
    generator = open_generator(settings)
    yield generator
    asyncio.run(generator.close())


class TestTransformersEngine(GeneratorContract):
    @pytest.fixture
    def engine(self, opened: Generator) -> Generator:
        return opened

    @pytest.fixture
    async def fresh(self, settings: Settings) -> AsyncIterator[Generator]:
        generator = open_generator(settings)
        yield generator
        await generator.close()

    async def test_a_closed_engine_says_so(self, fresh: Generator) -> None:
        await fresh.close()
        with pytest.raises(EngineError, match="closed"):
            await fresh.generate([SHADED[0]])
