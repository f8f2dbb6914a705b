"""Numbers in bins: edges, codes, histograms, and the index that answers any selection."""
