"""tree -> validity: the statement catalogue and the argument shapes it knows."""
