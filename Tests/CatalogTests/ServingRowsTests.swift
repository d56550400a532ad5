@testable import Catalog
import Core
import Foundation
import GRDB
import Release
import TestKit
import Testing

/// Asked of the schema itself, past all of our code.
@Suite("the schema of endpoints and releases refuses what must never be")
struct ServingRowsTests {
    static let lock = Drafts.digest("lock")

    static func release(_ number: Int64, endpoint: EndpointName, to: BackendID) -> ReleaseSpec {
        ReleaseSpec(
            id: ReleaseID(endpoint: endpoint, number: number), from: nil, to: to, lock: lock, strategy: Strategy(), objectives: [], submittedBy: "ada"
        )
    }

    /// An endpoint with a release that is under way, one that waits, two routes, and one row of everything else.
    static func filled() async throws -> TestCatalog {
        let test = try TestCatalog()
        let user = try await test.user("ada")
        let repo = try await test.repo("acme/whale")
        let revision = try await test.revision([try Drafts.file("a.txt", "one")], in: repo, seed: "1")
        try await test.write { tx in
            let name = try EndpointName(parsing: "chat")
            let spec = EndpointSpec(name: name)
            let endpoint = try tx.addEndpoint(spec, repo: repo.id, asked: "main", commit: revision.commit)
            let backend = BackendSpec(
                endpoint: name, model: PinnedModel(repo: repo.name, commit: revision.commit, manifest: revision.manifest, version: "1"),
                runtime: RuntimeSpec(kind: .process(command: ["${port}"])))
            let id = BackendID(Drafts.digest("backend"))
            let row = try tx.addBackend(backend, id: id, canonical: backend.canonical.bytes, endpoint: endpoint, revision: revision.id)
            try tx.keepServingLock(lock, bytes: [1])
            for number in [Int64(1), 2] {
                let made = try tx.addRelease(
                    NewRelease(endpoint: endpoint, spec: release(number, endpoint: name, to: id), from: nil, to: row, endpointSpec: spec))
                try tx.hold(lock, name: "lock", bytes: [1], revisions: [revision.id], for: made, by: user)
                var state = Release(release(number, endpoint: name, to: id))
                for event in [Event.submitted(isWarm: false)] + (number == 1 ? [.tick(Tick())] : []) {
                    let before = state.phase
                    let commands = state.reduce(event)
                    _ = try tx.addReleaseEvent(event, to: try tx.rows.releaseRow(row: made), before: before, after: state, commands: commands)
                }
                try tx.setState(state, of: tx.rows.releaseRow(row: made))
            }
            for generation in [Int64(1), 2] {
                try tx.addRoute(TrafficRoute(endpoint: name, generation: generation, targets: []), of: endpoint, release: 1, cause: "release")
            }
            try tx.addDecision(DecisionDraft(rule: "6.3", verdict: "fail", reason: "", inputs: "x"), to: 1, event: 1)
            try tx.addApproval(Approval(actor: "ada", step: 0, generation: 1, lock: lock), isApproval: true, to: 1)
            _ = try tx.takeControl(owner: "a")
            _ = try tx.takeControl(owner: "b")
            try tx.post(OutboxPayload(.stop, backend: id), endpoint: endpoint, release: 1, generation: 1, due: tx.now)
        }
        return test
    }

    static let hash = "x'" + String(repeating: "ab", count: 32) + "'"

    @Test(
        "refused",
        arguments: [
            "UPDATE release SET phase = 'baking' WHERE number = 2", "UPDATE release SET phase = 'lost'", "UPDATE release SET generation = 0",
            "UPDATE release SET lock = \(hash)", "UPDATE release SET number = 9", "DELETE FROM release",
            "INSERT INTO release SELECT 99, endpoint, number, lock, NULL, to_backend, 'failed', 1, spec, state, endpoint_spec, NULL, '', 0, 0, 0 FROM release WHERE number = 1",
            "UPDATE release_event SET actor = 'nobody'", "DELETE FROM release_event",
            "INSERT INTO release_event SELECT release, sequence, at, actor, event, phase_before, phase, step, generation, commands, previous, \(hash) FROM release_event LIMIT 1",
            "UPDATE decision SET verdict = 'pass'", "DELETE FROM decision", "UPDATE approval SET actor = 'nobody'", "DELETE FROM approval",
            "INSERT INTO route SELECT endpoint, 1, at, release, cause, body FROM route WHERE generation = 2",
            "UPDATE route SET generation = 9 WHERE generation = 2", "DELETE FROM route",
            "UPDATE backend SET spec = '{}'", "DELETE FROM backend", "UPDATE endpoint SET generation = 0", "UPDATE endpoint SET name = 'other'",
            "DELETE FROM endpoint", "UPDATE endpoint SET stable = 1", "UPDATE endpoint SET repo = 12345",
            "INSERT INTO endpoint_public_name VALUES ('chat', 1)", "DELETE FROM lock", "DELETE FROM revision",
            "DELETE FROM serving_lock", "UPDATE serving_lock SET bytes = x'02'", "UPDATE controller SET epoch = 2",
            "INSERT INTO controller VALUES (2, 'c', 9, 0)",
            "INSERT INTO endpoint_grant VALUES (1, 1, 'release.all')",
            "INSERT INTO outbox SELECT 99, endpoint, release, generation, kind, payload, 0, 0, NULL, 0 FROM outbox"
        ])
    func refused(_ sql: String) async throws {
        let test = try await Self.filled()
        await test.catalog.close()
        #expect(throws: DatabaseError.self, "\(sql)") { try test.raw { try $0.execute(sql: sql) } }
    }

    @Test("a release that has ended stays so, and its end makes room for the next")
    func ended() async throws {
        let test = try await Self.filled()
        await test.catalog.close()
        try test.raw { try $0.execute(sql: "UPDATE release SET phase = 'succeeded' WHERE number = 1") }
        try test.raw { try $0.execute(sql: "UPDATE release SET phase = 'preparing' WHERE number = 2") }
        #expect(throws: DatabaseError.self) { try test.raw { try $0.execute(sql: "UPDATE release SET phase = 'failed' WHERE number = 1") } }
    }

    @Test("the same work is asked once for each generation, and again once it is done")
    func outbox() async throws {
        let test = try await Self.filled()
        func post(_ release: Int64?) async throws {
            try await test.write { tx in
                try tx.post(
                    OutboxPayload(.stop, backend: BackendID(Drafts.digest("backend"))), endpoint: 1, release: release, generation: 1, due: tx.now)
            }
        }
        func ids() throws -> [Int64] { try test.catalog.read { try $0.dueOutbox(now: test.clock.now, limit: 9).map(\.id) } }
        try await post(1)
        #expect(try ids() == [1])
        try await post(nil)
        try await post(nil)
        #expect(try ids() == [1, 2])
        // What waits for another attempt is not overtaken by what came later for the same endpoint.
        try await test.write { try $0.postponeOutbox(1, error: "x", until: $0.now.adding(seconds: 5)) }
        #expect(try ids().isEmpty)
        // But for a route.
        let route = TrafficRoute(endpoint: try EndpointName(parsing: "chat"), generation: 3, targets: [])
        try await test.write { try $0.post(OutboxPayload(.route, route: route), endpoint: 1, release: 1, generation: 2, due: $0.now) }
        #expect(try ids() == [3])
        try await test.write { try $0.settleOutbox([3]) }
        test.clock.turn(seconds: 5)
        #expect(try ids() == [1, 2])
        try await test.write { try $0.settleOutbox([1]) }
        try await post(1)
        #expect(try ids().count == 2)
        await test.catalog.close()
    }

    @Test("every statement of a release on its way finds its rows by an index")
    func plans() async throws {
        let test = try await Self.filled()
        try test.raw { db in
            for sql in [
                "SELECT 1 FROM release WHERE phase NOT IN ('succeeded', 'rolled-back', 'failed', 'canceled', 'superseded') ORDER BY id",
                "SELECT max(generation) FROM route WHERE endpoint = 1",
                "SELECT sequence FROM release_event WHERE release = 1 ORDER BY sequence DESC LIMIT 1",
                "SELECT 1 FROM route WHERE endpoint = 1 AND at <= 5 ORDER BY at DESC, generation DESC LIMIT 1"
            ] {
                let plan = try Row.fetchAll(db, sql: "EXPLAIN QUERY PLAN " + sql).map { $0["detail"] as String }
                #expect(plan.allSatisfy { $0.contains("USING") }, "\(sql): \(plan)")
            }
        }
        await test.catalog.close()
    }
}
