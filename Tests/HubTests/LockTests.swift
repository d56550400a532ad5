import Core
import Foundation
import Hub
import TestKit
import Testing

@Suite("deploy locks")
struct LockTests {
    static func pin(_ revision: RevisionFacts) -> PinnedRevision {
        PinnedRevision(repo: revision.repo, commit: revision.commit, manifest: revision.manifest)
    }

    @Test("registering twice is once; only its owner or a site admin gives it up")
    func owner() async throws {
        let test = try await TestHub()
        let (ada, bob) = (try await test.user("ada"), try await test.user("bob"))
        let revision = try await test.publish(["a": "1"], to: "acme/whale").named.revision
        let count = try test.events().count
        let lock = try await test.hub.registerLock(Array("lock".utf8), name: "prod", pins: [Self.pin(revision)], by: ada)
        #expect(lock.digest == TestHub.digest("lock") && lock.by == "ada" && lock.revisions.map(\.commit) == [revision.commit])
        #expect(try await test.hub.registerLock(Array("lock".utf8), name: "prod", pins: [Self.pin(revision)], by: ada) == lock)
        #expect(try test.actions(since: count) == ["lock.registered"])
        #expect(try test.hub.lockBytes(lock.digest, for: bob) == Array("lock".utf8))
        #expect(try await code { try await test.hub.releaseLock(lock.digest, by: bob) } == .notPermitted)
        try await test.hub.releaseLock(lock.digest, by: ada)
        #expect(try await code { try await test.hub.releaseLock(lock.digest, by: ada) } == .unknownLock)
        #expect(try await code { try test.hub.lockBytes(lock.digest, for: ada) } == .unknownLock)
        await test.close()
    }

    @Test("a pin must be true: the commit is there, with that manifest")
    func pins() async throws {
        let test = try await TestHub()
        let revision = try await test.publish(["a": "1"], to: "acme/whale").named.revision
        let rows = try test.rows()
        func register(_ pin: PinnedRevision, _ who: Principal) async throws -> HubError.Code? {
            try await code { try await test.hub.registerLock([1], name: "x", pins: [pin], by: who) }
        }
        let wrong = PinnedRevision(repo: revision.repo, commit: revision.commit, manifest: TestHub.digest("other"))
        #expect(try await register(wrong, test.admin) == .digestMismatch)
        let absent = PinnedRevision(repo: revision.repo, commit: try GitID(parsing: String(repeating: "0", count: 40)), manifest: revision.manifest)
        #expect(try await register(absent, test.admin) == .unknownRevision)
        #expect(try await register(Self.pin(revision), .anonymous) == .unauthenticated)
        let ada = try await test.user("ada", role: .reader)
        #expect(try await register(Self.pin(revision), ada) == .notPermitted)
        #expect(try test.rows().tablesDifferent(from: rows).isSubset(of: ["user", "owner", "token", "event"]))
        await test.close()
    }

    @Test("a list in pages passes over locks on repos that one may not see")
    func pages() async throws {
        let test = try await TestHub()
        let ada = try await test.user("ada")
        let open = try await test.publish(["a": "1"], to: "acme/open").named.revision
        let secret = try await test.publish(["a": "2"], to: "acme/secret") { $0.isPrivate = true }.named.revision
        for i in 0..<20 {
            // Two of three are hidden, so that some pages would be empty.
            _ = try await test.hub.registerLock(
                [UInt8(i)], name: "lock-\(i)", pins: i % 3 == 2 ? [Self.pin(open)] : [Self.pin(open), Self.pin(secret)], by: test.admin)
        }
        for limit in 1...7 {
            var names: [String] = []
            var after: Int64 = 0
            while true {
                let page = try test.hub.locks(after: after, limit: limit, for: ada)
                names += page.map(\.facts.name)
                guard page.count == limit, let last = page.last else { break }
                after = last.id
            }
            #expect(names == ["lock-2", "lock-5", "lock-8", "lock-11", "lock-14", "lock-17"], "pages of \(limit)")
        }
        #expect(try test.hub.locks(after: 0, limit: 100, for: test.admin).count == 20)
        let hidden = try test.hub.locks(after: 0, limit: 1, for: test.admin)[0].facts.digest
        #expect(try await code { try test.hub.lockBytes(hidden, for: ada) } == .unknownLock)
        #expect(try await code { try await test.hub.releaseLock(hidden, by: ada) } == .unknownLock)
        #expect(try await code { try test.hub.locks(after: 0, limit: 1, for: .anonymous) } == .unauthenticated)
        await test.close()
    }
}
