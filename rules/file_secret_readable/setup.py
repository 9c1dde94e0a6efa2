"""Who may read the files of the examples."""

STATES = {
    "extra/keys/open.key": "0644 root bind",
    "extra/keys/group.key": "0640 root staff",
    "extra/keys/tls.key": "0604 root root",
    "extra/keys/private.key~": "0644 root bind",
    "extra/shut/": "0750 root bind",
    "extra/shut/shut.key": "0644 root bind",
    "main.conf": "0644 root bind",
}
