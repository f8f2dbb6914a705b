"""What ``panel serve dashboard/app.py --args STUDY... --events /data/showers`` runs.

`tailscope serve STUDY` is simpler. ``--events`` says where the files of events are now; it can be left
out, and be repeated.
"""

import sys

from tailscope_dashboard.server.serve import app

app(sys.argv[1:])
