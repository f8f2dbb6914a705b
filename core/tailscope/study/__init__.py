"""`Study`, the face of all that is known of a pair: its file, summary, notes and exports."""
