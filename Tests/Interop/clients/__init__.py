"""The vendors' clients and the people who use them, a wire that listens, and the Xet formats by
hand. Servers, contents and our own HTTP API come from the kit of the end-to-end tests."""
