import Blobs
import Core
import GRDB
import Hashing
import Hub
import Logging
import Release
import Rollout
import Synchronization
import Testing
import TestKit

@Suite("when things around the controller fail")
struct FailureTests {
    /// Makes every store of a release's events fail, as a full disk would, until it is undone.
    struct FullDisk {
        let queue: DatabaseQueue
        init(_ stage: Stage) throws { queue = try DatabaseQueue(path: stage.test.root.layout.catalog) }
        func begin() throws {
            try queue.write { db in
                try db.execute(sql: "CREATE TRIGGER full BEFORE INSERT ON release_event BEGIN SELECT RAISE(ABORT, 'disk full'); END")
            }
        }
        func end() throws { try queue.write { try $0.execute(sql: "DROP TRIGGER full") } }
    }

    @Test("where nothing can be stored nothing moves, the route stays, and it goes on once it can")
    func fullDisk() async throws {
        let stage = try await Stage.serving()
        let id = try await stage.apply("1.1")
        try await stage.run { $0.traffic.weight("chat") == 1000 }
        let disk = try FullDisk(stage)
        try disk.begin()
        let route = stage.traffic.route("chat")
        try await stage.run(for: 60_000, candidate: 1)
        #expect(stage.traffic.route("chat") == route)
        #expect(try stage.phase(id) == .progressing)
        #expect(stage.conductor.health.problem != nil)
        try disk.end()
        try await stage.run(for: 3_000) { $0.traffic.weight("chat") == 0 }
        #expect(stage.traffic.weight("chat") == 0)
        #expect(stage.conductor.health.problem == nil)
        try await stage.run(for: 120_000) { try $0.phase(id).isTerminal }
        #expect(try stage.phase(id) == .rolledBack)
    }

    @Test("what model servers said while nothing could be stored is not lost")
    func reportsWait() async throws {
        let stage = try await Stage.serving()
        let id = try await stage.apply("1.1")
        try await stage.run { $0.traffic.weight("chat") == 1000 }
        let disk = try FullDisk(stage)
        try disk.begin()
        stage.replicas.tell(.unhealthy(try stage.release(id).spec.to, "gone"))
        try await stage.run(for: 5_000)
        #expect(try stage.phase(id) == .progressing)
        try disk.end()
        try await stage.run(for: 10_000) { try $0.phase(id).isTerminal }
        #expect(try stage.release(id).outcome?.code == "backend-failed")
    }

    @Test("a command that a driver refuses is tried again, and what follows it waits")
    func driverFails() async throws {
        let stage = try await Stage.serving()
        let id = try await stage.apply("1.1")
        stage.traffic.state.withLock { $0.refuses = HubError(.unavailable, "no") }
        try await stage.run(for: 30_000, perSecond: 0)
        #expect(try stage.release(id).isRouteApplied == false && stage.phase(id) == .progressing)
        stage.traffic.state.withLock { $0.refuses = nil }
        try await stage.run(for: 60_000) { $0.traffic.weight("chat") == 500 }
        await stage.tick()
        #expect(try stage.release(id).isRouteApplied)
    }

    @Test("a wall clock that jumps adds no observed time", arguments: [Int64(7200), -7200])
    func clockJump(seconds: Int64) async throws {
        let stage = try await Stage.serving()
        var strategy = Strategy.brisk
        for index in strategy.steps.indices { strategy.steps[index].minObserved = 300_000 }
        let id = try await stage.apply("1.1", strategy: strategy)
        try await stage.run(for: 30_000)
        #expect(try stage.release(id).step == 0)
        stage.test.clock.turn(seconds: seconds)
        try await stage.run(for: 200_000)
        #expect(try stage.release(id).step == 0 && stage.phase(id) == .progressing)
        try await stage.run(for: 120_000) { try $0.release(id).step == 1 }
        #expect(try stage.release(id).step == 1)
    }

    @Test("a process that stood still has observed nothing meanwhile, and takes no step before fresh data")
    func gap() async throws {
        let stage = try await Stage.serving()
        var strategy = Strategy.brisk
        strategy.staleAfter = 86_400_000
        let id = try await stage.apply("1.1", strategy: strategy)
        try await stage.run(for: 19_000)
        #expect(try stage.release(id).step == 0)
        await stage.tick(3_600_000)
        try await stage.run(for: 60_000, perSecond: 0)
        #expect(try stage.release(id).step == 0)
        try await stage.run(for: 30_000) { try $0.release(id).step == 1 }
        #expect(try stage.release(id).step == 1)
    }

    @Test("of two controllers on one database the later one has it, and the other only watches")
    func twoControllers() async throws {
        let stage = try await Stage.serving()
        let id = try await stage.apply("1.1")
        try await stage.run { $0.traffic.weight("chat") == 1000 }
        // The same catalog through a hub of its own, as another process would have it.
        let test = stage.test
        let other = Hub(
            root: test.root, blobs: test.hub.blobs, catalog: test.hub.catalog, logger: Logger(label: "other") { _ in SwiftLogNoOpLogHandler() },
            clock: { test.clock.now }, randomBytes: { [UInt8](repeating: 7, count: $0) })
        _ = try await other.takeControl(owner: "other")
        let before = try stage.release(id)
        try await stage.run(for: 120_000, candidate: 1)
        #expect(try stage.release(id) == before && stage.traffic.weight("chat") == 1000)
        #expect(stage.conductor.health.problem?.contains("another controller") == true)
        // The one in control can.
        _ = try await other.advance(id, .abort(reason: "by the other"))
        #expect(try stage.phase(id) == .rollingBack)
        try await stage.run(for: 10_000)
        #expect(try stage.phase(id) == .rollingBack)
    }

    @Test("usage is counted once, however often it is offered, and tenants reach the gateway when they change")
    func usageAndTenants() async throws {
        let stage = try await Stage.serving()
        let key = try await stage.hub.createTenant("shop", mayPin: false, requestsPerMinute: nil, tokensPerDay: nil, by: stage.admin).key
        await stage.tick()
        #expect(stage.traffic.state.withLock { $0.tenants }.map(\.name) == ["shop"])
        #expect(stage.traffic.state.withLock { $0.tenants }.first?.keys == [Digest(of: key)])
        let usage = Usage(tenant: "shop", endpoint: try stage.endpoint(), version: "1.0", requests: 3, failed: 1, inputTokens: 10, outputTokens: 20)
        for _ in 0..<2 {
            stage.traffic.state.withLock { $0.usage.append(usage) }
            for _ in 0..<24 { await stage.tick() }
        }
        let rows = try stage.hub.usage(
            tenant: "shop", endpoint: nil, from: Instant(milliseconds: 0), until: Instant(milliseconds: .max), limit: 10, for: stage.admin)
        #expect(rows.map(\.usage.requests).reduce(0, +) == 6 && rows.map(\.usage.outputTokens).reduce(0, +) == 40)
    }
}
