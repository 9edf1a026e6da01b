"""By what Cloudonix knows an organization: a domain, and a token that opens it."""

from offhook.telephony.credentials import CredentialFields


def normalise_domain(text: str) -> str:
    """Write a domain in the one form that we store and compare: lower case, no final dots, fully qualified."""
    domain = text.strip().rstrip(".").lower()
    return domain if "." in domain else f"{domain}.cloudonix.net"


PROVIDER = "cloudonix"
CREDENTIALS = CredentialFields(
    provider=PROVIDER,
    title="Cloudonix",
    account="domain_id",
    account_description="The Cloudonix domain; `acme` stands for `acme.cloudonix.net`.",
    account_pattern=r"^[A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?(\.[A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?)*$",
    normalise_account=normalise_domain,
    secrets=("bearer_token",),
    webhook_key="webhook_api_key",
    options=("application_name",),
    example={"bearer_token": "XI-4b7d0c2e9a614f2c", "domain_id": "acme"},
)
