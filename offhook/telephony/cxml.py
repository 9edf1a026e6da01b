"""The CXML documents that tell the carrier what to do with a call."""

from xml.etree import ElementTree as ET

CONTENT_TYPE = "application/xml"


def connect_stream(name: str, url: str, redirect_url: str) -> str:
    """Write: open the media stream at `url`, and when it ends ask `redirect_url` how to go on.

    The carrier does not open a second stream of the same name, so each stream of a run needs its own.
    """
    response = ET.Element("Response")
    connect = ET.SubElement(response, "Connect")
    ET.SubElement(connect, "Stream", {"name": name, "url": url})
    redirect = ET.SubElement(response, "Redirect", {"method": "POST"})
    redirect.text = redirect_url
    return _document(response)


def hang_up() -> str:
    """Write: end the call."""
    response = ET.Element("Response")
    ET.SubElement(response, "Hangup")
    return _document(response)


def say_and_hang_up(sentence: str) -> str:
    """Write: say this to the caller, then end the call."""
    response = ET.Element("Response")
    ET.SubElement(response, "Say").text = sentence
    ET.SubElement(response, "Hangup")
    return _document(response)


def _document(root: ET.Element) -> str:
    return '<?xml version="1.0" encoding="UTF-8"?>' + ET.tostring(root, encoding="unicode")
