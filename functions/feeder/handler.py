"""Entrypoint of the feeder on AWS Lambda."""

from functions.cold_start import cold_start

with cold_start():
    from functions.events.wiring import lambda_handler
    from functions.feeder.app import create_handler
    from functions.feeder.services import make_services
    from offhook.aws import AwsPorts

    ports = AwsPorts.from_env()
    handler = lambda_handler(create_handler(make_services(ports)), ports.settings, service="feeder")
