"""What a picture may be, and what the child process may use to find out."""

MAX_SIDE = 32_768
MAX_PIXELS = 250_000_000
"""No picture has more, whatever its format: the largest phone cameras make 200 million."""
MAX_DECODED_PIXELS = 51_000_000
"""Pixels held in memory at once; a JPEG can be decoded to a half, a quarter or an eighth of its size."""
MIN_PHOTO_SIDE = 64
"""Below this there is nothing to train on."""

TRAINED_SIDE = 1024
"""The most that providers train at; a part that has fewer pixels is cut out of the original where that has more."""
PREPARED_SHORT_SIDE = 1536
"""Half as much again, so that most crops still have enough."""
PREPARED_LONG_SIDE = 4096
THUMBNAIL_SIDE = 512

CHILD_MEMORY_BYTES = 440 << 20
"""Private memory; with the libraries it maps, the child stays below 512 MiB."""
CHILD_ADDRESS_BYTES = 2 << 30
CHILD_CPU_SECONDS = 9
CHILD_WALL_SECONDS = 60.0
"""Only for a child that is stuck: on a busy machine CPU time is the fair measure."""
MAX_ANSWER_BYTES = 160 << 20
