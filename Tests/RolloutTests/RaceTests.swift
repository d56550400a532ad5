import Core
import Hub
import Release
import Rollout
import Synchronization
import TestKit
import Testing

@Suite("several hands at once")
struct RaceTests {
    /// Each client reads, thinks, and orders with the generation that it read.
    static func client(_ stage: Stage, _ id: ReleaseID, seed: UInt64, _ won: Accepted) async throws {
        var chance = Chance(seed)
        for _ in 0..<60 {
            let seen = try stage.release(id)
            await Task.yield()
            let order: OperatorOrder = chance.pick([.pause(reason: "x"), .resume(reason: "x"), .promote(reason: "x"), .pause(reason: "y")])
            do {
                let facts = try await stage.hub.order(id, order, expected: .exactly(seen.generation), by: stage.admin)
                won.add(Accepted.Entry(seen: seen.generation, made: facts.generation))
            } catch let error as HubError where error.code == .preconditionFailed || error.code == .orderRefused {
                won.refuse(error.code)
            }
        }
    }

    final class Accepted: Sendable {
        struct Entry: Hashable, Sendable {
            var seen: Int64
            var made: Int64
        }
        private let state = Mutex<([Entry], [HubError.Code])>(([], []))
        func add(_ entry: Entry) { state.withLock { $0.0.append(entry) } }
        func refuse(_ code: HubError.Code) { state.withLock { $0.1.append(code) } }
        var entries: [Entry] { state.withLock { $0.0 } }
        var refusals: [HubError.Code] { state.withLock { $0.1 } }
    }

    @Test("of orders with the same generation exactly one wins, beside a controller that goes on", arguments: [UInt64(1), 2, 3])
    func clients(seed: UInt64) async throws {
        let stage = try await Stage.serving(seed: seed)
        var strategy = Strategy.brisk
        strategy.bake.duration = 86_400_000
        let id = try await stage.apply("1.1", strategy: strategy)
        try await stage.run { $0.traffic.weight("chat") == 500 }
        let won = Accepted()
        try await withThrowingTaskGroup(of: Void.self) { group in
            for number in 0..<3 { group.addTask { try await Self.client(stage, id, seed: seed * 10 + UInt64(number), won) } }
            group.addTask { try await stage.run(for: 30_000) }
            try await group.waitForAll()
        }
        let entries = won.entries
        #expect(!entries.isEmpty)
        // Linearisable: each order took effect on exactly the state that its giver saw.
        #expect(Set(entries.map(\.seen)).count == entries.count)
        #expect(entries.allSatisfy { $0.made == $0.seen + 1 })
        let events = try stage.events(id)
        let generations = events.map(\.generation)
        #expect(generations == generations.sorted() && Set(generations).count == generations.count)
        for entry in entries { #expect(events.contains { $0.generation == entry.made && $0.actor == "admin" }) }
        #expect(events.filter { $0.actor == "admin" }.count == entries.count + 1)
        #expect(try stage.hub.replay(id) == stage.release(id))
    }

    @Test("a plan that others overtook is refused, and one endpoint has one release under way")
    func plans() async throws {
        let stage = try await Stage.serving()
        let one = try await stage.hub.plan(try await stage.draft("1.1"), by: stage.admin)
        let two = try await stage.hub.plan(try await stage.draft("1.2"), by: stage.admin)
        let outcomes = await withTaskGroup(of: Bool.self) { group in
            for plan in [one, two] {
                group.addTask { (try? await stage.hub.applyPlan(plan.hash, idempotencyKey: nil, by: stage.admin)) != nil }
            }
            return await group.reduce(into: []) { $0.append($1) }
        }
        #expect(outcomes.filter { $0 }.count == 1)
        await stage.tick()
        #expect(try stage.hub.activeReleases().count == 1)
    }
}
