"""Several studies of one reference side by side; whether a tail grew."""
