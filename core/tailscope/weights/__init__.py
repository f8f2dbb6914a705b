"""What weights tell, for a reference and a generated sample whose events have them."""
