import Blobs
import Core
import Foundation
import Hub
import TestKit
import Testing

/// Keeps a copy of the data folder at each step, as a power cut would leave it, and opens it.
@Suite("crashes")
struct CrashTests {
    static let publishSteps: [Checkpoint] = [.publishChecked, .publishNamed, .publishInTransaction, .publishCommitted]
    static let collectSteps: [Checkpoint] = [.collectRowsGone, .collectTrashed, .collectPurged]

    /// What the server does with a folder before its first request.
    static func reopen(_ folder: TestFolder, _ clock: TestClock) async throws -> TestHub {
        let test = try await TestHub(in: folder, clock: clock)
        _ = try await test.hub.recoverTrash()
        return test
    }

    @Test("a publish cut off at any step is there whole or not at all, and can be made again")
    func publish() async throws {
        let stops = Stops()
        let test = try await TestHub(probe: stops.probe)
        let old = ["README.md": "old", "weights/a": "same"]
        let new = ["README.md": "new", "weights/a": "same", "weights/b": "more"]
        try await test.publish(old, to: "acme/whale", version: "1.0")
        stops.watch(test.folder, Set(Self.publishSteps))
        let made = try await test.publish(new, to: "acme/whale", version: "2.0") { $0.idempotencyKey = "k" }.named.revision
        stops.rest()
        #expect(stops.failure == nil && stops.copies.map(\.step) == Self.publishSteps)
        for (step, folder) in stops.copies {
            let cut = try await Self.reopen(folder, TestClock(test.clock.now))
            let isThere = step == .publishCommitted
            #expect(try await cut.verify().isWhole, "\(step.rawValue)")
            #expect(try await cut.files(of: "acme/whale") == (isThere ? new : old), "\(step.rawValue)")
            #expect(try await cut.files(of: "acme/whale", at: "1.0") == old)
            #expect(try await code { try await cut.files(of: "acme/whale", at: "2.0") } == (isThere ? nil : .unknownRevision))
            // Whoever lost the answer asks again.
            let again = try await cut.publish(new, to: "acme/whale", version: "2.0") { $0.idempotencyKey = "k" }
            #expect(again.named.revision.commit == made.commit && again.wasNew)
            #expect(try await cut.files(of: "acme/whale", at: "2.0") == new)
            #expect(try cut.hub.history(from: .main, of: cut.repo("acme/whale"), limit: 9, for: cut.admin).page.count == 2)
            cut.clock.turn(days: 3)
            _ = try await cut.collect()
            #expect(try await cut.verify().isWhole)
            #expect(try await cut.files(of: "acme/whale", at: "2.0") == new)
            await cut.close()
        }
        await test.close()
    }

    @Test("a collection cut off at any step has lost nothing that is needed, and the next one ends it")
    func collect() async throws {
        let stops = Stops()
        let test = try await TestHub(probe: stops.probe)
        try await test.publish(["a": "kept", "s": "shared"], to: "acme/kept", version: "1.0")
        try await test.publish(["a": "gone", "s": "shared"], to: "acme/gone")
        try await test.publish(["a": "gone before"], to: "acme/before")
        test.clock.turn(days: 2)
        try await test.hub.deleteRepo(test.repo("acme/before"), expected: .none, by: test.admin)
        _ = try await test.collect()
        test.clock.turn(days: 2)
        try await test.hub.deleteRepo(test.repo("acme/gone"), expected: .none, by: test.admin)
        stops.watch(test.folder, Set(Self.collectSteps))
        let outcome = try await test.collect()
        stops.rest()
        #expect(outcome.condemned == [TestHub.digest("gone")] && outcome.purged == 1)
        #expect(stops.failure == nil && stops.copies.map(\.step) == Self.collectSteps)
        for (step, folder) in stops.copies {
            let cut = try await Self.reopen(folder, TestClock(test.clock.now))
            #expect(try await cut.verify().isWhole, "\(step.rawValue)")
            #expect(try await cut.files(of: "acme/kept", at: "1.0") == ["a": "kept", "s": "shared"], "\(step.rawValue)")
            // What was condemned may be sent and published again at once.
            try await cut.publish(["a": "gone"], to: "acme/again")
            #expect(try await cut.files(of: "acme/again") == ["a": "gone"])
            try await cut.hub.deleteRepo(cut.repo("acme/again"), expected: .none, by: cut.admin)
            for _ in 0..<3 {
                cut.clock.turn(days: 2)
                _ = try await cut.collect()
            }
            #expect(try await CollectTests.stored(cut) == CollectTests.digests("kept", "shared"), "\(step.rawValue)")
            #expect(try await cut.hub.blobs.trash().isEmpty, "\(step.rawValue)")
            #expect(try await cut.verify().isWhole)
            await cut.close()
        }
        await test.close()
    }

    @Test("what was condemned and is needed after all is given back at the next start")
    func recover() async throws {
        let test = try await TestHub()
        try await test.publish(["a": "needed"], to: "acme/whale")
        try await test.send("orphan", by: test.admin)
        test.clock.turn(days: 2)
        _ = try await test.hub.blobs.moveToTrash([TestHub.digest("needed"), TestHub.digest("orphan")], at: test.clock.now, untouchedSince: nil)
        #expect(try await test.hub.recoverTrash() == 2, "rows speak for both")
        test.clock.turn(days: 2)
        _ = try await test.collect()
        #expect(try await test.hub.blobs.trash().map(\.digest) == [TestHub.digest("orphan")])
        #expect(try await test.hub.recoverTrash() == 0)
        #expect(try await test.files(of: "acme/whale") == ["a": "needed"])
        await test.close()
    }
}
