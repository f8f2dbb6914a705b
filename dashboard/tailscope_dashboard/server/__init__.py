"""The safe launcher: which requests are let in, sessions, signed addresses."""
