"""The adapters on AWS's services, chosen by the settings. Each is imported when it is made: no room carries all of them."""

from __future__ import annotations

import os
from contextlib import ExitStack, suppress
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Self

from offhook.adapters.dynamodb.store import Store, connect
from offhook.clock import Clock, system_clock
from offhook.errors import NotConfiguredError, StorageError
from offhook.library_logs import quieten_libraries
from offhook.ports import Ports
from offhook.settings import Settings
from offhook.signing import InstallSecret

if TYPE_CHECKING:
    from offhook.campaigns.exports import ExportFiles
    from offhook.campaigns.ports import CampaignQueue, ContactFiles
    from offhook.knowledge.ports import Embedder
    from offhook.models.ports import Models
    from offhook.runs.carrier.dialect import Dialects
    from offhook.runs.ending.prices import PriceList
    from offhook.runs.ports import Courier, MediaStore
    from offhook.runs.queues import WorkQueue
    from offhook.telephony.ports import Carrier, SecretBox


class AwsPorts(Ports):
    """The ports on AWS; the SDK's own variables say where that is. `close` closes what was opened for good."""

    def __init__(self, settings: Settings, *, clock: Clock = system_clock) -> None:
        super().__init__(settings, clock=clock)
        self._opened = ExitStack()

    @classmethod
    def from_env(cls) -> Self:
        """Make the ports of a function, with the connection to the store opened now rather than by its first request.

        Raises NotConfiguredError for what no function can do without.
        """
        # Before the first of them does anything.
        quieten_libraries()
        settings = Settings.from_env(os.environ)
        if not settings.public_base_url:
            raise NotConfiguredError("OFFHOOK_PUBLIC_BASE_URL is not set.")
        ports = cls(settings)
        ports.check_install_secret()
        # A database that is away for a moment must not keep the function from starting.
        with suppress(StorageError):
            ports.store.warm()
        return ports

    def close(self) -> None:
        """Close what these ports have opened; a function never does, it is frozen and ended."""
        self._opened.close()

    @cached_property
    def store(self) -> Store:
        return connect(self.settings, clock=self.clock)

    @cached_property
    def install_secret(self) -> InstallSecret:
        if not self.settings.install_secret_id:
            return InstallSecret(current=self.settings.install_secret)
        from offhook.adapters.secrets_manager.install_secret import read_install_secret

        return read_install_secret(self.settings.install_secret_id)

    @cached_property
    def media(self) -> MediaStore:
        from offhook.adapters.s3.media import S3Media

        return S3Media(self.settings.media_bucket)

    @cached_property
    def export_files(self) -> ExportFiles:
        from offhook.adapters.s3.export_files import S3ExportFiles

        return S3ExportFiles(self.settings.media_bucket)

    @cached_property
    def secret_box(self) -> SecretBox:
        from offhook.adapters.kms.secret_box import KmsSecretBox

        return KmsSecretBox(self.settings.kms_key_id)

    @cached_property
    def carrier(self) -> Carrier:
        from offhook.adapters.carriers.paced import CHECK_PATIENCE_S

        return self._paced_carrier(patience_s=CHECK_PATIENCE_S)

    @cached_property
    def impatient_carrier(self) -> Carrier:
        return self._paced_carrier(paces_dials=True)

    @cached_property
    def dialects(self) -> Dialects:
        from offhook.adapters.carriers.by_provider import dialects

        return dialects()

    @cached_property
    def dials(self) -> WorkQueue:
        return self._queue(self.settings.dial_queue_url)

    @cached_property
    def aftercalls(self) -> WorkQueue:
        return self._queue(self.settings.aftercall_queue_url)

    @cached_property
    def campaign_queue(self) -> CampaignQueue:
        from offhook.adapters.sqs.queue import SqsCampaignQueue

        return SqsCampaignQueue(self.settings.campaign_queue_url)

    @cached_property
    def contact_files(self) -> ContactFiles:
        from offhook.adapters.s3.contact_files import S3ContactFiles

        return S3ContactFiles(self.settings.media_bucket)

    @cached_property
    def courier(self) -> Courier:
        from offhook.adapters.http.courier import LateCourier

        return LateCourier(self.addresses)

    @cached_property
    def embedder(self) -> Embedder | None:
        if not self.settings.embeddings_model:
            return None
        from offhook.adapters.bedrock.embeddings import BedrockEmbeddings

        return BedrockEmbeddings(self.settings.embeddings_model, region=self.settings.bedrock_region)

    @cached_property
    def prices(self) -> PriceList:
        from offhook.runs.ending.prices import built_in_prices, parse_prices

        own = self.settings.price_list
        return parse_prices(Path(own).read_text()) if own else built_in_prices()

    @cached_property
    def models(self) -> Models:
        from offhook.adapters.models.by_engine import InstalledModels

        return InstalledModels(self.settings, self.offered, api_key=self._llm_api_key)

    @property
    def _llm_api_key(self) -> str:
        if not self.settings.llm_api_key_id:
            return self.settings.llm_api_key
        from offhook.adapters.secrets_manager.plain_secret import read_plain_secret

        return read_plain_secret(self.settings.llm_api_key_id, "OFFHOOK_LLM_API_KEY_ID")

    def _paced_carrier(self, *, patience_s: float = 0, paces_dials: bool = False) -> Carrier:
        from offhook.adapters.carriers.by_provider import connect
        from offhook.adapters.carriers.paced import PacedCarrier

        carriers = connect(self.settings)
        self._opened.callback(carriers.close)
        return PacedCarrier(
            carriers, self.store.pace, clock=self.clock, patience_s=patience_s, paces_dials=paces_dials
        )

    def _queue(self, url: str) -> WorkQueue:
        from offhook.adapters.sqs.queue import SqsQueue

        return SqsQueue(url)
