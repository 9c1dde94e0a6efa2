"""What a configuration has to say about a line of named's log: the statement that decided it, and what to write instead."""
