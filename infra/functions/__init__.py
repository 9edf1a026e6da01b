"""The Lambda functions, and the HTTP API that brings them requests."""

from infra.functions.front_door import FrontDoor
from infra.functions.functions import Functions

__all__ = ["FrontDoor", "Functions"]
