"""What the services refuse, each with the type and status that their SDKs know."""


class RefusalError(Exception):
    """An answer of the service: `name` is AWS's name of it, `status` that of HTTP."""

    def __init__(self, name: str, sentence: str, *, status: int = 400) -> None:
        super().__init__(sentence)
        self.name = name
        self.status = status


def bad_request(sentence: str) -> RefusalError:
    return RefusalError("BadRequestException", sentence)


def bad_signature() -> RefusalError:
    return RefusalError(
        "InvalidSignatureException",
        "The request signature we calculated does not match the signature you provided. "
        "Check your AWS Secret Access Key and signing method.",
        status=403,
    )
