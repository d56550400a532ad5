import Blobs
import Catalog
import Core
import Foundation
import Hub
import Release
import Rollout
import Synchronization
import Testing
import TestKit

/// What must be the same on both sides of a crash.
struct Standing: Equatable, Sendable {
    var phases: [ReleaseID: Release.Phase]
    var steps: [ReleaseID: Int]
    var routes: [TrafficRoute]

    init(_ hub: Hub) throws {
        let active = try hub.activeReleases()
        phases = Dictionary(uniqueKeysWithValues: active.map { ($0.id, $0.phase) })
        steps = Dictionary(uniqueKeysWithValues: active.map { ($0.id, $0.release.step) })
        routes = try hub.currentRoutes().sorted { $0.endpoint < $1.endpoint }
    }
}

/// Keeps the catalog as it is on disk at each moment, with what was committed then.
final class Moments: Sendable {
    struct Moment: Sendable {
        var name: String
        var catalog: [String: Data]
        var standing: Standing?
    }
    private struct State {
        var hub: Hub?
        var path = ""
        var last: Standing?
        var moments: [Moment] = []
        var failure: String?
    }
    private let state = Mutex(State())
    private static let watched: Set<Checkpoint> = [
        .advanceInTransaction, .advanceCommitted, .analysisInTransaction, .analysisCommitted, .orderInTransaction, .orderCommitted,
        .applyInTransaction, .applyCommitted
    ]

    var probe: Probe {
        Probe { [self] step in
            guard Self.watched.contains(step) else { return }
            // Inside a transaction what counts is what was committed before it.
            keep(step.rawValue, reading: !step.rawValue.hasSuffix("in-transaction"))
        }
    }

    func watch(_ stage: Stage) {
        state.withLock {
            $0.hub = stage.hub
            $0.path = stage.test.root.layout.catalog
        }
        let boundary: @Sendable () -> Void = { [self] in keep("driver", reading: true) }
        stage.traffic.state.withLock { $0.boundary = boundary }
        stage.replicas.state.withLock { $0.boundary = boundary }
    }

    func take() -> [Moment] {
        state.withLock { state in
            defer { state.moments = [] }
            return state.moments
        }
    }
    var failure: String? { state.withLock { $0.failure } }

    private func keep(_ name: String, reading: Bool) {
        state.withLock { state in
            guard let hub = state.hub else { return }
            do {
                if reading { state.last = try Standing(hub) }
                var files: [String: Data] = [:]
                for suffix in ["", "-wal"] {
                    files[suffix] = try Data(contentsOf: URL(filePath: state.path + suffix))
                }
                state.moments.append(Moment(name: name, catalog: files, standing: state.last))
            } catch {
                state.failure = "\(name): \(error)"
            }
        }
    }
}

/// Stops a scripted release, under load, at every write and at every command, and begins again
/// from what was on disk.
@Suite("crashes of the controller")
struct CrashTests {
    /// Where the folders of the data root are; each moment puts its catalog there.
    struct Shell {
        let folder: TestFolder
        init(_ stage: Stage) throws { folder = try TestFolder(copyOf: stage.test.folder.path) }

        func open(_ moment: Moments.Moment, _ clock: TestClock) async throws -> Stage {
            let path = folder.file("data/catalog.sqlite")
            for suffix in ["", "-wal", "-shm"] where FileManager.default.fileExists(atPath: path + suffix) {
                try FileManager.default.removeItem(atPath: path + suffix)
            }
            for (suffix, data) in moment.catalog { try data.write(to: URL(filePath: path + suffix)) }
            // The one before lets go of the folder when its last task has ended.
            for _ in 0..<5_000 {
                do {
                    return try await Stage(try await TestHub(in: folder, clock: TestClock(clock.now)))
                } catch let error as HubError where error.code == .unavailable {
                    try await Task.sleep(for: .milliseconds(1))
                }
            }
            return try await Stage(try await TestHub(in: folder, clock: TestClock(clock.now)))
        }
    }

    static func sides(_ stage: Stage) async throws -> [Variant?] {
        let hash = CohortHash(key: try await stage.hub.servingHashKey())
        guard let route = stage.traffic.route("chat") else { return [] }
        return (0..<64).map { route.variant(bucket: hash.bucket(salt: route.salt, key: "user-\($0)")) }
    }

    /// Everything that section 9 of the design promises of a restart.
    static func check(_ moment: Moments.Moment, _ shell: Shell, _ live: Stage, finish: Bool) async throws {
        let cut = try await shell.open(moment, live.test.clock)
        let found = try Standing(cut.hub)
        if let expected = moment.standing { #expect(found == expected, "\(moment.name)") }
        let key = try await cut.hub.servingHashKey()
        #expect(try await live.hub.servingHashKey() == key)
        try await cut.conductor.boot()
        // The committed route is in effect, and every user is on the same side.
        #expect(try cut.traffic.route("chat") == cut.hub.currentRoutes().first { $0.endpoint.text == "chat" }, "\(moment.name)")
        let sides = try await sides(cut)
        let weight = cut.traffic.weight("chat")
        await cut.conductor.tick()
        let after = try Standing(cut.hub)
        for (id, phase) in found.phases {
            #expect(try cut.hub.replay(id) == cut.release(id), "\(moment.name)")
            let now = try cut.phase(id)
            // Ends and rollbacks that were decided may go on; steps forward may not.
            switch phase {
            case .progressing, .paused, .baking: #expect(now == phase, "\(moment.name): \(phase) became \(now) in the first tick")
            case .completing: #expect(now == .completing || now == .succeeded, "\(moment.name)")
            case .rollingBack: #expect(now == .rollingBack || now == .rolledBack, "\(moment.name)")
            case .pending, .preparing: #expect(now == phase || now == .preparing || phase == .preparing, "\(moment.name)")
            case .succeeded, .rolledBack, .failed, .canceled, .superseded: break
            }
            if let step = after.steps[id] { #expect(step == found.steps[id], "\(moment.name)") }
        }
        if !found.phases.values.contains(.preparing) && !found.phases.values.contains(.pending) {
            #expect(cut.traffic.weight("chat") <= weight, "\(moment.name)")
            if cut.traffic.route("chat")?.generation == found.routes.first?.generation { #expect(try await Self.sides(cut) == sides) }
        }
        // Once more from the start: what was delivered twice changed nothing.
        let again = try await Stage(cut.test)
        let before = try Standing(cut.hub)
        try await again.conductor.boot()
        let twice = try Standing(again.hub)
        for (id, phase) in before.phases where phase == .progressing || phase == .paused || phase == .baking {
            #expect(twice.phases[id] == phase && twice.steps[id] == before.steps[id], "\(moment.name)")
        }
        #expect(again.traffic.route("chat")?.generation == twice.routes.first?.generation)
        if finish {
            for id in found.phases.keys {
                try await end(id, on: again)
                #expect(try again.phase(id).isTerminal, "\(moment.name): \(id) never ends")
                #expect(try again.hub.replay(id) == again.release(id))
            }
            #expect(try again.hub.outbox(limit: 100) == [])
            let route = try #require(again.traffic.route("chat"))
            #expect(route.targets.first?.weight == 10_000 && again.replicas.running == Set(route.targets.map(\.backend)))
        }
        await cut.test.close()
    }

    /// To its end, with good traffic and whatever orders it waits for.
    static func end(_ id: ReleaseID, on stage: Stage) async throws {
        for _ in 0..<8 where try !stage.phase(id).isTerminal {
            let pauses = try stage.release(id).pauses
            if pauses.contains(.manual) { try await stage.order(id, .resume(reason: "x")) }
            if pauses.contains(.awaitingApproval) { try await stage.order(id, .approve(generation: nil, lock: nil, comment: "")) }
            try await stage.run {
                let release = try $0.release(id)
                return release.phase.isTerminal || release.pauses.contains(.manual) || release.pauses.contains(.awaitingApproval)
            }
        }
    }

    enum Script: String, CaseIterable { case succeeds, fails, orders, recreates, rollsBack, trips }

    @Test("at each of more than a thousand moments a restart finds phase, step, route and users where they were")
    func moments() async throws {
        let counts = try await withThrowingTaskGroup(of: (Script, Int).self) { group in
            for script in Script.allCases {
                for seed in UInt64(1)...3 { group.addTask { (script, try await Self.moments(of: script, seed: seed)) } }
            }
            return try await group.reduce(into: [:]) { $0[$1.0, default: 0] += $1.1 }
        }
        #expect(counts.values.reduce(0, +) >= 1_000, "\(counts)")
        #expect(counts.values.allSatisfy { $0 > 20 }, "\(counts)")
    }

    /// How many moments there were.
    static func moments(of script: Script, seed: UInt64) async throws -> Int {
        let moments = Moments()
        let live = try await Stage.serving(probe: moments.probe, seed: seed)
        try await live.apply("1.0.1")
        try await live.run { try $0.hub.activeReleases().isEmpty }
        for version in ["1.1"] { _ = try await live.draft(version) }
        _ = try await live.hub.servingHashKey()
        try await live.hub.catalog.checkpoint()
        let shell = try Shell(live)
        moments.watch(live)
        var seen = 0
        func ticks(_ time: Milliseconds, perSecond: Double = 20, candidate: Double = 0, until isDone: (Stage) throws -> Bool = { _ in false })
            async throws
        {
            for _ in 0..<Int(time / 250) {
                if try isDone(live) { return }
                live.send(Int(perSecond / 4), candidate: candidate)
                await live.tick()
                for moment in moments.take() {
                    seen += 1
                    try await Self.check(moment, shell, live, finish: seen % 25 == 0)
                }
                try await live.hub.catalog.checkpoint()
            }
        }
        var strategy = Strategy.brisk
        for index in strategy.steps.indices { strategy.steps[index].minObserved = 2_500 * Milliseconds(seed) }
        strategy.bake.duration = 5_000
        switch script {
        case .succeeds:
            let id = try await live.apply("1.1", strategy: strategy)
            try await ticks(600_000) { try $0.phase(id).isTerminal }
            #expect(try live.phase(id) == .succeeded)
        case .fails:
            let id = try await live.apply("1.1", strategy: strategy)
            try await ticks(40_000) { $0.traffic.weight("chat") == 1000 }
            try await ticks(300_000, candidate: 0.3) { try $0.phase(id).isTerminal }
            #expect(try live.phase(id) == .rolledBack)
        case .orders:
            strategy.steps[0].approval = Strategy.ApprovalRule(role: "admin", quorum: 1)
            let id = try await live.apply("1.1", strategy: strategy)
            try await ticks(60_000) { try $0.release(id).pauses.contains(.awaitingApproval) }
            try await live.order(id, .approve(generation: nil, lock: nil, comment: "yes"))
            try await ticks(3_000)
            try await live.order(id, .pause(reason: "wait"))
            try await ticks(3_000)
            try await live.order(id, .resume(reason: "go"))
            try await ticks(3_000)
            try await live.order(id, .abort(reason: "no"))
            try await ticks(5_000) { try $0.phase(id).isTerminal }
            #expect(try live.phase(id) == .rolledBack)
        case .recreates:
            strategy.kind = .recreate
            let id = try await live.apply("1.1", strategy: strategy)
            try await ticks(60_000) { try $0.phase(id).isTerminal }
            #expect(try live.phase(id) == .succeeded)
        case .rollsBack:
            let back = try await live.hub.rollback(live.endpoint(), to: nil, reason: "x", by: live.admin)
            await live.settle()
            try await ticks(60_000) { try $0.phase(back.id).isTerminal }
            #expect(try live.phase(back.id) == .succeeded)
        case .trips:
            let id = try await live.apply("1.1", strategy: strategy)
            try await ticks(120_000) { $0.traffic.weight("chat") == 5000 }
            try await ticks(120_000, candidate: 1) { try $0.phase(id).isTerminal }
            #expect(try live.phase(id) == .rolledBack)
        }
        #expect(moments.failure == nil)
        await live.test.close()
        return seen
    }
}
