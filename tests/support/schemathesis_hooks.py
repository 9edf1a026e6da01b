"""What a schema can't say of a valid request, for Schemathesis (SCHEMATHESIS_HOOKS)."""

from typing import Any

import schemathesis


@schemathesis.hook
def map_query(_context: schemathesis.HookContext, query: dict[str, Any] | None) -> dict[str, Any] | None:
    """Leave the cursor out: only we can make one, and any other is refused, which has tests of its own."""
    if query:
        query.pop("cursor", None)
    return query
