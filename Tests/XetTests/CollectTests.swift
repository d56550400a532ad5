import Blobs
import Catalog
import Core
import Foundation
import Hub
import TestKit
import Testing
import XetFormat

@Suite("collecting what came by Xet")
struct CollectTests {
    static let month: Int64 = 28 * 86_400

    static func epoch(_ test: TestHub) throws -> Int64? { try test.hub.catalog.read { try $0.xetStore()?.epoch } }
    static func xorbs(_ test: TestHub) throws -> Int { try test.rows().count("xorb") }

    static func filled() async throws -> (TestHub, SampleXorb) {
        let test = try await TestHub()
        try await test.publish(["a": "b"], to: "acme/other")
        _ = try await test.hub.xetToken(.write, for: test.repo("acme/other"), at: .main, by: test.admin)
        let xorb = SampleXorb(seed: 1)
        try await test.send(xorb, by: test.admin)
        return (test, xorb)
    }

    @Test("what nobody uses stays for 28 days, however short the grace, then goes with its bytes")
    func month() async throws {
        let (test, xorb) = try await Self.filled()
        test.clock.turn(seconds: Self.month)
        let kept = try await test.collect(grace: 0)
        #expect(kept.condemned == [] && kept.xorbs == 0)
        #expect(try await test.register(SampleFile([(xorb, 0..<2)]), by: test.admin), "the client remembered it")
        test.clock.turn(seconds: Self.month)
        #expect(try await test.collect(grace: 0).xorbs == 0, "touched when it was referred to")
        test.clock.turn(seconds: 3601)
        let gone = try await test.collect(grace: 0)
        #expect(gone.xorbs == 1 && gone.condemned.count == 2)
        #expect(try Self.epoch(test) == 1, "no promise was broken")
        #expect(try test.rows().count("xet_chunk") == 0 && test.rows().count("xorb_sender") == 0)
        test.clock.turn(seconds: 1)
        _ = try await test.collect(grace: 0)
        #expect(try test.stored().count == 1)
        #expect(try await test.verify().isWhole)
        await test.close()
    }

    @Test("being told of a xorb keeps it as well")
    func told() async throws {
        let (test, xorb) = try await Self.filled()
        test.clock.turn(days: 20)
        #expect(try await test.hub.xorb(xorb.hash, for: test.admin) != nil)
        test.clock.turn(days: 20)
        #expect(try await test.collect(grace: 0).xorbs == 0)
        #expect(try await code { try await test.register(SampleFile(xorb), by: test.admin) } == nil)
        await test.close()
    }

    @Test("published files keep their xorbs for ever; a deleted repo's go with the promise")
    func published() async throws {
        let (test, xorb) = try await Self.filled()
        let (part, whole) = (SampleFile([(xorb, 1..<3)]), SampleFile(xorb))
        try await test.register([part.shard, whole.shard], by: test.admin)
        try await test.publish([("p", part), ("w", whole)], to: "acme/whale", by: test.admin)
        test.clock.turn(days: 100)
        #expect(try await test.collect(grace: 0).condemned == [])
        #expect(try await test.read(part.digest) == part.bytes)
        try await test.hub.deleteRepo(test.repo("acme/whale"), expected: .none, by: test.admin)
        test.clock.turn(days: 2)
        let gone = try await test.collect(grace: 0)
        // The whole file is its own xorb's bytes: neither may hold the other.
        #expect(gone.xorbs == 1 && Set(gone.condemned).isSuperset(of: [part.digest, whole.digest]))
        #expect(try test.rows().count("xet_file") == 0 && test.rows().count("xorb_use") == 0)
        #expect(try Self.epoch(test) == 1)
        await test.close()
    }

    @Test("a deleted file's xorb may be referred to until the month is over")
    func remembered() async throws {
        let (test, xorb) = try await Self.filled()
        let file = SampleFile([(xorb, 1..<3)])
        try await test.register(file, by: test.admin)
        try await test.publish([("f", file)], to: "acme/whale", by: test.admin)
        try await test.hub.deleteRepo(test.repo("acme/whale"), expected: .none, by: test.admin)
        test.clock.turn(days: 2)
        #expect(try await test.collect(grace: 0).condemned == [file.digest])
        #expect(try await test.register(file, by: test.admin))
        #expect(try await test.read(file.digest) == file.bytes)
        await test.close()
    }

    @Test("forgetting uploads breaks the promise, and tells the clients by a new epoch")
    func forget() async throws {
        let (test, xorb) = try await Self.filled()
        let used = SampleXorb(seed: 2)
        try await test.send(used, by: test.admin)
        let file = SampleFile([(used, 0..<1)])
        try await test.register(file, by: test.admin)
        try await test.publish([("f", file)], to: "acme/whale", by: test.admin)
        test.clock.turn(seconds: 100)
        let young = try await test.hub.collect(isDryRun: false, graceSeconds: 3600, forgetUploads: true, by: test.admin)
        #expect(young.xorbs == 0 && young.condemned == [], "somebody may be about to refer to it")
        let rows = try test.rows()
        let dry = try await test.hub.collect(isDryRun: true, graceSeconds: 50, forgetUploads: true, by: test.admin)
        #expect(dry.xorbs == 1)
        #expect(try test.rows() == rows)
        let gone = try await test.hub.collect(isDryRun: false, graceSeconds: 50, forgetUploads: true, by: test.admin)
        #expect(gone.xorbs == 1 && gone.condemned.contains(xorb.digest) && !gone.condemned.contains(used.digest))
        #expect(try Self.epoch(test) == test.clock.now.seconds)
        #expect(try test.events().map(\.action).filter { $0 == "xet.epoch-began" }.count == 1)
        #expect(try await code { try await test.register(SampleFile(xorb), by: test.admin) } == .blobsMissing)
        #expect(try await test.read(file.digest) == file.bytes)
        #expect(try await test.verify().isWhole)
        _ = try await test.hub.collect(isDryRun: false, graceSeconds: 50, forgetUploads: true, by: test.admin)
        #expect(try test.events().map(\.action).filter { $0 == "xet.epoch-began" }.count == 1, "nothing more was broken")
        await test.close()
    }

    @Test("a backup is the same store in another epoch, and holds all that a client can refer to")
    func backup() async throws {
        let (test, xorb) = try await Self.filled()
        let file = SampleFile([(xorb, 1..<3)])
        try await test.register(file, by: test.admin)
        let store = try #require(try test.hub.catalog.read { try $0.xetStore() })
        let target = try TestFolder()
        _ = try await test.hub.backup(to: target.file("data"), by: test.admin) { _, _ in }
        #expect(try Self.epoch(test) == store.epoch, "the original goes on")
        test.clock.turn(days: 1)
        let copy = try await TestHub(in: target, clock: test.clock)
        let copied = try #require(try copy.hub.catalog.read { try $0.xetStore() })
        #expect(copied.name == store.name && copied.epoch > store.epoch)
        #expect(try await copy.verify().isWhole)
        #expect(try await copy.read(file.digest) == file.bytes)
        #expect(try await copy.register(SampleFile([(xorb, 0..<4)]), by: copy.admin))
        let restored = try TestFolder()
        _ = try await copy.hub.restore(to: restored.file("data")) { _, _ in }
        await copy.close()
        let third = try await TestHub(in: restored, clock: test.clock)
        #expect(try #require(try third.hub.catalog.read { try $0.xetStore() }).epoch > copied.epoch)
        #expect(try await third.read(file.digest) == file.bytes)
        await third.close()
        await test.close()
    }
}
