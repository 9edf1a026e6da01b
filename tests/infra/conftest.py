"""What the tests of the stack share: its templates, each synthesised once."""

from pathlib import Path

import pytest

from infra.variants import VARIANTS, WITHOUT_BUNDLES
from tests.support.stack import Template, synthesise


@pytest.fixture(scope="session")
def template(templates: dict[str, Template]) -> Template:
    """The stack as it is without any option."""
    return templates["default"]


@pytest.fixture(scope="session")
def assembly(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder into which each variant is synthesised, in a folder of its name."""
    return tmp_path_factory.mktemp("cdk.out")


@pytest.fixture(scope="session")
def templates(assembly: Path) -> dict[str, Template]:
    """The stack in each of its variants."""
    return {
        name: synthesise(assembly / name, {**WITHOUT_BUNDLES, **options})
        for name, options in VARIANTS.items()
    }
