"""A real server, a real client and a wire that can be cut: what the end-to-end, crash and
benchmark programs share. Nothing here knows how the product works inside."""
