"""Components that several views share, with their JavaScript."""
