"""Single events: where their arrays are, which to look at, what is most like them."""
