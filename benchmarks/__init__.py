"""What a run costs on this machine, and what the same work costs elsewhere."""
