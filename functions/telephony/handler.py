"""Entrypoint of the telephony function on AWS Lambda."""

from functions.http.wiring import lambda_handler, open_store, read_settings
from functions.telephony.app import create_app
from functions.telephony.services import TelephonyServices
from offhook.clock import system_clock
from offhook.telephony.links import CarrierLinks

settings = read_settings()
store = open_store(settings)
services = TelephonyServices(
    runs=store.runs,
    links=CarrierLinks(settings.public_base_url, settings.install_secret),
    clock=system_clock,
)
handler = lambda_handler(create_app(services), settings, service="telephony")
