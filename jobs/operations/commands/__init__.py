"""What people ask of a job: order it, stop it, look again, settle what nobody knows, put it away."""
