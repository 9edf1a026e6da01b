"""The options with which the stack is checked and tested; known without the CDK, which takes seconds to import."""

from collections.abc import Mapping

_NAMED = {"domain": "voice.example.com", "zone_id": "Z0123456789ABCDEFGHIJ", "zone_name": "example.com"}
# Together they make every kind of resource that there can be.
VARIANTS: Mapping[str, Mapping[str, object]] = {
    "default": {},
    "everything": {
        **_NAMED,
        "waf": True,
        "alarm_email": "alarms@example.com",
        "media_kms": True,
        "retention_days": 30,
        "models": "bedrock,openai,embedded",
        "bedrock_model": "us.amazon.nova-lite-v1:0",
        "bedrock_models": "amazon.nova-pro-v1:0",
        "bedrock_guardrails": "abc123",
        "bedrock_second_region": "us-west-2",
        "embeddings_model": "amazon.titan-embed-text-v2:0",
        "llm_url": "https://llm.example.com/v1",
        "llm_api_key_id": "arn:aws:secretsmanager:us-east-1:123456789012:secret:llm-key-AbCdEf",
    },
    "elsewhere": {
        **_NAMED,
        "waf": True,
        "stack_name": "Voice",
        "region": "eu-central-1",
        "availability_zones": "eu-central-1a,eu-central-1c",
        "edge": "public-alb",
        "image": "123456789012.dkr.ecr.eu-central-1.amazonaws.com/voice/streamer:1.2",
        "max_calls": 120,
    },
}
# Bundles take a minute, and no check looks into them.
WITHOUT_BUNDLES: Mapping[str, object] = {"aws:cdk:bundling-stacks": []}
