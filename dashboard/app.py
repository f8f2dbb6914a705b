"""What ``panel serve dashboard/app.py --args STUDY...`` runs; `tailscope serve STUDY` is simpler."""

import sys

from tailscope_dashboard.serve import app

app(sys.argv[1:])
