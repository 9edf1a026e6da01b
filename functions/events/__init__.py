"""What every event-driven function does alike."""

from collections.abc import Callable
from typing import Any

EventHandler = Callable[[dict[str, Any], Any], dict[str, Any]]
"""Takes an event and Lambda's context.

Returns `{"batchItemFailures": [{"itemIdentifier": …}]}` for messages of a queue, an empty object for a schedule; and in
either its FIGURES, numbers by name, which are written as metrics and go no further.
"""

FIGURES = "figures"
