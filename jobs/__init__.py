"""The work: API keys, photo sets, jobs, checkpoints and generated images."""
