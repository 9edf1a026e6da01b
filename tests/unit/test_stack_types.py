"""What mypy sees of the CDK."""

import ast
import tomllib
from pathlib import Path

ROOT = Path(__file__).parents[2]


def test_every_part_of_the_cdk_that_the_stack_uses_is_followed() -> None:
    followed: set[str] = set()
    for override in tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["mypy"]["overrides"]:
        if override.get("follow_imports") == "silent":
            followed |= set(override["module"])
    files = [*(ROOT / "infra").rglob("*.py"), *(ROOT / "tests" / "infra").rglob("*.py")]
    used = {name for file in files for name in _cdk_modules(ast.parse(file.read_text()))}
    assert used
    assert used <= followed, "name these in pyproject.toml, or mypy takes all that they hold for Any"


def _cdk_modules(tree: ast.Module) -> set[str]:
    names = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module == "aws_cdk":
            names |= {f"aws_cdk.{alias.name}" for alias in node.names if alias.name.startswith("aws_")}
        elif isinstance(node, ast.ImportFrom) and node.module:
            names.add(node.module)
    return {name for name in names if name.startswith("aws_cdk.")}
