"""The dreamlook adapter, against an emulator that speaks HTTP and against the provider's own samples."""
