import Catalog
import Core
import Foundation
import TestKit
import Testing

@Suite("many writers, one sync")
struct WriterTests {
    struct OwnMistake: Error, Equatable { let number: Int }

    @Test("of 64 writes at once only those that throw are undone, each with its own error")
    func groupCommit() async throws {
        let test = try TestCatalog()
        let taken = try await test.repo("acme/taken")
        let before = try CatalogRows(of: test.path)
        enum Kind: Equatable { case fine, mistake, constraint, refused }
        func kind(_ i: Int) -> Kind { i % 8 == 3 ? .mistake : i % 8 == 5 ? .constraint : i % 8 == 7 ? .refused : .fine }
        let results = await withTaskGroup(of: (Int, Result<Int64, any Error>).self) { group in
            for i in 0..<64 {
                group.addTask {
                    do {
                        let id = try await test.write { (tx) throws in
                            let id = try tx.addOwner(OwnerName(parsing: "owner-\(i)"), isUser: false)
                            switch i % 8 {
                            case 3: throw OwnMistake(number: i)
                            case 5: _ = try tx.addRepo(taken.name, owner: id, isPrivate: false, description: "")
                            case 7: throw HubError(.headMoved, "\(i)")
                            default: break
                            }
                            return id
                        }
                        return (i, .success(id))
                    } catch { return (i, .failure(error)) }
                }
            }
            return await group.reduce(into: [Int: Result<Int64, any Error>]()) { $0[$1.0] = $1.1 }
        }
        #expect(results.count == 64)
        for (i, result) in results {
            switch (kind(i), result) {
            case (.fine, .success): break
            case (.mistake, .failure(let error)): #expect(error as? OwnMistake == OwnMistake(number: i))
            case (.constraint, .failure(let error)): #expect((error as? HubError)?.code == .repoExists)
            case (.refused, .failure(let error)): #expect(error as? HubError == HubError(.headMoved, "\(i)"))
            default: Issue.record("write \(i) answered \(result)")
            }
        }
        let fine = (0..<64).filter { kind($0) == .fine }
        let rows = try CatalogRows(of: test.path)
        #expect(rows.count("owner") == before.count("owner") + fine.count)
        #expect(rows.count("event") == before.count("event") + fine.count)
        #expect(rows.tables["repo"] == before.tables["repo"])
        let names = try test.catalog.read { try $0.owners(after: "owner-", limit: 100) }.map(\.name)
        #expect(Set(names) == Set(fine.map { "owner-\($0)" }))
        #expect(try test.brokenEvent() == nil)
    }

    @Test("a write reads what it has written, and others only what is committed")
    func isolation() async throws {
        let test = try TestCatalog()
        try await test.write { (tx) throws in
            _ = try tx.addOwner(OwnerName(parsing: "acme"), isUser: false)
            #expect(try tx.rows.owner(OwnerName(parsing: "acme")) != nil)
            #expect(try CatalogRows(of: test.path).count("owner") == 0)
        }
        #expect(try test.catalog.read { try $0.owner(OwnerName(parsing: "acme")) } != nil)
    }

    @Test("after closing, a write is refused with a sentence and the file holds what was answered")
    func closed() async throws {
        let test = try TestCatalog()
        _ = try await test.repo("acme/whale")
        await test.catalog.close()
        let late = try await refusal { try await test.repo("acme/late") }
        #expect(late?.code == .unavailable)
        let again = try TestCatalog.open(test.path)
        #expect(try again.read { try $0.repo(RepoName(.model, parsing: "acme/whale")) } != nil)
        #expect(try again.read { try $0.repo(RepoName(.model, parsing: "acme/late")) } == nil)
        await again.close()
    }

    @Test(
        "an altered, a cut out and an added event are found where they are",
        arguments: [
            ("DROP TRIGGER event_is_fixed; UPDATE event SET actor = 'mallory' WHERE sequence = 3", 3),
            ("DROP TRIGGER event_is_fixed; UPDATE event SET at = at + 1 WHERE sequence = 2", 2),
            ("DROP TRIGGER event_is_fixed; UPDATE event SET detail = '' WHERE sequence = 4", 4),
            ("DROP TRIGGER event_stays; DELETE FROM event WHERE sequence = 2", 3),
            (
                "INSERT INTO event SELECT sequence + 1, at, actor, action, repo, detail, hash, zeroblob(32) FROM event ORDER BY sequence DESC LIMIT 1",
                6
            )
        ] as [(String, Int64)])
    func broken(_ sql: String, _ at: Int64) async throws {
        let test = try TestCatalog()
        for i in 1...5 { try await test.write { _ = try $0.addOwner(OwnerName(parsing: "o\(i)"), isUser: false) } }
        #expect(try test.brokenEvent() == nil)
        try tamper(test.path, sql)
        #expect(try test.brokenEvent() == at)
    }

    @Test("a backup taken while others write is whole and is one moment")
    func backup() async throws {
        let test = try TestCatalog()
        _ = try await test.repo("acme/first")
        let writing = Task {
            for i in 0..<200 where !Task.isCancelled { _ = try await test.repo("acme/r\(i)") }
        }
        let copy = test.folder.file("copy.sqlite")
        try await test.catalog.backup(to: copy)
        writing.cancel()
        try await writing.value
        let opened = try TestCatalog.open(copy)
        #expect(try opened.read { try $0.firstBrokenEvent(sha256: { Drafts.digest($0) }) } == nil)
        #expect(try opened.read { try $0.integrityProblems() } == [])
        #expect(try opened.read { try $0.repo(RepoName(.model, parsing: "acme/first")) } != nil)
        await opened.close()
        let rows = try CatalogRows(of: copy)
        // One event for the owner, one for each repo.
        #expect(rows.count("event") == rows.count("repo") + 1)
    }
}
