extension Stage {
    /// A model server that does as it is told: by its arguments when it starts, by files in `orders` while it runs.
    static let server = #"""
        import json, os, signal, socket, subprocess, sys, time
        from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

        port, orders, model = int(sys.argv[1]), sys.argv[2], sys.argv[3]
        told = sys.argv[4:]
        print("starting on", port)
        if "crash" in told:
            print("weights of an unknown kind", file=sys.stderr)
            sys.exit(3)
        if "memory" in told:
            raise MemoryError()
        if "taken" in told:
            # The first time, the port is somebody else's.
            tries = int(told[told.index("taken") + 1])
            with open(os.environ["COUNT"], "a+") as count:
                count.write("x")
                count.seek(0)
                if len(count.read()) <= tries:
                    raise OSError(98, "Address already in use")
        if "child" in told:
            # A helper that ignores being asked to go.
            helper = subprocess.Popen([sys.executable, "-c", "import signal,time; signal.signal(signal.SIGTERM, signal.SIG_IGN); time.sleep(600)"])
            print("helper", helper.pid)
        if "stubborn" in told:
            signal.signal(signal.SIGTERM, signal.SIG_IGN)
        if "chatty" in told:
            for n in range(40000):
                print("line %07d %s" % (n, "x" * 80))
        if "mute" in told:
            time.sleep(600)

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def log_message(self, *words):
                pass

            def answer(self, status, value):
                body = (value if isinstance(value, str) else json.dumps(value)).encode()
                self.send_response(status)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def do_GET(self):
                if self.path == "/health":
                    if os.path.exists(orders + "/hang"):
                        time.sleep(600)
                    self.answer(503 if os.path.exists(orders + "/sick") else 200, "ok")
                elif self.path == "/facts":
                    mask = next(line.split()[1] for line in open("/proc/self/status") if line.startswith("SigIgn"))
                    self.answer(200, {
                        "pid": os.getpid(), "group": os.getpgid(0), "session": os.getsid(0), "cwd": os.getcwd(), "arguments": sys.argv,
                        "environment": dict(os.environ), "files": sorted(os.listdir("/proc/self/fd")), "ignored": int(mask, 16),
                        "input": os.readlink("/proc/self/fd/0"), "text": open(model + "/weights/model.bin").read()})
                elif self.path == "/crash":
                    print("about to crash")
                    os._exit(9)
                else:
                    self.answer(404, "no such path")

            def do_POST(self):
                body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
                print("asked", self.path)
                if self.path == "/vectors":
                    self.answer(200, {"data": [{"vector": [0.5, 1, 2], "index": 0}], "model": "whale"})
                elif self.path == "/run":
                    space = {"model": model}
                    exec(json.loads(body)["code"], space)
                    self.answer(200, space.get("found"))
                else:
                    self.answer(500, "broken")

        ThreadingHTTPServer(("127.0.0.1", port), Handler).serve_forever()
        """#
}
