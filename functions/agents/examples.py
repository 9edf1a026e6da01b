"""One agent, as the published document shows it."""

from typing import Any

DEFINITION: dict[str, Any] = {
    "nodes": [
        {
            "id": "greeting",
            "type": "startCall",
            "data": {
                "name": "Greeting",
                "say": "Hello {{customer_name | there}}. Can you come on {{appointment_day}}?",
            },
        },
        {
            "id": "goodbye",
            "type": "endCall",
            "data": {"name": "Goodbye", "say": "Thank you. Goodbye.", "disposition": "confirmed"},
        },
        {"id": "api", "type": "trigger", "data": {"name": "API"}},
    ],
    "edges": [
        {
            "id": "yes",
            "source": "greeting",
            "target": "goodbye",
            "data": {
                "label": "Can come",
                "condition": "The caller can come",
                "phrases": ["yes"],
                "dtmf": "1",
            },
        }
    ],
}

_PATH = "8f14e45f-ceea-467f-a8c5-1a2b3c4d5e6f"
_URL = "https://voice.example.net/api/v1/public/agent"

STORED_DEFINITION: dict[str, Any] = {
    **DEFINITION,
    "nodes": [
        *DEFINITION["nodes"][:2],
        {"id": "api", "type": "trigger", "data": {"name": "API", "trigger_path": _PATH}},
    ],
}

_COMMON: dict[str, Any] = {
    "uuid": "4c0f6a8e-0e0b-4a8c-9a51-2b1d3c7a9f10",
    "id": "wf_4c0f6a8e0e0b4a8c9a512b1d3c7a9f10",
    "name": "Appointment reminder",
    "description": "Reminds patients of their appointment.",
    "status": "active",
    "owner_id": "7b1c2d3e-4f50-4617-8293-a4b5c6d7e8f9",
    "shared_with": [],
    "is_public": True,
    "published_version": 2,
    "revision": 5,
    "created_at": "2026-03-02T09:12:00.000Z",
    "updated_at": "2026-03-02T09:30:00.000Z",
}

SUMMARY: dict[str, Any] = {**_COMMON, "draft_version": 3}

AGENT: dict[str, Any] = {
    **_COMMON,
    "draft": {
        "version": 3,
        "workflow_definition": STORED_DEFINITION,
        "settings": {"endpointing_ms": 400},
        "created_at": "2026-03-02T09:30:00.000Z",
    },
    "triggers": [
        {
            "trigger_path": _PATH,
            "production_url": f"{_URL}/{_PATH}",
            "test_url": f"{_URL}/test/{_PATH}",
        }
    ],
}

VERSION: dict[str, Any] = {
    "version": 2,
    "status": "published",
    "created_at": "2026-03-02T09:12:00.000Z",
    "published_at": "2026-03-02T09:20:00.000Z",
    "workflow_definition": STORED_DEFINITION,
    "settings": {"endpointing_ms": 400},
}
