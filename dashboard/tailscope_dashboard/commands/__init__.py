"""The commands of `tailscope`, one a file."""
