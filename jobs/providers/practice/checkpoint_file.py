"""A practice checkpoint: a valid safetensors file of a few kilobytes that says it is only practice."""

import json
from hashlib import shake_256

from jobs.providers.practice.document import Document

_VALUES = {False: 12 * 1024, True: 3 * 1024}


def checkpoint_file(document: Document, step: int, *, is_lora: bool) -> bytes:
    """The file's bytes, always the same for the same job and step."""
    count = _VALUES[is_lora]
    header = json.dumps(
        {
            "__metadata__": {
                "format": "pt",
                "practice": "yes",
                "note": "Made by the Likeness practice provider. It holds no model.",
                "base_model": document.base_model,
                "model_type": document.model_type,
                "step": str(step),
                "kind": "lora" if is_lora else "checkpoint",
            },
            "practice.values": {"dtype": "U8", "shape": [count], "data_offsets": [0, count]},
        }
    ).encode()
    header += b" " * (-len(header) % 8)
    values = shake_256(f"{document.id} {step} {is_lora}".encode()).digest(count)
    return len(header).to_bytes(8, "little") + header + values
