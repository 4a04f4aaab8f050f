"""Typed settings from the environment (TAGWRIGHT_*) and a file (TAGWRIGHT_SETTINGS, YAML). Unknown keys raise."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated, Any, Literal

import yaml
from pydantic import Field, ValidationError, field_validator
from pydantic_settings import (
    BaseSettings,
    NoDecode,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
    YamlConfigSettingsSource,
)

from app.domain.errors import SettingsError

_PREFIX = "TAGWRIGHT_"


def _default_home() -> Path:
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "tagwright"


class Settings(BaseSettings):
    """Everything that can be set. Defaults work on a laptop with nothing else installed."""

    model_config = SettingsConfigDict(env_prefix=_PREFIX, extra="forbid")

    host: str = "127.0.0.1"
    port: int = Field(default=8000, ge=0, le=65535)
    home: Path = Field(default_factory=_default_home)
    """Where assembled weights, compiled vectors and the default database are kept."""
    settings: Path | None = None
    """A YAML file with any of these settings; the environment wins over it."""

    engine: Literal["local", "transformers", "scripted"] = "local"
    model: str = "tagwright"
    """A model that is shipped, a path, or a hub name (engine `transformers`)."""
    adapter: str = "default"
    """An adapter that is shipped, a path, or `none`."""
    prompt: str | None = None
    """A prompt that is shipped, or the path of one; the adapter's own when not set, `extract-1` where it names none."""
    ask_all: bool = False
    """Ask the model for attributes that rules have filled too: it agrees or adds, and takes about twice as long."""
    threads: int = Field(default_factory=lambda: max(1, min(os.cpu_count() or 1, 16)), ge=1)
    slots: int = Field(default=8, ge=1, le=64)
    """Listings that the local engine decodes at once."""
    context_tokens: int = Field(default=1024, ge=256)
    """What the local engine gives a listing, prompt and answer together; a prompt may ask for more."""
    script: Path | None = None
    """Answers of the engine `scripted`."""
    answer_timeout_s: float = Field(default=15.0, gt=0)
    """When the model takes longer, rules alone answer and the response is `partial`."""

    taxonomy: Path | None = None
    """A taxonomy folder; the default one when not set."""
    overlays: Annotated[tuple[Path, ...], NoDecode] = ()
    """Overlay files over the taxonomy, lowest first, separated like the folders of PATH."""
    redis_url: str | None = None
    cache_ttl_s: int = Field(default=7 * 86400, ge=1)
    cache_mb: int = Field(default=64, ge=1)
    database_url: str | None = None
    """`sqlite:///path` or `postgresql://...`; a SQLite file under `home` when not set."""

    batch_limit: int = Field(default=64, ge=1, le=1024)
    body_limit_bytes: int = Field(default=4 * 1024 * 1024, ge=1024)

    @field_validator("redis_url", "database_url", mode="before")
    @classmethod
    def _empty_is_unset(cls, value: Any) -> Any:
        return None if value == "" else value

    @field_validator("overlays", mode="before")
    @classmethod
    def _split(cls, value: Any) -> Any:
        return [part for part in value.split(os.pathsep) if part] if isinstance(value, str) else value

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Arguments win over the environment, the environment over the file."""
        path = os.environ.get(f"{_PREFIX}SETTINGS")
        sources: list[PydanticBaseSettingsSource] = [init_settings, env_settings]
        if path:
            sources.append(YamlConfigSettingsSource(settings_cls, yaml_file=path))
        return tuple(sources)


def _check_file(path: Path) -> None:
    """Raise SettingsError where the settings file cannot be read as a mapping of known names."""
    field = f"{_PREFIX}SETTINGS"
    try:
        content = yaml.safe_load(path.read_bytes())
    except OSError as exc:
        raise SettingsError(f"the settings file {path} cannot be read: {exc.strerror}", field=field) from exc
    except (yaml.YAMLError, ValueError) as exc:
        raise SettingsError(f"the settings file {path} is no YAML: {' '.join(str(exc).split())}", field=field) from exc
    if content is not None and not isinstance(content, dict):
        raise SettingsError(f"the settings file {path} holds no `name: value` lines", field=field)
    unknown = sorted(map(str, set(content or ()) - set(Settings.model_fields)))
    if unknown:
        raise SettingsError(
            f"unknown settings in {path}: {', '.join(unknown)}", field=unknown[0], hint="see `tagwright doctor`"
        )


def load_settings(**overrides: Any) -> Settings:
    """Return the settings; SettingsError names the variable that is wrong or unknown."""
    path = os.environ.get(f"{_PREFIX}SETTINGS")
    if path:
        _check_file(Path(path))
    known = {f"{_PREFIX}{name.upper()}" for name in Settings.model_fields}
    unknown = sorted(k for k in os.environ if k.startswith(_PREFIX) and k not in known)
    if unknown:
        raise SettingsError(f"unknown settings: {', '.join(unknown)}", field=unknown[0], hint="see `tagwright doctor`")
    try:
        return Settings(**{k: v for k, v in overrides.items() if v is not None})
    except ValidationError as exc:
        first = exc.errors()[0]
        name = f"{_PREFIX}{'_'.join(map(str, first['loc'])).upper()}"
        raise SettingsError(f"{name}: {first['msg']}", field=name) from exc
