"""Which settings each room reads, and so is given: a function's variables show what it has to do with."""

from collections.abc import Mapping
from typing import TYPE_CHECKING

from infra.config import Configuration
from offhook.settings import Settings

if TYPE_CHECKING:
    from infra.data import Data
    from infra.queues import Queues

_STORE = ("config_table", "runs_table", "events_table")
_EVERY_ROOM = ("public_base_url", "install_secret_id", "log_level", "metrics_namespace", *_STORE)
_CARRIER = ("kms_key_id", "cloudonix_url")
_MODELS = ("models", "bedrock_model", "bedrock_second_region", "llm_model")
_ENGINES = ("recognisers", "synthesisers", *_MODELS)
_ASKING = ("bedrock_region", "llm_url", "llm_api_key_id")
_MEDIA = ("media_bucket", "price_list")

READS: Mapping[str, tuple[str, ...]] = {
    "trigger": (
        *_EVERY_ROOM,
        *_CARRIER,
        "allowed_networks",
        "dial_queue_url",
        "aftercall_queue_url",
    ),
    "runs": (*_EVERY_ROOM, *_CARRIER, *_MEDIA, "aftercall_queue_url"),
    "agents": (*_EVERY_ROOM, *_ENGINES),
    "api_keys": _EVERY_ROOM,
    "organization": (*_EVERY_ROOM, "kms_key_id", "allowed_networks", "media_bucket"),
    "sessions": (*_EVERY_ROOM, *_CARRIER, "aftercall_queue_url"),
    "analytics": _EVERY_ROOM,
    "campaigns": (*_EVERY_ROOM, "allowed_networks", "campaign_queue_url", "media_bucket"),
    "telephony": (*_EVERY_ROOM, *_CARRIER, *_MEDIA, "infrastructure", "aftercall_queue_url"),
    "docs": ("log_level", "metrics_namespace"),
    "dialer": (*_EVERY_ROOM, *_CARRIER, "dial_queue_url", "aftercall_queue_url"),
    "aftercall": (
        *_EVERY_ROOM,
        *_MEDIA,
        "kms_key_id",
        "allowed_networks",
        "aftercall_queue_url",
        "campaign_queue_url",
        *_ENGINES,
        *_ASKING,
        "max_calls",
    ),
    "feeder": (
        *_EVERY_ROOM,
        "allowed_networks",
        "dial_queue_url",
        "aftercall_queue_url",
        "campaign_queue_url",
        "media_bucket",
    ),
    "reaper": (*_EVERY_ROOM, *_CARRIER, *_MEDIA, "infrastructure", "dial_queue_url", "aftercall_queue_url"),
    "streamer": (
        *_EVERY_ROOM,
        *_CARRIER,
        *_MEDIA,
        *_ENGINES,
        *_ASKING,
        "allowed_networks",
        "infrastructure",
        "aftercall_queue_url",
        "transcribe_url",
        "transcribe_transport",
        "transcribe_ca_file",
        "polly_quotas",
        "embeddings_model",
        "max_calls",
        "trusted_proxies",
        "drain_seconds",
        "session_place_seconds",
    ),
}
"""The settings of each room, those included whose defaults are right on AWS."""


def install_settings(*, config: Configuration, data: "Data", queues: "Queues", base_url: str) -> Settings:
    """Return the settings of the whole install."""
    return config.settings(
        public_base_url=base_url,
        install_secret_id=data.secret.secret_arn,
        config_table=data.config_table.table_name,
        runs_table=data.runs_table.table_name,
        events_table=data.events_table.table_name,
        media_bucket=data.media.bucket_name,
        kms_key_id=data.key.key_arn,
        dial_queue_url=queues.dials.queue.queue_url,
        aftercall_queue_url=queues.aftercalls.queue.queue_url,
        campaign_queue_url=queues.campaigns.queue.queue_url,
    )


def room_settings(room: str, settings: Settings) -> Settings:
    """Return what of them a room reads; all else is left at its default, and so is not written."""
    return Settings(**{name: getattr(settings, name) for name in READS[room]})
