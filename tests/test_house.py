"""The house stands as architecture and README say."""

import ast
import os
import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING

import pytest

from bot.settings import Settings
from knowledge.settings import KnowledgeSettings
from triage.settings import TriageSettings

if TYPE_CHECKING:
    from pydantic_settings import BaseSettings

ROOT = Path(__file__).parent.parent
SLOW_TO_IMPORT = {
    "alembic", "bs4", "fakeredis", "httpx", "langchain_core", "mammoth", "markdownify", "openai",
    "pypdf", "redis", "sklearn", "torch", "uvicorn", "weaviate",
}  # fmt: skip
PACKAGES = ("bot", "triage", "knowledge")
LONGEST_FILE, LONGEST_FUNCTION, MEDIAN_FUNCTION = 300, 45, 10
NOT_NAMES = {"data", "info", "item", "process", "helper", "util", "utils", "common", "base"}
PYTHON_BIN = Path(sys.executable).parent


def sources() -> list[Path]:
    found = [path for name in PACKAGES for path in sorted((ROOT / name).rglob("*.py"))]
    return [path for path in found if path.parent.name != "versions"]  # written by Alembic


def functions(path: Path) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node


def length(node: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    return (node.end_lineno or node.lineno) - node.lineno + 1


def lint_imports(folder: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [PYTHON_BIN / "lint-imports", "--no-cache"],
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "PYTHONPATH": str(folder)},
    )


def test_the_import_contracts_hold() -> None:
    result = lint_imports(ROOT)
    assert result.returncode == 0, result.stdout


@pytest.mark.parametrize(
    ("file", "planted"),
    [
        ("knowledge/fusion.py", "import bot.messages"),
        ("triage/schema.py", "import knowledge.documents"),
        ("bot/desk.py", "import slack_sdk"),
        ("bot/messages.py", "import bot.desk"),
        ("bot/playground/config.py", "import bot.slack.text"),
        ("bot/newcomer.py", "import bot.errors"),
    ],
)
def test_a_planted_violation_breaks_the_import_contracts(
    tmp_path: Path, file: str, planted: str
) -> None:
    for name in PACKAGES:
        shutil.copytree(
            ROOT / name,
            tmp_path / name,
            ignore=shutil.ignore_patterns("*.onnx", "articles", "static", "__pycache__"),
        )
    shutil.copy(ROOT / ".importlinter", tmp_path)
    with (tmp_path / file).open("a", encoding="utf-8") as target:
        target.write(f"\n{planted}\n")
    result = lint_imports(tmp_path)
    assert result.returncode != 0
    assert "BROKEN" in result.stdout or "newcomer" in result.stdout


def test_a_command_imports_no_slow_library_before_it_needs_one() -> None:
    code = "import sys, bot.cli; print(*sys.modules)"
    names = subprocess.check_output([sys.executable, "-c", code], text=True).split()
    assert not SLOW_TO_IMPORT.intersection(names)


@pytest.mark.parametrize("path", sources(), ids=lambda path: str(path.relative_to(ROOT)))
def test_files_and_functions_are_short(path: Path) -> None:
    assert len(path.read_text("utf-8").splitlines()) <= LONGEST_FILE
    too_long = [node.name for node in functions(path) if length(node) > LONGEST_FUNCTION]
    assert not too_long


def test_the_median_function_is_ten_lines_at_most() -> None:
    lengths = [length(node) for path in sources() for node in functions(path)]
    assert median(lengths) <= MEDIAN_FUNCTION


def test_no_module_class_or_function_has_a_name_that_says_nothing() -> None:
    named = {path.stem for path in sources()}
    for path in sources():
        tree = ast.parse(path.read_text("utf-8"))
        named |= {
            node.name
            for node in ast.walk(tree)
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef)
        }
    assert not {name for name in named if name.lower().strip("_") in NOT_NAMES}


def settings_names() -> Iterator[str]:
    kinds: tuple[type[BaseSettings], ...] = (Settings, KnowledgeSettings, TriageSettings)
    for kind in kinds:
        for name, field in kind.model_fields.items():
            alias = field.validation_alias
            yield str(alias) if alias else f"{kind.model_config['env_prefix']}{name}".upper()


@pytest.mark.parametrize("name", [one for one in settings_names() if one != "DYNO"])
def test_every_setting_is_documented(name: str) -> None:
    example = (ROOT / ".env.example").read_text("utf-8")
    readme = (ROOT / "README.md").read_text("utf-8")
    assert re.search(rf"^{name}=", example, re.MULTILINE), f"{name} is missing in .env.example"
    assert f"`{name}`" in readme, f"{name} is missing in README.md"


def test_the_example_environment_names_no_setting_that_is_gone() -> None:
    example = (ROOT / ".env.example").read_text("utf-8")
    assert set(re.findall(r"^([A-Z_]+)=", example, re.MULTILINE)) <= set(settings_names())


def readme_commands() -> list[str]:
    blocks = re.findall(r"```sh\n(.*?)```", (ROOT / "README.md").read_text("utf-8"), re.DOTALL)
    return [
        line.split("  #")[0].strip()
        for block in blocks
        for line in block.splitlines()
        if line.startswith("supportbot ") and not re.match(r"supportbot (run|serve|worker)", line)
    ]


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("home")


@pytest.mark.slow
@pytest.mark.parametrize("command", readme_commands())
def test_the_commands_of_the_readme_run(command: str, home: Path) -> None:
    result = subprocess.run(
        [PYTHON_BIN / "supportbot", *shlex.split(command)[1:]],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "SUPPORTBOT_HOME": str(home)},
    )
    assert result.returncode == 0, result.stderr
    assert result.stdout
