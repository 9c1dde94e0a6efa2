"""Who may read the files of the examples."""

STATES = {
    "extra/data/open.db": "0644 bind bind",
    "extra/data/other.db": "0644 bind bind",
    "extra/data/kept.db": "0640 bind bind",
    "extra/data/dynamic.db": "0640 bind bind",
    "extra/data/dynamic.db.jnl": "0644 bind bind",
    "extra/data/": "0755 bind bind",
    "extra/shut/": "0750 root bind",
    "extra/shut/shut.db": "0644 bind bind",
}
