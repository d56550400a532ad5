import Core
import Foundation
import Hub
import TestKit
import Testing

@Suite("repos")
struct RepoTests {
    @Test("a renamed repo keeps lineage, members and history; its old name leads on until it is taken")
    func rename() async throws {
        let test = try await TestHub()
        try await test.publish(["b": "base"], to: "acme/base", version: "1.0")
        try await test.publish(["a": "1"], to: "acme/child") { $0.bases = [try LineageClaim(parsing: "acme/base@1.0:adapter")] }
        let old = try test.repo("acme/base")
        let before = try test.hub.repo(old, for: test.admin)
        let count = try test.events().count
        test.clock.turn(seconds: 5)
        let moved = try await test.hub.moveRepo(old, to: test.repo("zoo/Fundament"), by: test.admin)
        #expect(moved.id == before.id && moved.name.path == "zoo/Fundament" && moved.generation == before.generation + 1)
        #expect(moved.head == before.head && moved.updated == test.clock.now)
        #expect(try test.actions(since: count) == ["owner.created", "member.set", "repo.moved"])
        #expect(try test.events().last?.detail == ["from": "acme/base"])

        #expect(try test.hub.repo(old, for: .anonymous).name.path == "zoo/Fundament")
        #expect(try await test.files(of: "acme/base", at: "1.0") == ["b": "base"])
        #expect(try await test.files(of: "ZOO/fundament") == ["b": "base"])
        let steps = try test.hub.lineage(of: .main, in: test.repo("acme/child"), .up, depth: 9, for: .anonymous).steps
        #expect(steps.map { "\($0.kind) \($0.parent.repo)@\($0.parent.version?.text ?? "")" } == ["adapter zoo/Fundament@1.0"])
        #expect(try test.hub.repos(.model, owner: nil, search: "fundament", before: nil, beforeID: .max, limit: 9, for: .anonymous).count == 1)
        #expect(try test.hub.repos(.model, owner: nil, search: "base", before: nil, beforeID: .max, limit: 9, for: .anonymous).isEmpty)

        // Taken again: the old name is the new repo's alone.
        let taken = try await test.hub.createRepo(old, isPrivate: false, description: "", by: test.admin)
        #expect(taken.id != before.id)
        #expect(try test.hub.repo(old, for: .anonymous).id == taken.id)
        #expect(try await code { try await test.hub.moveRepo(test.repo("zoo/Fundament"), to: old, by: test.admin) } == .repoExists)
        #expect(try test.hub.repo(test.repo("zoo/fundament"), for: .anonymous).id == before.id)
        await test.close()
    }

    @Test("there and back again, and a change of case alone")
    func back() async throws {
        let test = try await TestHub()
        try await test.publish(["a": "1"], to: "acme/whale")
        for name in ["acme/orca", "acme/whale", "acme/Whale", "acme/orca"] {
            _ = try await test.hub.moveRepo(test.repo("acme/WHALE"), to: test.repo(name), by: test.admin)
            #expect(try test.hub.repo(test.repo("acme/whale"), for: .anonymous).name.path == name)
        }
        #expect(try test.rows().tables["repo_former_name"]?.count == 1)
        // Kinds are worlds of their own.
        #expect(try await code { try test.hub.repo(test.repo("acme/whale", .dataset), for: test.admin) } == .unknownRepo)
        await test.close()
    }

    @Test("moving needs admin there and writer here")
    func moveRights() async throws {
        let test = try await TestHub()
        let ada = try await test.user("ada", role: .admin)
        try await test.publish(["a": "1"], to: "ada/whale", by: ada)
        try await test.publish(["a": "1"], to: "acme/orca")
        let rows = try test.rows()
        #expect(try await code { try await test.hub.moveRepo(test.repo("ada/whale"), to: test.repo("acme/whale"), by: ada) } == .notPermitted)
        #expect(try await code { try await test.hub.moveRepo(test.repo("acme/orca"), to: test.repo("ada/orca"), by: ada) } == .notPermitted)
        #expect(try test.rows() == rows)
        await test.close()
    }

    @Test("a change needs the state that was read; the list shows it first")
    func change() async throws {
        let test = try await TestHub()
        for name in ["a", "b"] {
            test.clock.turn(seconds: 1)
            _ = try await test.hub.createRepo(test.repo("acme/\(name)"), isPrivate: false, description: "first \(name)", by: test.admin)
        }
        func listed() throws -> [String] {
            try test.hub.repos(.model, owner: nil, search: "first", before: nil, beforeID: .max, limit: 9, for: .anonymous).map(\.name.name)
        }
        #expect(try listed() == ["b", "a"])
        let read = try test.hub.repo(test.repo("acme/a"), for: test.admin)
        test.clock.turn(seconds: 1)
        let changed = try await test.hub.changeRepo(
            read.name, isPrivate: nil, description: "first of all", expected: .exactly(read.generation), by: test.admin)
        #expect(changed.generation == read.generation + 1 && changed.description == "first of all" && !changed.isPrivate)
        #expect(try listed() == ["a", "b"])
        let rows = try test.rows()
        let late = try await refusal {
            try await test.hub.changeRepo(read.name, isPrivate: true, description: nil, expected: .exactly(read.generation), by: test.admin)
        }
        #expect(late?.code == .preconditionFailed && late?.details["etag"] == "\"\(changed.generation)\"")
        #expect(
            try await code { try await test.hub.deleteRepo(read.name, expected: .exactly(read.generation), by: test.admin) } == .preconditionFailed)
        #expect(
            try await code {
                try await test.hub.changeRepo(
                    read.name, isPrivate: nil, description: String(repeating: "x", count: 4097), expected: .none, by: test.admin)
            } == .tooLarge)
        #expect(try test.rows() == rows)
        await test.close()
    }

    @Test("deleting is refused while a lock or another repo's lineage needs it, and says who")
    func deleteRefused() async throws {
        let test = try await TestHub()
        let base = try await test.publish(["b": "base"], to: "acme/base", version: "1.0").named.revision
        try await test.publish(["a": "1"], to: "acme/child", version: "0.1") { $0.bases = [try LineageClaim(parsing: "acme/base")] }
        let lock = try await test.hub.registerLock(
            [1, 2, 3], name: "prod", pins: [PinnedRevision(repo: base.repo, commit: base.commit, manifest: base.manifest)], by: test.admin)
        let rows = try test.rows()
        let error = try #require(try await refusal { try await test.hub.deleteRepo(base.repo, expected: .none, by: test.admin) })
        #expect(error.code == .protected)
        #expect(error.message.contains("the lock 'prod' pins \(base.commit.hex.prefix(12))"))
        #expect(error.message.contains("acme/child@0.1 is made from it (finetune)"))
        #expect(try test.rows() == rows)

        try await test.hub.releaseLock(lock.digest, by: test.admin)
        #expect(try await code { try await test.hub.deleteRepo(base.repo, expected: .none, by: test.admin) } == .protected)
        try await test.hub.deleteRepo(test.repo("acme/child"), expected: .none, by: test.admin)
        try await test.hub.deleteRepo(base.repo, expected: .none, by: test.admin)
        #expect(try await code { try test.hub.repo(base.repo, for: test.admin) } == .unknownRepo)
        #expect(try test.actions(since: test.events().count - 3) == ["lock.released", "repo.deleted", "repo.deleted"])
        // What it held is nobody's any more, to whoever did not send it.
        #expect(try await code { try test.hub.sizeOfReadable(TestHub.digest("base"), for: .anonymous) } == .unknownBlob)
        #expect(try await test.verify().isWhole)
        await test.close()
    }

    @Test("lineage inside a repo does not hold it")
    func ownLineage() async throws {
        let test = try await TestHub()
        try await test.publish(["a": "1"], to: "acme/whale", version: "1.0")
        try await test.publish(["a": "2"], to: "acme/whale", version: "2.0") { $0.bases = [try LineageClaim(parsing: "acme/whale@1.0:quantized")] }
        #expect(
            try await code {
                try await test.hub.addLineage(LineageClaim(parsing: "acme/whale@2.0"), to: .at("1.0"), in: test.repo("acme/whale"), by: test.admin)
            } == .lineageCycle)
        try await test.hub.deleteRepo(test.repo("acme/whale"), expected: .none, by: test.admin)
        let rows = try test.rows()
        #expect(rows.count("lineage") == 0 && rows.count("revision") == 0 && rows.count("ref") == 0)
        await test.close()
    }

    @Test("downloads are counted and survive a restart")
    func downloads() async throws {
        let test = try await TestHub()
        try await test.publish(["a": "1"], to: "acme/whale")
        let id = try test.hub.repo(test.repo("acme/whale"), for: .anonymous).id
        for _ in 0..<3 { test.hub.countDownload(of: id) }
        try await test.hub.flushDownloads()
        try await test.hub.flushDownloads()
        #expect(try test.hub.repo(test.repo("acme/whale"), for: .anonymous).downloads == 3)
        await test.close()
    }
}
