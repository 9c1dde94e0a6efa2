"""findings -> text: rendering corrections, graded edits, writing them."""
