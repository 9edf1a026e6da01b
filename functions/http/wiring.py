"""The way from AWS Lambda to the ASGI application of a function."""

from collections.abc import Callable, Mapping
from typing import Any, cast

from aws_lambda_powertools.logging import correlation_paths
from aws_lambda_powertools.utilities.typing import LambdaContext
from mangum import Mangum
from mangum.types import LambdaContext as MangumContext
from starlette.types import ASGIApp

from functions.http.errors import MEDIA_TYPE
from functions.http.gateway import answer_event
from functions.http.measuring import MeasuredApp
from functions.recording import Meter, json_logger
from offhook.settings import Settings

_TEXT_TYPES = ["text/", "application/json", "application/xml", MEDIA_TYPE]


def lambda_handler(
    app: ASGIApp, settings: Settings, *, service: str
) -> Callable[[dict[str, Any], LambdaContext], Mapping[str, Any]]:
    """Return the handler that AWS Lambda calls with events of an HTTP API (payload format 2.0).

    Its log is JSON with the request's id; events are never logged, they hold keys and phone numbers.
    """
    logger = json_logger(settings, service)
    meter = Meter(namespace=settings.metrics_namespace, service=service)
    to_asgi = Mangum(MeasuredApp(app, meter), lifespan="off", text_mime_types=_TEXT_TYPES)

    @logger.inject_lambda_context(
        correlation_id_path=correlation_paths.API_GATEWAY_HTTP, log_event=False, clear_state=True
    )
    def handler(event: dict[str, Any], context: LambdaContext) -> Mapping[str, Any]:
        # Powertools and Mangum each describe the same context object of the runtime.
        return answer_event(lambda readable: to_asgi(readable, cast(MangumContext, context)), event)

    return handler
