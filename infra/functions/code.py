"""The one asset that all functions run."""

from aws_cdk import AssetHashType, Stack
from aws_cdk import aws_lambda as lambda_
from constructs import Construct

from infra.bundles import functions_bundle
from infra.bundles.bundle import PROJECT


def functions_code(scope: Construct) -> lambda_.Code:
    """Return the bundle; where the CLI says that no bundles are needed, the sources in its place."""
    if not Stack.of(scope).bundling_required:
        return lambda_.Code.from_asset(str(PROJECT / "functions"), exclude=["**/__pycache__"])
    bundle = functions_bundle()
    # What went in, for what comes out is the same.
    return lambda_.Code.from_asset(
        str(bundle.archive), asset_hash=bundle.digest, asset_hash_type=AssetHashType.CUSTOM
    )
