"""From a path to a `Sample`, and what a file holds."""
