@testable import Catalog
import Core
import Foundation
import GRDB
import Hashing
import Migrations
import TestKit
import Testing

@Suite("the schema and its history")
struct MigrationTests {
    /// `Migrations/` of the checkout that this file belongs to.
    static let folder = URL(filePath: #filePath).resolvingSymlinksInPath().deletingLastPathComponent()
        .deletingLastPathComponent().deletingLastPathComponent().appending(path: "Migrations")

    static func schema(of path: String) throws -> [String] {
        let queue = try DatabaseQueue(path: path)
        defer { try? queue.close() }
        return try queue.read { try String.fetchAll($0, sql: "SELECT type || ' ' || name || ' ' || coalesce(sql, '') FROM sqlite_schema ORDER BY 1") }
    }

    @Test("an empty file gets all of them, in order; opening again changes nothing")
    func applyAndRepeat() async throws {
        let test = try TestCatalog()
        let applied = try test.raw { try Row.fetchAll($0, sql: "SELECT number, name FROM schema_migration ORDER BY number") }
        #expect(applied.map { $0[0] as Int } == Array(1...Migrations.all.count))
        #expect(applied.map { $0[1] as String } == Migrations.all.map(\.name))
        await test.catalog.close()
        let before = try Self.schema(of: test.path)
        await (try TestCatalog.open(test.path)).close()
        #expect(try Self.schema(of: test.path) == before)
        #expect(before.contains { $0.hasPrefix("table tree_entry ") })
    }

    @Test("files are numbered without gaps, and the program carries exactly them")
    func numbering() throws {
        let files = try FileManager.default.contentsOfDirectory(atPath: Self.folder.path).filter { $0.hasSuffix(".sql") }.sorted()
        #expect(files.map { $0.prefix(4) } == (1...files.count).map { "000\($0)".suffix(4) })
        #expect(Migrations.all.map(\.name) == files)
        #expect(Migrations.all.map(\.number) == Array(1...files.count))
        for migration in Migrations.all {
            #expect(try String(contentsOf: Self.folder.appending(path: migration.name), encoding: .utf8) == migration.sql)
        }
    }

    @Test("a released file has the digest that FROZEN holds")
    func frozen() throws {
        let lines = try String(contentsOf: Self.folder.appending(path: "FROZEN"), encoding: .utf8).split(separator: "\n")
        #expect(!lines.isEmpty)
        for line in lines {
            let name = String(line.dropFirst(66))
            let bytes = [UInt8](try Data(contentsOf: Self.folder.appending(path: name)))
            #expect(Digest(of: bytes).hex == line.prefix(64), "\(name) was changed after its release; add a migration instead")
        }
        // What is not frozen yet comes behind what is.
        #expect(Migrations.all.prefix(lines.count).map(\.name) == lines.map { String($0.dropFirst(66)) })
    }

    @Test("a file that a newer program wrote is refused with a sentence, and not touched")
    func newer() async throws {
        let test = try TestCatalog()
        await test.catalog.close()
        try tamper(test.path, "INSERT INTO schema_migration (number, name) VALUES (\(Migrations.all.count + 1), '9999_from_tomorrow.sql')")
        let rows = try CatalogRows(of: test.path)
        let error = try #require(try await refusal { try TestCatalog.open(test.path) })
        #expect(error.code == .unavailable)
        #expect(error.message.contains("newer Grayling") && error.message.contains("9999_from_tomorrow.sql"))
        #expect(try CatalogRows(of: test.path) == rows)
    }

    @Test(
        "a file whose history is another one is refused",
        arguments: ["UPDATE schema_migration SET name = 'x' WHERE number = 3", "DELETE FROM schema_migration WHERE number = 2"])
    func otherHistory(_ sql: String) async throws {
        let test = try TestCatalog()
        await test.catalog.close()
        try tamper(test.path, sql)
        #expect(try await code { try TestCatalog.open(test.path) } == .unavailable)
    }

    @Test("the writer waits for the disk: synchronous is FULL, and checkpoints are ours")
    func durable() throws {
        let test = try TestCatalog()
        try test.catalog.pool.writeWithoutTransaction { (db) throws in
            #expect(try Int.fetchOne(db, sql: "PRAGMA synchronous") == 2)
            #expect(try Int.fetchOne(db, sql: "PRAGMA wal_autocheckpoint") == 0)
            #expect(try Int.fetchOne(db, sql: "PRAGMA foreign_keys") == 1)
            #expect(try String.fetchOne(db, sql: "PRAGMA journal_mode") == "wal")
            #expect(try Int.fetchOne(db, sql: "PRAGMA secure_delete") == 0)
        }
    }

    @Test("a checkpoint makes the log small and loses nothing")
    func checkpoint() async throws {
        let test = try TestCatalog()
        for i in 0..<50 { _ = try await test.repo("acme/repo-\(i)") }
        try await test.catalog.checkpoint()
        #expect(try test.catalog.read { try $0.repo(RepoName(.model, parsing: "acme/repo-49")) } != nil)
        let rows = try CatalogRows(of: test.path)
        await test.catalog.close()
        #expect(try CatalogRows(of: test.path) == rows)
        #expect(rows.count("repo") == 50)
    }
}
