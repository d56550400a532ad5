"""Which of the two sets of clients this run is for."""

import importlib.metadata

import pytest

CLIENT = tuple(int(part) for part in importlib.metadata.version("huggingface_hub").split(".")[:2])

#: From 1.20 on large files always go by Xet; before, the server chooses.
newest = pytest.mark.skipif(CLIENT < (2, 0), reason="only the newest client does this")
oldest = pytest.mark.skipif(CLIENT >= (2, 0), reason="only the oldest client does this")
