"""The one asset that all functions run."""

from aws_cdk import Annotations, AssetHashType, Stack
from aws_cdk import aws_lambda as lambda_
from constructs import Construct

from infra.bundles import AWS, functions_bundle
from infra.bundles.bundle import PROJECT


def functions_code(scope: Construct) -> lambda_.Code:
    """Return the bundle; where the CLI says that no bundles are needed, the sources in its place."""
    if not Stack.of(scope).bundling_required:
        return lambda_.Code.from_asset(str(PROJECT / "functions"), exclude=["**/__pycache__"])
    bundle = functions_bundle()
    if not bundle.is_compiled:
        Annotations.of(scope).add_warning_v2(
            "offhook:not-compiled",
            f"There is no Python {AWS.python} here to compile the functions with, and so each of their starts takes 2.4 "
            f"times as long. Install one, put it on the PATH, and deploy again.",
        )
    # What went in, for what comes out is the same.
    return lambda_.Code.from_asset(
        str(bundle.archive), asset_hash=bundle.digest, asset_hash_type=AssetHashType.CUSTOM
    )
