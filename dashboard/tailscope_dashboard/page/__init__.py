"""How the views are laid out on a page, and the page in a notebook."""
