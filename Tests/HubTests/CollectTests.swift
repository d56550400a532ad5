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
                try tamper(catalog, "REPLACE INTO lease SELECT x'\(digest.hex)', id, 0, \(clock.now.adding(seconds: 60).milliseconds) FROM user LIMIT 1")
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

    @Test("a revision that a branch or alias left goes only after the grace, however old it is")
    func branchMove() async throws {
        let test = try await TestHub()
        let repo = try test.repo("acme/whale")
        let first = try await test.publish(["a": "1"], to: "acme/whale").named.revision.commit
        let second = try await test.publish(["a": "2"], to: "acme/whale").named.revision.commit
        test.clock.turn(days: 300)
        _ = try await test.hub.setRef(.main, .branch, to: .commit(first), in: repo, expected: .none, by: test.admin)
        test.clock.turn(seconds: 3600)
        #expect(try await test.collect().condemned == [])
        #expect(try test.hub.revision(.commit(second), of: repo, for: .anonymous).revision.commit == second)
        // Undone in time: nothing was lost.
        _ = try await test.hub.setRef(.named("undo"), .alias, to: .commit(second), in: repo, expected: .none, by: test.admin)
        test.clock.turn(days: 30)
        #expect(try await test.collect().condemned == [])
        try await test.hub.deleteRef(.named("undo"), .alias, in: repo, expected: .none, by: test.admin)
        test.clock.turn(seconds: Self.day - 1)
        #expect(try await test.collect().condemned == [])
        test.clock.turn(seconds: 2)
        #expect(try await test.collect().condemned == [TestHub.digest("2")])
        #expect(try await code { try test.hub.revision(.commit(second), of: repo, for: .anonymous) } == .unknownRevision)
        #expect(try await test.files(of: "acme/whale") == ["a": "1"])
        #expect(try await test.verify().isWhole)
        await test.close()
    }

    @Test("a chain that was abandoned goes as a whole, and never stops later collections")
    func chain() async throws {
        let test = try await TestHub()
        try await test.publish(["m": "main"], to: "acme/whale")
        for i in 0..<4 {
            try await test.publish(["a": "\(i)"], to: "acme/whale") { $0.branch = try .named("dev") }
            test.clock.turn(seconds: Self.day / 3)
        }
        try await test.hub.deleteRef(.named("dev"), .branch, in: test.repo("acme/whale"), expected: .none, by: test.admin)
        for _ in 0..<12 {
            test.clock.turn(seconds: Self.day / 4)
            _ = try await test.collect()
        }
        #expect(try await Self.stored(test) == Self.digests("main"))
        #expect(try test.rows().count("revision") == 1)
        #expect(try await test.verify().isWhole)
        await test.close()
    }

    @Test("parents of a lineage and locked revisions stay, with all that they came from")
    func roots() async throws {
        let test = try await TestHub()
        for i in 1...3 {
            try await test.publish(["w": "base \(i)"], to: "acme/base")
            try await test.publish(["w": "pinned \(i)"], to: "acme/pinned")
        }
        let new = try await test.publish(["w": "new"], to: "acme/base") { $0.branch = try .named("new") }.named.revision
        let newPinned = try await test.publish(["w": "new too"], to: "acme/pinned") { $0.branch = try .named("new") }.named.revision
        try await test.publish(["c": "child"], to: "acme/child") { $0.bases = [try LineageClaim(parsing: "acme/base")] }
        let pinned = try test.hub.revision(.main, of: test.repo("acme/pinned"), for: test.admin).revision
        let lock = try await test.hub.registerLock([1], name: "prod", pins: [LockTests.pin(pinned)], by: test.admin)
        for (repo, revision) in [("acme/base", new), ("acme/pinned", newPinned)] {
            _ = try await test.hub.setRef(.main, .branch, to: .commit(revision.commit), in: test.repo(repo), expected: .none, by: test.admin)
        }
        test.clock.turn(days: 30)
        #expect(try await test.collect().condemned == [])
        #expect(try await test.files(of: "acme/pinned", at: pinned.commit.hex) == ["w": "pinned 3"])

        try await test.hub.releaseLock(lock.digest, by: test.admin)
        #expect(Set(try await test.collect().condemned) == Self.digests("pinned 1", "pinned 2", "pinned 3"))
        try await test.hub.deleteRepo(test.repo("acme/child"), expected: .none, by: test.admin)
        #expect(Set(try await test.collect().condemned) == Self.digests("base 1", "base 2", "base 3", "child"))
        #expect(try await test.verify().isWhole)
        await test.close()
    }

    @Test("nothing is collected while a commit's parent is missing")
    func missingParent() async throws {
        let test = try await TestHub()
        for i in 1...3 { try await test.publish(["a": "\(i)"], to: "acme/whale") }
        try await test.send("orphan", by: test.admin)
        test.clock.turn(days: 30)
        try tamper(test.root.layout.catalog, "DELETE FROM revision_parent WHERE revision = (SELECT max(id) FROM revision)")
        let rows = try test.rows()
        let error = try #require(try await refusal { try await test.collect(grace: 0) })
        #expect(error.code == .storageDamaged && error.message.contains("1 revisions name a parent that is not here"))
        #expect(try test.rows() == rows)
        #expect(try await Self.stored(test).count == 4)
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

    @Test("whatever happens in whatever order, everything that can be reached can be read", arguments: 0..<6 as Range<UInt64>)
    func random(_ seed: UInt64) async throws {
        var chance = Chance(seed)
        let test = try await TestHub()
        for _ in 0..<40 {
            let repo = "acme/r\(Int.random(in: 0...2, using: &chance))"
            let name = try test.repo(repo)
            let branch = try RefName.named(["main", "dev"].randomElement(using: &chance) ?? "main")
            switch Int.random(in: 0...9, using: &chance) {
            case 0...4:
                var files = ["common": "c\(Int.random(in: 0...2, using: &chance))"]
                for i in 0...Int.random(in: 0...3, using: &chance) { files["f/\(i)"] = "\(Int.random(in: 0...8, using: &chance))" }
                try await test.publish(files, to: repo) { $0.branch = branch }
            case 5: _ = try await refusal { try await test.hub.deleteRef(branch, .branch, in: name, expected: .none, by: test.admin) }
            case 6:
                _ = try await refusal {
                    let commits = try test.hub.history(from: .name(branch), of: name, limit: 3, for: test.admin).page.map(\.revision.commit)
                    guard let commit = commits.last else { return }
                    _ = try await test.hub.setRef(.main, .branch, to: .commit(commit), in: name, expected: .none, by: test.admin)
                }
            case 7: _ = try await refusal { try await test.hub.deleteRepo(name, expected: .none, by: test.admin) }
            default:
                test.clock.turn(seconds: Int64.random(in: 1...100_000, using: &chance))
                _ = try await test.collect(grace: Int64.random(in: 0...90_000, using: &chance))
            }
        }
        let outcome = try await test.verify()
        #expect(outcome.isWhole, "\(outcome)")
        for repo in try test.hub.repos(.model, owner: nil, search: nil, before: nil, beforeID: .max, limit: 9, for: test.admin) {
            for ref in try test.hub.refs(of: repo.name, for: test.admin) {
                for step in try test.hub.history(from: .commit(ref.commit), of: repo.name, limit: 100, for: test.admin).page {
                    #expect(try await !test.files(of: repo.name.path, at: step.revision.commit.hex).isEmpty)
                }
            }
        }
        await test.close()
    }
}
