"""What is kept on disk: the cache, files written whole or not at all, checksums, scratch space."""
