import Blobs
import Core
import Foundation
import Hub
import Synchronization
import TestKit
import Testing

@Suite("care of the store")
struct CareTests {
    static func overwrite(_ digest: Digest, with text: String, in test: TestHub) throws {
        let path = test.root.layout.blob(digest)
        try FileManager.default.setAttributes([.posixPermissions: 0o644], ofItemAtPath: path)
        try Data(text.utf8).write(to: URL(filePath: path))
    }

    @Test("damage is found, put aside and healed by publishing again")
    func heal() async throws {
        let test = try await TestHub()
        let files = ["a": "good bytes", "b": "lost bytes", "c": "fine"]
        try await test.publish(files, to: "acme/whale", version: "1.0")
        let (bad, lost) = (TestHub.digest("good bytes"), TestHub.digest("lost bytes"))
        try Self.overwrite(bad, with: "evil bytes", in: test)
        try FileManager.default.removeItem(atPath: test.root.layout.blob(lost))
        let seen = Mutex<[Int64]>([])
        let outcome = try await test.hub.verifyStore(bytesPerSecond: nil, by: test.admin) { done, total in
            seen.withLock { $0.append(done) }
            #expect(done <= total)
        }
        #expect(outcome.damaged == [bad] && Set(outcome.missing) == [bad, lost] && outcome.problems == [] && outcome.isChainIntact)
        #expect(!outcome.isWhole && outcome.blobs == 2 && outcome.bytes == 14)
        #expect(seen.withLock { $0.count == 2 && $0.last == 14 })
        #expect(try String(contentsOfFile: test.root.layout.quarantined(bad, .whole), encoding: .utf8) == "evil bytes")
        #expect(try test.events().last?.detail["damaged"] == bad.hex)
        #expect(try await code { try test.hub.open(bad) } == .unknownBlob)

        let draft = try test.draft(files, to: "acme/whale")
        let plan = try await test.hub.planPublish(draft.files, to: draft.repo, by: test.admin)
        #expect(Set(plan.missing) == [bad, lost])
        #expect(try await code { try await test.hub.publish(draft, by: test.admin) } == .blobsMissing)
        let again = try await test.publish(files, to: "acme/whale")
        #expect(!again.wasNew)
        #expect(try await test.verify().isWhole)
        #expect(try await test.files(of: "acme/whale", at: "1.0") == files)
        await test.close()
    }

    @Test("a catalog that says another size, and one with rows that point at nothing, are told")
    func catalog() async throws {
        let test = try await TestHub()
        try await test.publish(["a": "1"], to: "acme/whale")
        try tamper(test.root.layout.catalog, "UPDATE blob SET size = 7; DELETE FROM tree WHERE id = (SELECT max(tree) FROM revision)")
        let outcome = try await test.verify()
        #expect(outcome.problems.contains { $0.contains("has 1 bytes on disk, 7 in the catalog") })
        #expect(outcome.problems.contains { $0.contains("points at a missing row of tree") })
        #expect(!outcome.isWhole && outcome.damaged == [])
        await test.close()
    }

    @Test("an altered event is found by its number")
    func events() async throws {
        let test = try await TestHub()
        try await test.publish(["a": "1"], to: "acme/whale", version: "1.0")
        let events = try test.events()
        #expect(events.map(\.sequence) == Array(1...Int64(events.count)))
        for (event, next) in zip(events, events.dropFirst()) { #expect(next.previous == event.hash) }
        #expect(try await test.verify().isChainIntact)
        try tamper(test.root.layout.catalog, "DROP TRIGGER event_is_fixed; UPDATE event SET actor = 'somebody else' WHERE sequence = 3")
        let outcome = try await test.verify()
        #expect(!outcome.isChainIntact && !outcome.isWhole)
        #expect(outcome.problems == ["the event log is broken at event 3: it, or one before it, was altered"])
        await test.close()
    }

    @Test("a backup taken while others publish is whole; restored, it is the same hub")
    func backup() async throws {
        let test = try await TestHub()
        try await test.publish(["a": "first"], to: "acme/first", version: "1.0")
        let (kept, new) = (try TestFolder(), try TestFolder())
        let isOver = Mutex(false)
        let publishing = Task {
            var count = 0
            while !isOver.withLock({ $0 }) {
                try await test.publish(["a": "\(count)", "common": "c"], to: "acme/busy", version: "\(count)")
                count += 1
            }
            return count
        }
        while try test.hub.totals().blobs < 5 { await Task.yield() }
        let outcome = try await test.hub.backup(to: kept.file("data"), by: test.admin) { done, total in #expect(done <= total) }
        isOver.withLock { $0 = true }
        let published = try await publishing.value
        #expect(published > 3 && outcome.copied == outcome.blobs && outcome.blobs >= 5)
        #expect(try await code { try await test.hub.backup(to: test.root.layout.root, by: test.admin) { _, _ in } } == .unavailable)
        let second = try await test.hub.backup(to: kept.file("data"), by: test.admin) { _, _ in }
        #expect(second.blobs == (try test.hub.totals().blobs) && second.copied == second.blobs - outcome.blobs, "only what is new is copied")
        let original = try test.rows()
        #expect(try test.events().last?.action == "store.backed-up")

        do {
            let standing = try await TestHub(in: kept, clock: test.clock)
            #expect(try standing.rows().tablesDifferent(from: original) == ["event"])
            #expect(try original.count("event") == standing.rows().count("event") + 1)
            let restored = try await standing.hub.restore(to: new.file("data")) { _, _ in }
            #expect(restored.blobs == second.blobs && restored.copied == second.blobs)
            #expect(try await code { try await standing.hub.restore(to: new.file("data")) { _, _ in } } == .protected)
            #expect(try CatalogRows(of: new.file("data/catalog.sqlite")) == standing.rows())
            await standing.close()
        }
        let again = try await TestHub(in: new, clock: test.clock)
        #expect(try await again.verify().isWhole)
        #expect(try await CollectTests.stored(again) == CollectTests.stored(test))
        #expect(try await again.files(of: "acme/first", at: "1.0") == ["a": "first"])
        for i in 0..<published { #expect(try await again.files(of: "acme/busy", at: "\(i)") == ["a": "\(i)", "common": "c"]) }
        await again.close()
        await test.close()
    }

    @Test("a hub that was closed opens again with everything that was answered")
    func reopen() async throws {
        let folder = try TestFolder()
        let clock = TestClock()
        let rows: CatalogRows
        do {
            let test = try await TestHub(in: folder, clock: clock)
            try await test.publish(["a": "1"], to: "acme/whale", version: "1.0")
            rows = try test.rows()
            await test.close()
        }
        let again = try await TestHub(in: folder, clock: clock)
        #expect(try again.rows() == rows)
        #expect(try await again.files(of: "acme/whale", at: "1.0") == ["a": "1"])
        #expect(try await again.verify().isWhole)
        await again.close()
    }
}
