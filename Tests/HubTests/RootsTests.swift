import Blobs
import Core
import Foundation
import Hub
import TestKit
import Testing

@Suite("what collection must never take")
struct RootsTests {
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
        test.clock.turn(seconds: CollectTests.day - 1)
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
            test.clock.turn(seconds: CollectTests.day / 3)
        }
        try await test.hub.deleteRef(.named("dev"), .branch, in: test.repo("acme/whale"), expected: .none, by: test.admin)
        for _ in 0..<12 {
            test.clock.turn(seconds: CollectTests.day / 4)
            _ = try await test.collect()
        }
        #expect(try await CollectTests.stored(test) == CollectTests.digests("main"))
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
        #expect(Set(try await test.collect().condemned) == CollectTests.digests("pinned 1", "pinned 2", "pinned 3"))
        try await test.hub.deleteRepo(test.repo("acme/child"), expected: .none, by: test.admin)
        #expect(Set(try await test.collect().condemned) == CollectTests.digests("base 1", "base 2", "base 3", "child"))
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
        #expect(try await CollectTests.stored(test).count == 4)
        await test.close()
    }

    @Test("whatever happens in whatever order, everything that can be reached can be read", arguments: 0..<4 as Range<UInt64>)
    func random(_ seed: UInt64) async throws {
        var chance = Chance(seed)
        let test = try await TestHub()
        for _ in 0..<30 {
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
