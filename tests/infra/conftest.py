"""What the tests of the stack share: its templates, each synthesised once."""

import pytest

from infra.check import VARIANTS, WITHOUT_BUNDLES
from tests.support.stack import Template, synthesise


@pytest.fixture(scope="session")
def template(templates: dict[str, Template]) -> Template:
    """The stack as it is without any option."""
    return templates["default"]


@pytest.fixture(scope="session")
def templates(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Template]:
    """The stack in each of its variants."""
    return {
        name: synthesise(tmp_path_factory.mktemp("cdk.out"), {**WITHOUT_BUNDLES, **options})
        for name, options in VARIANTS.items()
    }
