"""Entrypoint of the docs function on AWS Lambda."""

import os

from functions.cold_start import cold_start

with cold_start(has_models=False):
    from functions.docs.app import create_app
    from functions.http.wiring import lambda_handler
    from offhook.settings import Settings

    handler = lambda_handler(create_app(), Settings.from_env(os.environ), service="docs")
