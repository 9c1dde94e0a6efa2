"""Time and memory as ratios of programs that are on the same machine; see __main__.py."""
