"""What the tests of the stack share: one template, synthesised once."""

import pytest

from tests.support.stack import Template, synthesise


@pytest.fixture(scope="session")
def template(tmp_path_factory: pytest.TempPathFactory) -> Template:
    """The stack as it is without any option."""
    return synthesise(tmp_path_factory.mktemp("cdk.out"))
