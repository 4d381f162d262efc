"""What providers may fetch of an order's photos: by which addresses, until when, and whether they can reach us."""
