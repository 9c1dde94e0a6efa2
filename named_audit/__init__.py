"""named-audit: who can take each zone of a BIND server, on what proof, and who is told of a change."""

__version__ = "0.1.0"
