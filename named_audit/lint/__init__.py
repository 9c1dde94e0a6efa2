"""answers -> findings: the rule contract, the rule book, running, ignores."""
