"""The day of the audit, and when key files were changed last."""

TODAY = "2026-06-01"
STATES = {
    "extra/old.key": "0640 root bind 2025-05-30",
    "extra/bound.key": "0640 root bind 2025-05-31",
    "extra/several.key": "0640 root bind 2020-01-01",
    "extra/new.key": "0640 root bind 2025-06-02",
    "extra/mixed.conf": "0640 root bind 2020-01-01",
}
