"""An order on its way out, once and only once, and whatever comes back to its address."""
