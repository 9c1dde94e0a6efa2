"""findings -> output: text, json, sarif, github; pure functions, no I/O."""
