"""A bounded load of embedding requests, which counts what its users saw.

    python3 load.py GATEWAY MODEL --rate 60 --seconds 120 --out FILE [--until FILE]

Sends sentences of different lengths over a few connections that stay open, and stops by itself
after --seconds, or as soon as the file of --until exists. Writes JSON: requests, failures, and
answers by version and by number of dimensions.
"""

import argparse
import collections
import http.client
import json
import os
import threading
import time
import urllib.parse

WORDS = (
    "the old harbour was quiet when a small grey boat came in with the evening tide and its crew "
    "carried nets full of fish along the wet stones towards the market where people were waiting"
).split()


class Load:
    def __init__(self, asked):
        self.asked = asked
        self.place = urllib.parse.urlsplit(asked.gateway)
        self.lock = threading.Lock()
        self.number = 0
        self.began = time.monotonic()
        self.counts = collections.Counter()
        self.versions = collections.Counter()
        self.dimensions = collections.Counter()

    def is_over(self):
        return time.monotonic() - self.began > self.asked.seconds or (self.asked.until and os.path.exists(self.asked.until))

    def next_turn(self):
        """The number of the next request, once its time has come."""
        with self.lock:
            number = self.number
            self.number += 1
        wait = self.began + number / self.asked.rate - time.monotonic()
        if wait > 0:
            time.sleep(wait)
        return number

    def worker(self):
        line = http.client.HTTPConnection(self.place.hostname, self.place.port, timeout=30)
        while not self.is_over():
            number = self.next_turn()
            text = " ".join(WORDS[(number * 7 + i) % len(WORDS)] for i in range(1 + number % 24))
            body = json.dumps({"model": self.asked.model, "input": text})
            try:
                line.request("POST", "/v1/embeddings", body, {"Content-Type": "application/json", "x-session-id": f"user-{number}"})
                answer = line.getresponse()
                content = answer.read()
            except (OSError, http.client.HTTPException):
                line.close()
                self.count(None, None, 0)
                continue
            size = len(json.loads(content)["data"][0]["embedding"]) if answer.status == 200 else 0
            self.count(answer.status, answer.getheader("X-Model-Version"), size)
        line.close()

    def count(self, status, version, dimensions):
        with self.lock:
            self.counts["requests"] += 1
            self.counts[f"status {status}"] += 1
            if status != 200:
                self.counts["failed"] += 1
            else:
                self.versions[version] += 1
                self.dimensions[str(dimensions)] += 1

    def run(self):
        workers = [threading.Thread(target=self.worker) for _ in range(self.asked.connections)]
        for worker in workers:
            worker.start()
        for worker in workers:
            worker.join()
        return {"failed": 0, **self.counts, "versions": dict(self.versions), "dimensions": dict(self.dimensions)}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("gateway")
    parser.add_argument("model")
    parser.add_argument("--rate", type=float, default=60)
    parser.add_argument("--seconds", type=float, default=120)
    parser.add_argument("--connections", type=int, default=8)
    parser.add_argument("--out", required=True)
    parser.add_argument("--until")
    asked = parser.parse_args()
    result = Load(asked).run()
    with open(asked.out, "w") as file:
        json.dump(result, file)


if __name__ == "__main__":
    main()
