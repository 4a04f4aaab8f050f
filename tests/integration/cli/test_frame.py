"""Help, version, errors: what all verbs have in common."""

from __future__ import annotations

import resource
import subprocess
import sys
from collections.abc import Iterator

import click
import pytest

from app import __version__
from app.cli import tagwright
from tests.integration.cli.conftest import ROOT, Run

HEAVY = {"pydantic", "rich", "yaml", "numpy", "rapidfuzz", "opencc", "fastapi", "sqlalchemy", "xllamacpp", "openpyxl"}


def test_help_does_not_wait_for_what_verbs_need() -> None:
    code = f"import sys, app.cli; print(*({HEAVY} & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == ""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    for _ in range(3):
        subprocess.run([sys.executable, "-m", "app.cli", "--help"], cwd=ROOT, capture_output=True, check=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    # seconds of the processor, not of the wall clock: a machine that is busy with other things must not fail this
    assert (after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime) / 3 < 0.4


def verbs(group: click.Group, *path: str) -> Iterator[tuple[str, ...]]:
    for name, command in group.commands.items():
        yield (*path, name)
        if isinstance(command, click.Group):
            yield from verbs(command, *path, name)


@pytest.mark.parametrize("words", [(), *verbs(tagwright)], ids=" ".join)
def test_every_verb_explains_itself(run: Run, words: tuple[str, ...]) -> None:
    result = run(*words, "--help")
    assert (result.exit_code, result.stdout.startswith("Usage: tagwright")) == (0, True)
    assert result.stdout.count("\n") > 5


def test_the_version_is_the_package_s(run: Run) -> None:
    assert run("--version").stdout == f"tagwright, version {__version__}\n"


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("tag",), "give either FILE (- for stdin) or --title"),
        (("tag", "a.csv", "--title", "x"), "give either FILE (- for stdin) or --title"),
        (("tag", "a.csv", "--description", "x"), "--description goes with --title"),
        (("tag", "Red shoe for men"), 'hint: to tag a title, write: tagwright tag --title "Red shoe for men"'),
        (("tag", "none.csv"), "there is no file 'none.csv'"),
        (("tag", "--title", "  "), "the title is empty"),
        (("tag", "--title", "x", "--engine", "bogus"), "TAGWRIGHT_ENGINE: Input should be"),
        (("extract", "none.jsonl", "out.jsonl", "--schema", "none.json"), "the schema none.json cannot be read"),
        (("train", "none.yaml"), "there is no recipe 'none.yaml'"),
        (("taxonomy", "check", "none"), "none is no taxonomy"),
        (("taxonomy", "search", " "), "the query is empty"),
        (("taxonomy", "search", "red", "--attribute", "colour"), "no attribute has the id 'colour'"),
        (("serve", "--port", "70000"), "TAGWRIGHT_PORT: Input should be less than or equal to 65535"),
        (("serve", "--host", "no such host"), "the host 'no such host' is not known"),
        (("model", "show", "--engine", "local", "--model", "bogus"), "'bogus'"),
    ],
)
def test_what_cannot_be_used_is_said_in_one_message(run: Run, words: tuple[str, ...], message: str) -> None:
    result = run(*words)
    assert result.exit_code == 2
    assert message in result.stderr
    assert "Traceback" not in result.stderr
    assert result.stdout == ""


def test_unknown_settings_are_named(run: Run) -> None:
    result = run("tag", "--title", "x", TAGWRIGHT_ENGIN="local")
    assert (result.exit_code, result.stderr) == (
        2,
        "Error: unknown settings: TAGWRIGHT_ENGIN\n  hint: see `tagwright doctor`\n",
    )


def test_an_unexpected_error_shows_a_traceback_only_when_asked(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(job: object) -> int:
        raise RuntimeError("boom")

    monkeypatch.setattr("app.commands.tag.run", fail)
    result = run("tag", "--title", "x")
    assert result.exit_code == 1
    assert result.stderr.startswith("Error: unexpected RuntimeError: boom\n  hint: tagwright --verbose")
    assert "Traceback" in run("--verbose", "tag", "--title", "x").stderr
