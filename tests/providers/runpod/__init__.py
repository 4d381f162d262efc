"""The RunPod adapter, against an emulator that speaks HTTP and against samples of its documentation and worker."""
