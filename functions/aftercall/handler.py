"""Entrypoint of the aftercall function on AWS Lambda."""

from functions.cold_start import cold_start

with cold_start():
    from functions.aftercall.app import create_handler
    from functions.aftercall.services import make_services
    from functions.events.wiring import lambda_handler
    from offhook.aws import AwsPorts

    ports = AwsPorts.from_env()
    handler = lambda_handler(create_handler(make_services(ports)), ports.settings, service="aftercall")
