"""What of a text is for the ear: without the marks that are for the eye, which engines read aloud."""

import html
import re

# Each alternative is bounded or a single class, so that hostile text costs linear time.
_BLOCKS = re.compile(r"<(script|style)\b[^<>]{0,200}>[^<]{0,2000}</\1\s*>", re.IGNORECASE)
_ATTRIBUTE = r"""\s{1,20}[\w:.-]{1,40}\s?=\s?(?:"[^"<>]{0,300}"|'[^'<>]{0,300}'|[^\s"'<>]{1,100})"""
# An inequality is no tag: "a<b and c>d".
_TAGS = re.compile(
    rf"<[/!?]?[A-Za-z][\w:-]{{0,40}}(?:{_ATTRIBUTE}){{0,20}}\s{{0,5}}/?>|<!--[^<>]{{0,500}}-->"
)
_LINKS = re.compile(r"!?\[([^\[\]]{0,500})\]\([^()\s]{0,1000}(?:\s[^()]{0,200})?\)")
# The items of a list are sentences of their own.
_ITEMS = re.compile(r"(?<![.!?:;,\n])[ \t]{0,8}\n[ \t]{0,8}[-*+\u2022][ \t]+")
_LINE_STARTS = re.compile(r"^[ \t]{0,8}(?:#{1,6}[ \t]+|>[ \t]?|[-*+\u2022][ \t]+)+", re.MULTILINE)
_RULES = re.compile(r"^[ \t|:=*_-]{3,200}$|^[ \t]{0,8}```[^\n]{0,50}$", re.MULTILINE)
# Emphasis hugs its words; "2 * 3" and snake_case are left alone.
_STARS = re.compile(r"\*{1,3}(?=\S)|(?<=\S)\*{1,3}|~~|`+")
_UNDERSCORES = re.compile(r"(?<![^\W_])_{1,3}(?=[^\W_])|(?<=[^\W_])_{1,3}(?![^\W_])|(?<=[.!?,])_{1,3}(?!\w)")
_CELLS = re.compile(r"[ \t]{0,8}\|[ \t]{0,8}")
# Pictures and what joins or colours them: emoji, dingbats, arrows and boxes, flags, variation selectors, joiners.
_PICTURES = re.compile(
    "[\u2190-\u21ff\u2300-\u23ff\u2460-\u24ff\u2500-\u27bf\u2900-\u297f\u2b00-\u2bff\u3030\u303d\u3297\u3299"
    "\ufe00-\ufe0f\u20e3\u200d\U0001f000-\U0001faff\U000e0020-\U000e007f]+"
)
_CONTROLS = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u200b\u200e\u200f\u2028-\u202e\u2060-\u2064\ufeff]")
# Where a mark or a picture stood.
_BEFORE_POINTS = re.compile(r"(?<=\w) (?=[.,;:!?](?:\s|$))")
_WORD = re.compile(r"\w")
_SPACES = re.compile(r"[ \t\u00a0]+")


def speakable(text: str) -> str:
    """Return the words of a text: no markdown, HTML or SSML, no emoji, no control characters; links by their text."""
    if text.isascii() and not _MAY_HOLD_MARKS.search(text):
        return _SPACES.sub(" ", text).strip()
    text = html.unescape(text)
    text = _TAGS.sub(" ", _BLOCKS.sub(" ", text))
    text = _CONTROLS.sub(" ", text)
    text = _RULES.sub("", _LINKS.sub(r"\1", text))
    text = _LINE_STARTS.sub("", _ITEMS.sub(". ", text))
    text = _UNDERSCORES.sub("", _STARS.sub("", text))
    text = _SPACES.sub(" ", _PICTURES.sub(" ", _CELLS.sub(", ", text)))
    return _BEFORE_POINTS.sub("", text.replace(" \n", "\n")).strip() if _WORD.search(text) else ""


_MAY_HOLD_MARKS = re.compile(r"[<>&*_`~#|\[\]\x00-\x08\x0b-\x1f\x7f]|^[ \t]*[-+] ", re.MULTILINE)
