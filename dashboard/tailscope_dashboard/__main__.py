"""``python -m tailscope_dashboard`` is the `tailscope` command."""

from .start import main

main()
