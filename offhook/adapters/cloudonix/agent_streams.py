"""Agent Streams of Cloudonix. The parameters of an address are those of the published forms."""

from collections.abc import Mapping

from offhook.adapters.cloudonix.credentials import CREDENTIALS, PROVIDER, normalise_domain
from offhook.errors import InvalidInputError
from offhook.json_types import JsonObject, JsonValue
from offhook.runs.carrier.reports import CallDetails
from offhook.runs.carrier.streams import Parameters, StreamedCall, StreamForm, StreamStart
from offhook.runs.model import Direction
from offhook.telephony.ports import CarrierAccount

_DIALLED_OUT = "outbound-api"


class CloudonixStreams:
    """Implements StreamDialect. The REST id of a call is its session, never its CallSid."""

    title = CREDENTIALS.title

    def read_account(self, form: StreamForm, parameters: Parameters) -> CarrierAccount | str | None:
        """Return the token and the domain that an address brings along, or the domain that it names."""
        domain, token = parameters.get("Domain"), parameters.get("session")
        if form is StreamForm.PROVIDER:
            return None
        if form is StreamForm.ACCOUNT and domain is None:
            raise InvalidInputError("Missing Domain query param", code="domain-missing")
        if domain is not None and (form is StreamForm.ACCOUNT or token is None):
            return normalise_domain(domain)
        for name in ("session", "AccountSid", "CallSid"):
            if name not in parameters:
                raise InvalidInputError(f"Missing {name} query param", code="parameter-missing")
        return CarrierAccount(
            provider=PROVIDER,
            name=normalise_domain(parameters["AccountSid"]),
            secrets={"bearer_token": parameters["session"]},
        )

    def read_call(self, form: StreamForm, parameters: Parameters, start: StreamStart) -> StreamedCall:
        """Return the call; the numbers of the address win, where it has some."""
        call_sid = parameters.get("CallSid")
        session = start.session
        if form is StreamForm.INLINE:
            session = session or call_sid or start.call_sid
        if session is None:
            raise InvalidInputError("Missing stream identifiers", code="session-missing")
        recorded_id = parameters.get("callId") or call_sid
        is_by_start = form is StreamForm.PROVIDER
        return StreamedCall(
            account=normalise_domain(parameters.get("Domain") or start.account_sid),
            call_id=session,
            must_be_confirmed=form is not StreamForm.INLINE,
            details=CallDetails(
                caller_number=parameters.get("from") or start.caller or None,
                called_number=parameters.get("to") or start.called or None,
                given=start.custom_parameters,
                stamps=_stamps(form, parameters, start, recorded_id),
                gathered_context=_ids(start) if is_by_start else _known({"call_id": recorded_id}),
                logs=_logs(form, parameters, start),
            ),
        )


def _stamps(
    form: StreamForm, parameters: Parameters, start: StreamStart, recorded_id: str | None
) -> JsonObject:
    if form is StreamForm.INLINE:
        return _known({"call_id": recorded_id, "account_id": parameters.get("AccountSid")})
    if form is StreamForm.ACCOUNT:
        return {}
    direction = Direction.OUTBOUND if start.context == _DIALLED_OUT else Direction.INBOUND
    return _known({"direction": direction.value, "cloudonix_context": start.context or None})


def _ids(start: StreamStart) -> JsonObject:
    return {
        "call_id": start.session,
        "cloudonix_call_sid": start.call_sid,
        "cloudonix_stream_sid": start.stream_sid,
    }


def _logs(form: StreamForm, parameters: Parameters, start: StreamStart) -> JsonObject:
    if form is StreamForm.INLINE:
        return {}
    if form is StreamForm.ACCOUNT:
        return {"inbound_webhook": {"domain": parameters.get("Domain")}}
    return {
        "inbound_webhook": {
            "domain": normalise_domain(start.account_sid),
            "session": start.session,
            "callSid": start.call_sid,
            "streamSid": start.stream_sid,
            "from": start.caller,
            "to": start.called,
            "context": start.context,
            "tracks": list(start.tracks),
            "mediaFormat": start.media_format,
        }
    }


def _known(document: Mapping[str, JsonValue]) -> JsonObject:
    return {name: value for name, value in document.items() if value is not None}
