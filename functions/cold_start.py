"""How a function starts: everything that it imports and makes stays, so nothing of it is looked through for garbage."""

import gc
import os
import warnings
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def cold_start(*, has_models: bool = True) -> Iterator[None]:
    """Import and make what a function needs, in the time that it takes with the collector off (some 15 % less).

    What is there at the end is then kept out of all collections to come. `has_models` says whether it uses pydantic.
    """
    # pydantic would look through the metadata of every package for plugins, of which there are none.
    os.environ.setdefault("PYDANTIC_DISABLE_PLUGINS", "__all__")
    gc.disable()
    try:
        if has_models:
            _build_models_late()
        yield
        gc.freeze()
    finally:
        gc.enable()


def _build_models_late() -> None:
    """Have pydantic build what validates a model when it first validates: most of the models are not used by a request.

    With those of the libraries, such as FastAPI's of an OpenAPI document, they were a tenth of a start.
    """
    from pydantic import BaseModel
    from pydantic.warnings import UnsupportedFieldAttributeWarning

    # The setting is inherited: https://docs.pydantic.dev/latest/api/config/#pydantic.config.ConfigDict.defer_build
    BaseModel.model_config["defer_build"] = True
    # FastAPI silences this where it makes its fields, which is before they are built now.
    warnings.filterwarnings("ignore", category=UnsupportedFieldAttributeWarning)
