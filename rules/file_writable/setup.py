"""Who may write the files of the examples."""

STATES = {
    "extra/open/": "0777 root root",
    "extra/world.conf": "0646 root bind",
    "extra/group/g.conf": "0664 root dnsadmin",
    "extra/named.conf": "0660 root bind",
    "extra/owner.conf": "0644 alice users",
    "extra/own.conf": "0600 bind bind",
    "extra/own.key": "0600 bind bind",
    "extra/sticky/": "1777 root root",
    "extra/shut/": "0750 root bind",
    "extra/shut/world.conf": "0646 root bind",
}
