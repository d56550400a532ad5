import Blobs
import Core
import Foundation
import Hub
import Synchronization
import TestKit
import Testing

@Suite("collection")
struct CollectTests {
    static let day: Int64 = 86_400

    /// Every file below the data root's folders of blobs, with its name.
    static func stored(_ test: TestHub) async throws -> Set<Digest> {
        var found: Set<Digest> = []
        try await test.hub.blobs.forEachBlob { digest, _, _ in found.insert(digest) }
        return found
    }

    static func digests(_ contents: String...) -> Set<Digest> { Set(contents.map(TestHub.digest)) }

    @Test("what was sent is kept for a day, then lies in the trash for the grace, then is gone")
    func lease() async throws {
        let test = try await TestHub()
        try await test.publish(["a": "kept"], to: "acme/whale")
        try await test.send("orphan", by: test.admin)
        test.clock.turn(seconds: 60)
        let early = try await test.collect(grace: 0)
        #expect(early.condemned == [] && early.blobs == 2 && early.spared == 0)

        test.clock.turn(days: 1)
        let spared = try await test.collect(grace: 2 * Self.day)
        #expect(spared.condemned == [] && spared.spared == 1, "younger than the grace")
        let first = try await test.collect(grace: 0)
        #expect(first.condemned == [TestHub.digest("orphan")] && first.condemnedBytes == 6 && first.purged == 0)
        #expect(try await Self.stored(test) == Self.digests("kept"))
        #expect(try await test.hub.blobs.trash().map(\.digest) == [TestHub.digest("orphan")])

        test.clock.turn(seconds: Self.day / 2)
        #expect(try await test.collect().purged == 0)
        test.clock.turn(days: 1)
        let last = try await test.collect()
        #expect(last.purged == 1 && last.purgedBytes == 6)
        #expect(try await test.hub.blobs.trash().isEmpty)
        #expect(try test.events().last?.action == "store.collected" && test.events().last?.detail["purged"] == "1")
        #expect(try test.rows().count("lease") == 0)
        #expect(try await test.files(of: "acme/whale") == ["a": "kept"])
        #expect(try await test.verify().isWhole)
        await test.close()
    }

    @Test("announcing a publish keeps what is here until it comes")
    func plan() async throws {
        let test = try await TestHub()
        try await test.publish(["a": "1", "b": "2"], to: "acme/whale")
        try await test.hub.deleteRepo(test.repo("acme/whale"), expected: .none, by: test.admin)
        test.clock.turn(days: 2)
        // Its sender's lease is over, and no repo holds it; still announced in time by somebody.
        let draft = try test.draft(["a": "1"], to: "acme/again")
        _ = try await test.hub.planPublish(draft.files, to: draft.repo, by: test.admin)
        #expect(try await test.collect(grace: 0).condemned == [TestHub.digest("2")])
        test.clock.turn(days: 2)
        #expect(try await test.collect(grace: 0).condemned == [TestHub.digest("1")])
        await test.close()
    }

    @Test("the second look gives back what somebody announced meanwhile")
    func secondLook() async throws {
        let folder = try TestFolder()
        let catalog = folder.file("data/catalog.sqlite")
        let digest = TestHub.digest("wanted again")
        let clock = TestClock()
        let failure = Mutex<String?>(nil)
        let probe = Probe { step in
            guard step == .collectTrashed else { return }
            do {
                try tamper(
                    catalog, "REPLACE INTO lease SELECT x'\(digest.hex)', id, 0, \(clock.now.adding(seconds: 60).milliseconds) FROM user LIMIT 1")
            } catch { failure.withLock { $0 = "\(error)" } }
        }
        let test = try await TestHub(in: folder, clock: clock, probe: probe)
        try await test.send("wanted again", by: test.admin)
        try await test.send("not wanted", by: test.admin)
        clock.turn(days: 2)
        let outcome = try await test.collect()
        #expect(failure.withLock { $0 } == nil)
        #expect(outcome.condemned.count == 2 && outcome.restored == 1)
        #expect(try await Self.stored(test) == [digest])
        #expect(try await test.hub.blobs.verify(digest, bytesPerSecond: nil) == .whole)
        await test.close()
    }

    @Test("a dry run changes nothing and says what a real one then does")
    func dryRun() async throws {
        let test = try await TestHub()
        for i in 0..<5 { try await test.publish(["a": "\(i)", "shared": "s"], to: "acme/r\(i)", version: "1.0") }
        try await test.send("orphan", by: test.admin)
        test.clock.turn(days: 3)
        for i in 0..<3 { try await test.hub.deleteRepo(test.repo("acme/r\(i)"), expected: .none, by: test.admin) }
        _ = try await test.collect()
        test.clock.turn(days: 3)
        try await test.hub.deleteRepo(test.repo("acme/r3"), expected: .none, by: test.admin)
        let (rows, files) = (try test.rows(), try await Self.stored(test))
        let trash = try await test.hub.blobs.trash()
        let dry = try await test.collect(dry: true)
        #expect(try test.rows() == rows)
        #expect(try await Self.stored(test) == files)
        #expect(try await test.hub.blobs.trash() == trash)
        let real = try await test.collect()
        #expect(dry.condemned == [TestHub.digest("3")] && dry.purged == 4)
        #expect(dry.condemned == real.condemned && dry.condemnedBytes == real.condemnedBytes && dry.blobs == real.blobs)
        #expect(dry.purged == real.purged && dry.purgedBytes == real.purgedBytes && dry.restored == real.restored && dry.spared == real.spared)
        #expect(try await Self.stored(test) == Self.digests("4", "s"))
        #expect(try await test.verify().isWhole)
        await test.close()
    }

    @Test("only one of collection and backup runs at a time, and a refused one leaves the turn free")
    func turns() async throws {
        let test = try await TestHub()
        #expect(try await code { try await test.hub.collect(isDryRun: false, graceSeconds: -1, by: test.admin) } == .invalidRequest)
        #expect(try await code { try await test.hub.backup(to: "relative", by: test.admin) { _, _ in } } == .invalidRequest)
        let target = try TestFolder()
        _ = try await test.hub.backup(to: target.file("b"), by: test.admin) { (_, _) async throws in
            #expect(try await code { try await test.collect() } == .unavailable)
        }
        #expect(try await code { try await test.collect() } == nil)
        await test.close()
    }
}
