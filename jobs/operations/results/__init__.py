"""What a job made, copied here while the provider still has it."""
