import Core
import Hub
import Release
import Rollout
import Synchronization
import TestKit
import Testing

@Suite("the loop")
struct LoopTests {
    static func wait(_ what: String, _ holds: () async throws -> Bool) async throws {
        for _ in 0..<20_000 {
            if try await holds() { return }
            try await Task.sleep(for: .milliseconds(1))
        }
        Issue.record("\(what): it did not happen")
    }

    @Test("an order takes effect by itself, without waiting for a tick, and ending the loop keeps the evidence")
    func wakes() async throws {
        let stage = try await Stage.serving()
        let id = try await stage.apply("1.1")
        try await stage.run { $0.traffic.weight("chat") == 500 }
        // An hour between ticks: what happens now happens because of the bell.
        let loop = Task { try await ConductorService(stage.conductor, interval: 3_600_000).run() }
        stage.send(40)
        _ = try await stage.hub.order(id, .abort(reason: "x"), expected: .none, by: stage.admin)
        try await Self.wait("weight 0") { stage.traffic.weight("chat") == 0 }
        try await Self.wait("drained") { try stage.phase(id) == .rolledBack }
        loop.cancel()
        stage.conductor.bell.ring()
        try await loop.value
    }

    @Test("a ring before the wait is not lost, and several are one")
    func bell() async {
        let bell = Bell()
        bell.ring()
        bell.ring()
        await bell.wait()
        let woken = Mutex(false)
        async let second: Void = {
            await bell.wait()
            woken.withLock { $0 = true }
        }()
        await Task.yield()
        #expect(!woken.withLock { $0 })
        bell.ring()
        await second
    }

    @Test("what was observed is stored at the end, also within the second")
    func rest() async throws {
        let stage = try await Stage.serving()
        let id = try await stage.apply("1.1")
        try await stage.run { $0.traffic.weight("chat") == 500 }
        let before = try stage.hub.analysis(of: id, for: stage.admin).first.map { $0.stable.units + $0.candidate.units } ?? 0
        stage.send(37)
        await stage.conductor.rest()
        let after = try #require(try stage.hub.analysis(of: id, for: stage.admin).first)
        #expect(after.stable.units + after.candidate.units >= before + 37)
    }
}
