"""Names and words in sentences: not longer than a line, and no secret cut in two."""

from __future__ import annotations


def shorten(text: str, most: int = 80) -> str:
    """The beginning of a text for a sentence.

    A secret is known by its whole length (what pads base64 is its end), so that it is cut out before the end is.
    What is not cut stays as it is: the reports redact every sentence.
    """
    if len(text) <= most:
        return text
    # Imported here: a clean run says nothing.
    from named_audit.syntax.redact import redact_text

    return redact_text(text)[:most]
