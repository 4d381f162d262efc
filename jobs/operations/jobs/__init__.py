"""A job's life: its states, how it is sent, asked after and called back about, and what people do with it."""
