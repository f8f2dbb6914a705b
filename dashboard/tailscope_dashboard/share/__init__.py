"""The static page: one self-contained file with the live wall, for people who install nothing."""

from .page import page_of, resolution_of, write_page

__all__ = ["page_of", "resolution_of", "write_page"]
