"""The day of the audit: between the begin of the certificates and the end of the short one."""

TODAY = "2026-12-20"
