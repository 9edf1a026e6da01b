"""The language models of an install: whether its own can be asked by this account, and which others could."""

from collections.abc import Iterator
from typing import Any

from local.doctor.clients import Clients
from local.doctor.finding import Finding, ill, well
from local.doctor.looking import UnwellError, looking
from offhook.agents.engines import BEDROCK
from offhook.settings import Settings

_SUBJECT = "model"
_MOST_NAMED = 12
_ACCESS = "ask for access to it in the console (Bedrock, Model access), or name another with bedrock_model"
# What GetFoundationModelAvailability says of a model that can be asked.
_AVAILABLE = {
    "agreementAvailability": "AVAILABLE",
    "authorizationStatus": "AUTHORIZED",
    "entitlementAvailability": "AVAILABLE",
    "regionAvailability": "AVAILABLE",
}


def look_at_models(clients: Clients, settings: Settings) -> Iterator[Finding]:
    """Look at Bedrock in each of its regions, where the install has it; nothing is asked of a model, which would cost."""
    if BEDROCK not in settings.models.split(","):
        return
    for region in dict.fromkeys(
        (settings.bedrock_region or clients.region or "", settings.bedrock_second_region)
    ):
        if region:
            try:
                yield from _look(clients.of(BEDROCK, region), region, settings.bedrock_model)
            except UnwellError as error:
                yield ill(_SUBJECT, f"Bedrock in {region}: {error.detail}")


def _look(bedrock: Any, region: str, model: str) -> Iterator[Finding]:
    models, profiles = _models(bedrock), _profiles(bedrock)
    others = [each for each in (*profiles, *models) if each != model]
    named = f"{', '.join(others[:_MOST_NAMED])}{' and more' if len(others) > _MOST_NAMED else ''}"
    if not model:
        yield well(_SUBJECT, f"agents name their own; {region} has {named}")
    elif model not in models and model not in profiles:
        yield ill(_SUBJECT, f"{region} has no {model}: name another with bedrock_model, such as {named}")
    elif missing := _missing(bedrock, profiles.get(model, model)):
        yield ill(_SUBJECT, f"the account may not use {model} in {region} ({', '.join(missing)}): {_ACCESS}")
    else:
        yield well(_SUBJECT, f"{model} can be asked in {region}, which also has {named}")


def _models(bedrock: Any) -> list[str]:
    """Return the models that write, and as they write."""
    with looking():
        found = bedrock.list_foundation_models(byOutputModality="TEXT", byInferenceType="ON_DEMAND")
    return [
        each["modelId"] for each in found["modelSummaries"] if each.get("responseStreamingSupported", False)
    ]


def _profiles(bedrock: Any) -> dict[str, str]:
    """Return the profiles that are active by their ids and ARNs, each with a model behind it."""
    with looking():
        pages = list(bedrock.get_paginator("list_inference_profiles").paginate())
    active = [
        each for page in pages for each in page["inferenceProfileSummaries"] if each["status"] == "ACTIVE"
    ]
    behind = {each["inferenceProfileId"]: _behind(each) for each in active}
    return behind | {
        each["inferenceProfileArn"]: _behind(each) for each in active if each["type"] == "APPLICATION"
    }


def _behind(profile: dict[str, Any]) -> str:
    models = profile.get("models", ())
    return str(models[0]["modelArn"]).rpartition("/")[2] if models else str(profile["inferenceProfileId"])


def _missing(bedrock: Any, model: str) -> list[str]:
    """Return what the account lacks for a model, in the words of the service."""
    with looking():
        found = bedrock.get_foundation_model_availability(modelId=model)
    told = {**found, "agreementAvailability": found["agreementAvailability"]["status"]}
    return [name for name, good in _AVAILABLE.items() if told.get(name) != good]
