"""What named refuses although each statement is right by itself: one module for each family of its own checks."""
