"""``python -m tailscope_dashboard`` is the `tailscope` command."""

from .cli import main

main()
