"""What Lambda and the streamer's tasks run: the locked packages and our sources, by uv, without Docker."""

from infra.bundles.bundle import Bundle, functions_bundle, streamer_bundle
from infra.bundles.installing import UvError
from infra.bundles.target import AWS, Target

__all__ = ["AWS", "Bundle", "Target", "UvError", "functions_bundle", "streamer_bundle"]
