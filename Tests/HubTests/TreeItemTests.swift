import Core
@testable import Hub
import TestKit
import Testing

@Suite("folders of a revision")
struct TreeItemTests {
    static let files = ["a-b": "1", "a.txt": "2", "a/x": "3", "a/y/z": "4", "b": "5", "späße/ü": "6"]

    static func keys(_ test: TestHub, in path: String? = nil, recursive: Bool = true, after: String? = nil, limit: Int = .max) throws -> [String] {
        try test.hub.items(
            of: try test.repo("admin/whale"), at: .main, in: try path.map { try FilePath(parsing: $0) }, isRecursive: recursive, after: after,
            limit: limit, for: test.admin
        ).items.map(\.key)
    }

    @Test("are listed whole, in order, folders with their files")
    func whole() async throws {
        let test = try await TestHub()
        try await test.publish(Self.files, to: "admin/whale")
        #expect(try Self.keys(test) == ["a-b", "a.txt", "a/", "a/x", "a/y/", "a/y/z", "b", "späße/", "späße/ü"])
        #expect(try Self.keys(test, recursive: false) == ["a-b", "a.txt", "a/", "b", "späße/"])
        #expect(try Self.keys(test, in: "a", recursive: false) == ["a/x", "a/y/"])
        #expect(try await code { try Self.keys(test, in: "b") } == .unknownFile)
        #expect(try await code { try Self.keys(test, in: "c") } == .unknownFile)
    }

    @Test("pages of any size show every item once", arguments: [true, false], 1...4)
    func pages(recursive: Bool, limit: Int) async throws {
        let test = try await TestHub()
        try await test.publish(Self.files, to: "admin/whale")
        var seen: [String] = []
        for _ in 0...Self.files.count * 2 {
            let page = try Self.keys(test, recursive: recursive, after: seen.last, limit: limit)
            if page.isEmpty { break }
            #expect(page.count <= limit)
            seen += page
        }
        #expect(seen == (try Self.keys(test, recursive: recursive)))
    }

    @Test("paths are found as files and folders, in the order asked")
    func named() async throws {
        let test = try await TestHub()
        try await test.publish(Self.files, to: "admin/whale")
        let paths = try ["b", "a/y", "nothing", "b/x", "a/x"].map { try FilePath(parsing: $0) }
        let found = try test.hub.items(of: try test.repo("admin/whale"), at: .main, named: paths, for: test.admin).items
        #expect(found.map(\.key) == ["b", "a/y/", "a/x"])
    }

    @Test("each path knows the revision that changed it last")
    func lastChanges() async throws {
        let test = try await TestHub()
        let first = try await test.publish(["a/x": "1", "b": "1", "c": "1"], to: "admin/whale").named.revision
        let second = try await test.publish(["a/x": "2", "b": "1", "c": "1"], to: "admin/whale").named.revision
        let third = try await test.publish(["a/x": "2", "a/new": "3", "b": "1"], to: "admin/whale").named.revision
        let paths = try ["a", "a/x", "a/new", "b"].map { try FilePath(parsing: $0) }
        let found = try test.hub.lastChanges(of: paths, from: third)
        #expect(paths.map { found[$0]?.commit } == [third.commit, second.commit, third.commit, first.commit])
        let before = try test.hub.lastChanges(of: paths, from: second)
        #expect(paths.map { before[$0]?.commit } == [second.commit, second.commit, nil, first.commit])
    }

    @Test("a commit is found by its first digits where they are its alone")
    func abbreviated() async throws {
        let test = try await TestHub()
        let name = try test.repo("admin/whale")
        let commit = try await test.publish(["a": "1"], to: "admin/whale").named.revision.commit
        for count in [7, 12, 39] {
            #expect(try test.hub.revision(try .at(String(commit.hex.prefix(count))), of: name, for: test.admin).revision.commit == commit)
        }
        #expect(try await code { try test.hub.revision(try .at(String(commit.hex.prefix(6))), of: name, for: test.admin) } == .unknownRevision)
        #expect(try await code { try test.hub.revision(try .at("0000000"), of: name, for: test.admin) } == .unknownRevision)
        // A name goes before the beginning of an id.
        let other = try await test.publish(["a": "2"], to: "admin/whale").named.revision.commit
        _ = try await test.hub.setRef(try .named(String(commit.hex.prefix(8))), .alias, to: .main, in: name, expected: .none, by: test.admin)
        #expect(try test.hub.revision(try .at(String(commit.hex.prefix(8))), of: name, for: test.admin).revision.commit == other)
        // Another repo's commits are its own.
        try await test.publish(["b": "2"], to: "admin/orca")
        #expect(
            try await code { try test.hub.revision(try .at(String(commit.hex.prefix(9))), of: try test.repo("admin/orca"), for: test.admin) }
                == .unknownRevision)
    }
}
