"""Random moments: publishers at work, and a server that is killed under them."""

import random
import statistics
import threading
import time

from kit.api import API, digest
from kit.content import bytes_of
from kit.server import NotStarted, Server
from proof import Ledger, prove_store, prove_tidy, prove_whole

PUBLISHERS = 4
PART = 32 << 20
#: A start must be quick, however it ended before; a debug build on a busy machine gets some room.
SLOWEST_START = 5.0


class Publisher(threading.Thread):
    """Publishes small revisions until its server is gone. Notes only what it read a 201 for."""

    def __init__(self, url, token, number, round, seed, ledger, lock):
        super().__init__(daemon=True)
        self.api = API(url, token, timeout=30)
        self.number, self.round, self.ledger, self.lock = number, round, ledger, lock
        self.chance = random.Random(f"{seed} {round} {number}")
        self.new = []
        self.surprise = None

    def run(self):
        try:
            for turn in range(10_000):
                files = {
                    f"{self.chance.choice('abc')}/{i}.bin": self.chance.randbytes(self.chance.choice([0, 10, 5000, 70_000, 400_000]))
                    for i in range(self.chance.randint(1, 5))}
                # Some content is everybody's, so that blobs are shared and raced for.
                files["shared.txt"] = b"shared %d" % self.chance.randint(0, 3)
                if self.chance.random() < 0.5:
                    self.api.put_blobs(files.values()).expect(201)
                else:
                    for data in files.values():
                        self.api.put_blob(data).expect(200, 201)
                repo = f"acme/p{self.number}"
                answer = self.api.commit(repo, files, version=f"{self.round}.{turn}")
                answer.expect(201, 200)
                revision = answer.json["revision"]
                with self.lock:
                    self.ledger.note(revision, files)
                    self.new.append((revision["repo"], revision["commit"]))
        except (OSError, EOFError):
            pass
        except Exception as error:
            # What http.client says of a connection that ends is no surprise either.
            if not type(error).__module__.startswith("http"):
                self.surprise = error
        finally:
            self.api.close()


class Uploader(threading.Thread):
    """Goes on with one large upload over all the crashes; begins another when it is done."""

    def __init__(self, url, token, seed, ledger, lock, state):
        super().__init__(daemon=True)
        self.api = API(url, token, timeout=30)
        self.seed, self.ledger, self.lock, self.state = seed, ledger, lock, state
        self.surprise = None

    def run(self):
        try:
            while True:
                number = self.state["number"]
                if self.state.get("made") != number:
                    self.state["data"] = random.Random(f"{self.seed} upload {number}").randbytes(PART + 2_000_000)
                    self.state["made"] = number
                data = self.state["data"]
                name = digest(data)
                begun = self.api.post("/hub/v1/uploads", as_json={"digest": name, "size": len(data)}).expect(200, 201).json
                for part in (1, 0):
                    if part not in begun["received"]:
                        self.api.put(f"/hub/v1/uploads/{begun['id']}/parts/{part}", body=data[part * PART:(part + 1) * PART]).expect(204)
                        self.state["parts"] += 1
                self.api.post(f"/hub/v1/uploads/{begun['id']}/complete").expect(200, 201)
                files = {"weights.bin": data}
                revision = self.api.commit("acme/large", files).expect(200, 201).json["revision"]
                with self.lock:
                    self.ledger.note(revision, files)
                self.state["number"] += 1
        except (OSError, EOFError):
            pass
        except Exception as error:
            if not type(error).__module__.startswith("http"):
                self.surprise = error
        finally:
            self.api.close()


class Moments:
    def __init__(self, folder, seed, kills):
        self.server = Server(folder)
        self.seed, self.kills = seed, kills
        self.chance = random.Random(seed)
        self.ledger, self.lock = Ledger(), threading.Lock()
        self.upload = {"number": 0, "parts": 0}
        self.starts = []

    def run(self):
        self.server.start()
        for round in range(self.kills):
            try:
                self.one(round)
            except AssertionError as failure:
                raise AssertionError(f"at kill {round}: {failure}\n{self.server.log[-3000:]}") from failure
        with self.server.api() as api:
            for (repo, commit), files in self.ledger.revisions.items():
                prove_whole(api, repo, commit, files)
            report = prove_store(api)
        assert len(self.ledger.revisions) > self.kills / 4, f"only {len(self.ledger.revisions)} revisions were acknowledged: the moments prove little"
        assert self.server.stop() == 0
        return (
            f"{self.kills} kills, {len(self.ledger.revisions)} revisions acknowledged, {self.upload['parts']} parts of {self.upload['number']} finished uploads, "
            f"{report['blobs']} blobs; ready again after {statistics.median(self.starts) * 1000:.0f} ms, at most {max(self.starts) * 1000:.0f} ms")

    def one(self, round):
        crew = [Publisher(self.server.url, self.server.token, n, round, self.seed, self.ledger, self.lock) for n in range(PUBLISHERS)]
        # The large upload needs longer moments to get anywhere; it gets some.
        patient = round % 11 == 5
        if patient or round % 3 == 0:
            crew.append(Uploader(self.server.url, self.server.token, self.seed, self.ledger, self.lock, self.upload))
        for worker in crew:
            worker.start()
        time.sleep(self.chance.uniform(0.3, 1.5) if patient else self.chance.uniform(0.005, 0.150))
        assert self.server.is_running, "the server ended by itself"
        self.server.kill()
        for worker in crew:
            worker.join(40)
            assert not worker.is_alive(), "a publisher hangs"
            if worker.surprise:
                raise AssertionError(f"a publisher was surprised: {worker.surprise}")

        try:
            self.server.start()
        except NotStarted as failure:
            raise AssertionError(f"it does not start: {failure}")
        self.starts.append(self.server.ready_seconds)
        assert self.server.ready_seconds < SLOWEST_START, f"ready only after {self.server.ready_seconds:.1f} s"
        prove_tidy(self.server)
        with self.server.api() as api:
            new = [key for worker in crew if isinstance(worker, Publisher) for key in worker.new]
            old = self.chance.sample(sorted(self.ledger.revisions), min(3, len(self.ledger.revisions)))
            for repo, commit in {*new, *old}:
                prove_whole(api, repo, commit, self.ledger.revisions[repo, commit])
            if round % 20 == 19:
                prove_store(api)


def cases(folder, seed, kills):
    yield f"{kills} random moments", lambda: Moments(folder, seed, kills).run()
