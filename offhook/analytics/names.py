"""The names of counters as they are stored: who counts and who reads agree on them, for as long as counters are kept."""

STATUS, DIRECTION, DISPOSITION = "status#", "direction#", "disposition#"
"""What the names begin with of how many runs ended so, of how many of each direction, and of how many dispositions."""
OTHERS = "*"
"""The name of dispositions that are counted, or shown, together: those beyond the many that have a name of their own."""
DIALLED, ANSWERED, PERSON, MACHINE = "dialled", "answered", "person", "machine"
CALLS, CALL_MS = "calls", "call_ms"
HELD_MS = "held_ms"
"""For how long runs held places."""
COST_PARTS = ("total_usd", "stt_usd", "llm_usd", "tts_usd", "infrastructure_usd", "other_usd")
UNPRICED = "unpriced"
LIVE = "live#"

_MOST_CHARACTERS = 100


def disposition(of: str) -> str:
    """Name a disposition, which may be any text."""
    return f"{DISPOSITION}{of[:_MOST_CHARACTERS]}"


def cost(part: str) -> str:
    """Name a part of the cost, which is counted in millionths of a USD."""
    return f"micro_{part}"


def live(minute: int) -> str:
    """Name by how many more calls are live at this minute of the hour than at the one before."""
    return f"{LIVE}{minute:02d}"


def waits(stage: str) -> str:
    """Return what the names of a stage's buckets begin with: short, for they are many, and no two stages begin alike."""
    return stage[0]
