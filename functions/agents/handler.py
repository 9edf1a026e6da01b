"""Entrypoint of the agents function on AWS Lambda."""

from functions.cold_start import cold_start

with cold_start():
    from functions.agents.app import routers
    from functions.http.app import create_app
    from functions.http.wiring import lambda_handler
    from offhook.aws import AwsPorts

    ports = AwsPorts.from_env()
    handler = lambda_handler(create_app(routers(ports)), ports.settings, service="agents")
