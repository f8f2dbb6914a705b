"""Views: one file each. A view builds its content once, and brings it up to date while it is seen."""
