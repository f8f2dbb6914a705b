"""Colours, ticks and styles: what every picture of the house has in common."""
