import Catalog
import Core
import Foundation
import TestKit
import Testing

/// Random folders against a sorted list, which is what they must look like from outside.
@Suite("folders of a revision")
struct TreeTests {
    /// Names whose order as names is not their order as paths.
    static let tricky = ["a", "a.b", "a/x", "a-b", "a/x.y", "b", "b/", "ä", "a b", "A", "a0", "z/z/z/z", "z.z"].filter { !$0.hasSuffix("/") }

    static func byPath(_ a: FileEntry, _ b: FileEntry) -> Bool { a.path.text.utf8.lexicographicallyPrecedes(b.path.text.utf8) }

    /// Up to 60 files, sometimes in folders whose names begin alike.
    static func files(_ chance: inout Chance) throws -> [FileEntry] {
        let words = ["a", "b", "a.b", "a-b", "a0", "ab", "z", "ä", "model.safetensors", "a b"]
        var paths: Set<String> = []
        for _ in 0..<Int.random(in: 1...60, using: &chance) {
            let depth = Int.random(in: 1...4, using: &chance)
            paths.insert((0..<depth).map { _ in words.randomElement(using: &chance) ?? "a" }.joined(separator: "/"))
        }
        // A file cannot be the folder of another.
        let kept = paths.filter { path in !paths.contains { $0.utf8.starts(with: (path + "/").utf8) } }
        return try kept.map { path in
            try Drafts.file(path, "content \(Int.random(in: 0...9, using: &chance))", isExecutable: Int.random(in: 0...5, using: &chance) == 0)
        }.sorted(by: byPath)
    }

    @Test("files are listed in byte order of their paths", arguments: 0..<24 as Range<UInt64>)
    func listing(_ seed: UInt64) async throws {
        var chance = Chance(seed)
        let files = try Self.files(&chance)
        let test = try TestCatalog()
        let revision = try await test.revision(files, in: try await test.repo("acme/whale"), seed: "\(seed)")
        #expect(revision.files == files.count && revision.size == files.reduce(0) { $0 + $1.size })
        try test.catalog.read { (rows) throws in
            #expect(try rows.files(tree: revision.treeRow) == files)
            for file in files { #expect(try rows.file(file.path, tree: revision.treeRow) == file) }
            for absent in ["nothing", "a/nothing", files[0].path.text + "/x"] {
                #expect(try rows.file(FilePath(parsing: absent), tree: revision.treeRow) == nil)
            }
            for prefix in ["", "a", "a/", "a.", "a-", "a/a", "ab/", "model", "ä/", "nothing"] + files.prefix(5).map(\.path.text) {
                let expected = files.filter { $0.path.text.utf8.starts(with: prefix.utf8) }
                #expect(try rows.files(tree: revision.treeRow, prefix: prefix) == expected, "prefix \(prefix)")
                let limit = Int.random(in: 1...7, using: &chance)
                #expect(try Self.pages(of: revision, prefix, limit, rows) == expected, "prefix \(prefix) in pages of \(limit)")
            }
            // Behind a path that is not there.
            for after in try ["a", "a.", "a/", "aa", "a-b/zzz", "zz"].compactMap({ $0.hasSuffix("/") ? nil : try FilePath(parsing: $0) }) {
                #expect(try rows.files(tree: revision.treeRow, after: after) == files.filter { after < $0.path })
            }
        }
    }

    static func pages(of revision: RevisionFacts, _ prefix: String, _ limit: Int, _ rows: Snapshot) throws -> [FileEntry] {
        var all: [FileEntry] = []
        while true {
            let page = try rows.files(tree: revision.treeRow, prefix: prefix, after: all.last?.path, limit: limit)
            if page.isEmpty { return all }
            all += page
        }
    }

    @Test("`a`, `a.b`, `a/x` and `a-b`: the order is that of whole paths")
    func order() async throws {
        let test = try TestCatalog()
        let paths = ["a-b", "a.b", "a/x", "a/x.y", "a0", "z.z", "z/z/z/z", "ä"]
        let files = try paths.map { try Drafts.file($0) }
        let revision = try await test.revision(files.reversed(), in: try await test.repo("acme/whale"), seed: "1")
        #expect(try test.catalog.read { try $0.files(tree: revision.treeRow) }.map(\.path.text) == paths)
    }

    @Test("a difference is what two sorted lists differ in", arguments: 100..<124 as Range<UInt64>)
    func difference(_ seed: UInt64) async throws {
        var chance = Chance(seed)
        let old = try Self.files(&chance)
        // Mostly the same files, a few gone, changed or new; sometimes a folder where a file was.
        var new = try old.compactMap { file -> FileEntry? in
            switch Int.random(in: 0...9, using: &chance) {
            case 0: nil
            case 1: try Drafts.file(file.path.text, "other")
            case 2: try Drafts.file(file.path.text + "/inside", "moved")
            case 3: try Drafts.file(file.path.text, "content 1", isExecutable: !file.isExecutable)
            default: file
            }
        }
        new.append(try Drafts.file("new/file", "new"))
        let test = try TestCatalog()
        let repo = try await test.repo("acme/whale")
        let a = try await test.revision(old, in: repo, seed: "a")
        let b = try await test.revision(new, in: repo, seed: "b")
        try test.catalog.read { (rows) throws in
            for (x, y, from, to) in [(a, b, old, new), (b, a, new, old)] {
                let changes = try rows.difference(from: x.treeRow, to: y.treeRow)
                #expect(Set(changes.compactMap(\.old)) == Set(from).subtracting(to))
                #expect(Set(changes.compactMap(\.new)) == Set(to).subtracting(from))
                #expect(changes.allSatisfy { $0.old == nil || $0.new == nil || $0.old?.path == $0.new?.path })
                #expect(changes.count == Set(changes.map { $0.new?.path ?? $0.old?.path }).count, "each path once")
            }
            #expect(try rows.difference(from: a.treeRow, to: a.treeRow).isEmpty)
            #expect(try rows.difference(from: nil, to: a.treeRow).count == old.count)
        }
    }

    @Test("an unchanged folder is one row in all revisions and repos")
    func sharing() async throws {
        let test = try TestCatalog()
        let whale = try await test.repo("acme/whale")
        let same = try (0..<50).map { try Drafts.file("weights/\($0)", "w\($0)") }
        _ = try await test.revision(same + [try Drafts.file("README.md", "one")], in: whale, seed: "1")
        let before = try CatalogRows(of: test.path)
        _ = try await test.revision(same + [try Drafts.file("README.md", "two")], in: whale, seed: "2")
        let after = try CatalogRows(of: test.path)
        #expect(after.count("tree") == before.count("tree") + 1)
        #expect(after.count("tree_entry") == before.count("tree_entry") + 2)
        #expect(after.count("blob") == before.count("blob") + 1)
        #expect(after.count("repo_blob") == before.count("repo_blob") + 1)
        #expect(after.count("repo_tree") == before.count("repo_tree") + 1)

        let copy = try await test.repo("acme/copy")
        _ = try await test.revision(same + [try Drafts.file("README.md", "two")], in: copy, seed: "3")
        let third = try CatalogRows(of: test.path)
        for table in ["tree", "tree_entry", "blob"] { #expect(third.tables[table] == after.tables[table]) }
        #expect(third.count("repo_blob") == after.count("repo_blob") + 51)
    }
}
