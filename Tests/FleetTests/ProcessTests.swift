import Core
import Foundation
import Glibc
import Release
import Synchronization
import Testing

@testable import Fleet

@Suite("model servers as processes") struct ProcessTests {
    private struct Facts: Decodable {
        var pid: Int32
        var group: Int32
        var session: Int32
        var cwd: String
        var arguments: [String]
        var environment: [String: String]
        var files: [String]
        var ignored: UInt64
        var input: String
        var text: String
    }

    @Test("a server is started over its pinned files, in a session of its own, with nothing of ours")
    func start() async throws {
        // Whoever starts a server may ignore signals; the server does not.
        signal(SIGPIPE, SIG_IGN)
        try await Stage.with { stage in
            let fleet = try stage.fleet()
            let order = try stage.order(["slot-${slot}", "${unknown}", "$"], files: [try stage.addBlob("the weights")]) {
                $0.environment = ["MODEL": "${model.path}", "LANG": "C"]
            }
            await fleet.start(order)
            await stage.untilServing(order)
            let facts = try JSONDecoder().decode(Facts.self, from: Data(try await stage.ask(stage.serving(order).first, "/facts").utf8))
            let folder = "\(try #require(Files.real(stage.fleetFolder)))/\(order.backend.hex)"
            #expect(facts.pid == stage.pid(order))
            #expect(facts.group == facts.pid && facts.session == facts.pid)
            #expect(facts.cwd == "\(folder)/slots/0/scratch")
            #expect(facts.arguments[3...] == ["\(folder)/model", "slot-0", "${unknown}", "$"])
            #expect(facts.environment["MODEL"] == "\(folder)/model")
            #expect(facts.environment["HOME"] == facts.cwd && facts.environment["TMPDIR"] == facts.cwd && facts.environment["LANG"] == "C")
            let ours = Set(ProcessInfo.processInfo.environment.keys).subtracting(["PATH", "HOME", "TMPDIR", "LANG", "LC_CTYPE", "PWD", "SHLVL", "_"])
            #expect(ours.intersection(facts.environment.keys).filter { !$0.contains("PYENV") } == [], "nothing else of ours")
            #expect(facts.input == "/dev/null")
            #expect(facts.text == "the weights")
            // Standard three, the listener, the connection, the folder being listed; epoll or a selector of Python's.
            #expect(facts.files.count <= 7)
            // Python ignores SIGPIPE (13) and SIGXFSZ (25) itself; from 32 on they are the C library's own.
            #expect(facts.ignored & 0x7FFF_FFFF & ~(1 << 12 | 1 << 24) == 0)
            let states = await fleet.replicas()
            #expect(states.map(\.state) == [.ready] && states.map(\.pid) == [Int(facts.pid)] && states.map(\.address) == [stage.serving(order).first])
            #expect(fleet.logTail(order.backend, slot: 0).contains("starting on \(states[0].address?.port ?? 0)\n"))
            await fleet.stop(order.backend)
            await stage.until("its files are gone") { !Files.exists(folder) }
            #expect(!stage.isRunning(facts.pid))
            #expect(await fleet.replicas() == [])
        }
    }

    @Test("a preparation with two replicas: ready, warmed, serving, checked, in this order")
    func preparation() async throws {
        try await Stage.with { stage in
            let fleet = try stage.fleet()
            let check = GoldenCheck(
                path: "/vectors", body: "{}", expectContains: ["whale"], expectJSON: ["/data/0/index": "0"], expectLength: ["/data/0/vector": 3])
            let order = try stage.order(
                files: [try stage.addBlob("weights")], replicas: 2, preparation: BackendOrder.Preparation(warmup: 3, checks: [check]))
            await fleet.start(order)
            await stage.until("it is checked") { stage.reported(.checked(order.backend)) }
            let both = stage.serving(order)
            #expect(both.map(\.slot) == [0, 1])
            #expect(
                stage.reports.withLock { $0 } == [
                    .serving(order.backend, []), .ready(order.backend), .warmed(order.backend), .serving(order.backend, both), .checked(order.backend)
                ])
            for slot in 0...1 {
                let asked = fleet.logTail(order.backend, slot: slot).split(separator: "\n").filter { $0 == "asked /vectors" }
                #expect(asked.count == 4, "three to warm it, one to check it")
            }
            await fleet.stopAll(keep: false)
            #expect(stage.records() == [])
        }
    }

    @Test(
        "what fails a preparation is told with its reason",
        arguments: [
            ("crash", ReplicaReport.PrepareFailure.startFailed, "(3 starts): the process ended with status 3"),
            ("crash", .startFailed, "weights of an unknown kind"), ("memory", .outOfMemory, "out of memory"),
            ("mute", .readyDeadline, "did not answer GET /health within 1 s"), ("warm", .warmupFailed, "warm-up request 1 of 1 (POST /broken)"),
            ("check", .goldenFailed, "check 1 of 1 (POST /vectors) on replica 0: expected an array of 4 at /data/0/vector, got 3"),
            ("damage", .digestMismatch, "weights/model.bin is not what its digest says")
        ])
    func failures(_ what: String, _ kind: ReplicaReport.PrepareFailure, _ words: String) async throws {
        try await Stage.with { stage in
            let fleet = try stage.fleet()
            if what == "damage" { stage.damaged.withLock { $0 = "weights/model.bin" } }
            let checks = [GoldenCheck(path: what == "warm" ? "/broken" : "/vectors", body: "{}", expectLength: ["/data/0/vector": 4])]
            let order = try stage.order(
                [what], files: [try stage.addBlob("weights")], preparation: BackendOrder.Preparation(warmup: 1, checks: checks)
            ) { if what == "mute" { $0.readiness.deadline = 1000 } }
            await fleet.start(order)
            let found = try #require(await stage.failure(order))
            #expect(found.0 == kind)
            #expect(found.1.contains(words), "\(found.1)")
            await stage.until("nothing of it runs") { stage.records() == [] }
            #expect(stage.serving(order) == [])
            #expect(await fleet.replicas().map(\.state) == [.failed])
            await fleet.stopAll(keep: false)
        }
    }

    @Test(
        "a command that cannot be run is told by its name",
        arguments: [
            (["no-such-program-here"], "'no-such-program-here' was not found in PATH"),
            (["/no/such/program"], "'/no/such/program' could not be started: running it: No such file or directory"),
            (["/etc/passwd"], "running it: Permission denied"), ([], "the runtime has no command")
        ])
    func unrunnable(_ command: [String], _ words: String) async throws {
        try await Stage.with { stage in
            let fleet = try stage.fleet()
            let order = try Known.order(command: command, preparation: BackendOrder.Preparation(warmup: 0, checks: [])) { $0.restart.firstDelay = 10 }
            await fleet.start(order)
            let found = try #require(await stage.failure(order))
            #expect(found.0 == .startFailed)
            #expect(found.1.contains(words), "\(found.1)")
            await fleet.stopAll(keep: false)
        }
    }

    @Test("a server whose port was taken meanwhile gets another, and no failure")
    func portTaken() async throws {
        try await Stage.with { stage in
            let fleet = try stage.fleet { $0.writable = [stage.root + "/orders"] }
            let order = try stage.order(["taken", "2"], preparation: BackendOrder.Preparation(warmup: 0, checks: [])) {
                $0.environment = ["COUNT": stage.root + "/orders/count"]
                $0.restart.attempts = 1
            }
            await fleet.start(order)
            await stage.until("it is checked") { stage.reported(.checked(order.backend)) }
            #expect(Files.read(stage.root + "/orders/count")?.count == 3)
            await fleet.stopAll(keep: false)
        }
    }

    @Test("a replica that crashes is started again, and the others serve on")
    func crash() async throws {
        try await Stage.with { stage in
            let fleet = try stage.fleet()
            let order = try stage.order(replicas: 2)
            await fleet.start(order)
            await stage.untilServing(order, 2)
            let (first, second) = (stage.pid(order, 0), stage.pid(order, 1))
            _ = try await stage.ask(stage.serving(order).first, "/crash")
            await stage.until("one serves alone") {
                stage.reports.withLock { $0.contains { if case .serving(_, let left) = $0 { left.map(\.slot) == [1] } else { false } } }
            }
            await stage.untilServing(order, 2)
            #expect(stage.pid(order, 0) != first && stage.pid(order, 1) == second)
            let facts = await fleet.replicas()
            #expect(facts.map(\.restarts) == [1, 0])
            #expect(fleet.logTail(order.backend, slot: 0).contains("about to crash"), "the log goes on over starts")
            await fleet.stopAll(keep: false)
        }
    }

    @Test("what no longer answers takes no requests, and is unhealthy after the grace; answering again, it serves")
    func sick() async throws {
        try await Stage.with { stage in
            let fleet = try stage.fleet()
            let order = try stage.order { $0.readiness.grace = 100 }
            await fleet.start(order)
            await stage.untilServing(order)
            let pid = stage.pid(order)
            try stage.say("sick")
            await stage.untilServing(order, 0)
            await stage.until("it is unhealthy") {
                stage.reports.withLock {
                    $0.contains { if case .unhealthy(_, let why) = $0 { why.contains("its readiness check answers 503") } else { false } }
                }
            }
            #expect(await fleet.replicas().map(\.state) == [.failed])
            unlink(stage.orders + "/sick")
            await stage.untilServing(order)
            #expect(stage.pid(order) == pid)
            await fleet.stopAll(keep: false)
        }
    }

    @Test("a server that hangs is ended and started again")
    func hung() async throws {
        try await Stage.with { stage in
            let fleet = try stage.fleet {
                $0.checkTimeout = 100
                $0.hungAfter = 200
            }
            let order = try stage.order()
            await fleet.start(order)
            await stage.untilServing(order)
            let pid = stage.pid(order)
            try stage.say("hang")
            await stage.until("it is gone") { !stage.isRunning(pid) }
            unlink(stage.orders + "/hang")
            await stage.untilServing(order)
            #expect(stage.pid(order) != pid)
            await fleet.stopAll(keep: false)
        }
    }

    @Test("ending a server ends its helpers, and one that will not go is killed", arguments: [["child"], ["child", "stubborn"]])
    func group(_ told: [String]) async throws {
        try await Stage.with { stage in
            let fleet = try stage.fleet { $0.stopGrace = 200 }
            let order = try stage.order(told)
            await fleet.start(order)
            await stage.untilServing(order)
            let line = fleet.logTail(order.backend, slot: 0).split(separator: "\n").first { $0.hasPrefix("helper ") }
            let helper = Int32(line?.dropFirst(7) ?? "")
            let pid = stage.pid(order)
            #expect(stage.isRunning(helper) && stage.isRunning(pid))
            await fleet.stop(order.backend)
            await stage.until("both are gone") { !stage.isRunning(helper) && !stage.isRunning(pid) }
        }
    }

    @Test("the log stays short while the server prints, and keeps whole lines")
    func log() async throws {
        try await Stage.with { stage in
            let limit = 100_000
            let fleet = try stage.fleet { $0.logLimit = limit }
            let order = try stage.order(["chatty"])
            await fleet.start(order)
            await stage.untilServing(order)
            let path = "\(stage.fleetFolder)/\(order.backend.hex)/slots/0/log"
            await stage.until("the log is short") { (Files.read(path, limit: 1 << 24)?.count ?? .max) <= limit }
            let lines = try #require(Files.read(path)).split(separator: 0x0A)
            #expect(lines.allSatisfy { $0.count == 93 }, "whole lines")
            #expect(String(decoding: lines.last ?? [], as: UTF8.self).hasPrefix("line 0039999"), "the youngest are kept")
            let tail = fleet.logTail(order.backend, slot: 0, bytes: 500)
            #expect(tail.split(separator: "\n").count == 5 && tail.hasPrefix("line 00399"))
            _ = try await stage.ask(stage.serving(order).first, "/nothing", "{}")
            await stage.until("it goes on behind what was kept") { fleet.logTail(order.backend, slot: 0, bytes: 100).hasSuffix("asked /nothing\n") }
            await fleet.stopAll(keep: false)
        }
    }
}
