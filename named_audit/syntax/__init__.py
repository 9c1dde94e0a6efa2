"""text -> tree: files, includes, spans, lexing and parsing, edits that keep every other byte."""
