"""What the Lambda entrypoints share: reading the environment, opening the store, and the way from an event to ASGI."""

import os
from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import Any, cast

from aws_lambda_powertools import Logger
from aws_lambda_powertools.logging import correlation_paths, utils
from aws_lambda_powertools.utilities.typing import LambdaContext
from fastapi import FastAPI
from mangum import Mangum
from mangum.types import LambdaContext as MangumContext

from functions.http.errors import MEDIA_TYPE
from functions.http.gateway import answer_event
from functions.http.measuring import MeasuredApp, measured_event
from functions.http.messages import QueueHandler
from offhook.adapters.dynamodb.store import Store, connect
from offhook.adapters.sqs.queue import SqsQueue
from offhook.clock import system_clock
from offhook.errors import NotConfiguredError, StorageError
from offhook.library_logs import quieten_libraries
from offhook.runs.ending.ender import RunEnder
from offhook.settings import Settings

LambdaHandler = Callable[[dict[str, Any], LambdaContext], Mapping[str, Any]]

_TEXT_TYPES = ["text/", "application/json", "application/xml", MEDIA_TYPE]


def read_settings() -> Settings:
    """Read the settings from the environment; raise NotConfiguredError for what no function can do without."""
    # Before the first of them does anything.
    quieten_libraries()
    settings = Settings.from_env(os.environ)
    for name in ("public_base_url", "install_secret"):
        if not getattr(settings, name):
            raise NotConfiguredError(f"OFFHOOK_{name.upper()} is not set.")
    return settings


def open_store(settings: Settings) -> Store:
    """Open the store, with its connection made now rather than within the first request."""
    store = connect(settings)
    # A database that is away for a moment must not keep the function from starting.
    with suppress(StorageError):
        store.warm()
    return store


def make_ender(settings: Settings, store: Store) -> RunEnder:
    """Return what ends runs."""
    return RunEnder(
        runs=store.runs,
        ledgers=store.ledgers,
        aftercalls=SqsQueue(settings.aftercall_queue_url),
        clock=system_clock,
    )


def queue_handler(handle: QueueHandler, settings: Settings, *, service: str) -> LambdaHandler:
    """Return the handler that AWS Lambda calls with messages of a queue, or on a schedule."""
    logger = _json_logger(settings, service)
    measured = measured_event(handle, service)

    @logger.inject_lambda_context(log_event=False, clear_state=True)
    def handler(event: dict[str, Any], context: LambdaContext) -> Mapping[str, Any]:
        return measured(event, context)

    return handler


def lambda_handler(app: FastAPI, settings: Settings, *, service: str) -> LambdaHandler:
    """Return the handler that AWS Lambda calls with events of an HTTP API (payload format 2.0).

    Its log is JSON with the request's id; events are never logged, they hold keys and phone numbers.
    """
    logger = _json_logger(settings, service)
    to_asgi = Mangum(MeasuredApp(app, service), lifespan="off", text_mime_types=_TEXT_TYPES)

    @logger.inject_lambda_context(
        correlation_id_path=correlation_paths.API_GATEWAY_HTTP, log_event=False, clear_state=True
    )
    def handler(event: dict[str, Any], context: LambdaContext) -> Mapping[str, Any]:
        # Powertools and Mangum each describe the same context object of the runtime.
        return answer_event(lambda readable: to_asgi(readable, cast(MangumContext, context)), event)

    return handler


def _json_logger(settings: Settings, service: str) -> Logger:
    quieten_libraries()
    logger = Logger(service=service, level=settings.log_level, log_uncaught_exceptions=False)
    utils.copy_config_to_registered_loggers(source_logger=logger, include={"offhook"})
    return logger
