"""What takes minutes and outlives a page: a process of its own, which all pages of a study follow."""
