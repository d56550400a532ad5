import Core
import GitObjects
@testable import Hub
import NIOCore
import TestKit
import Testing

@Suite("commits of changes")
struct CommitChangesTests {
    static func set(_ test: TestHub, _ changes: [FileChange], branch: String = "main", parent: String? = nil) throws -> ChangeSet {
        var set = ChangeSet(repo: try test.repo("admin/whale"), branch: try .named(branch), changes: changes)
        set.message = "change"
        set.parent = parent
        return set
    }

    static func add(_ path: String, _ content: String, _ storage: FileStorage = .regular) throws -> FileChange {
        .add(try FilePath(parsing: path), TestHub.digest(content), size: nil, storage)
    }

    @Test("the ids are those that git gives the same files")
    func git() async throws {
        let test = try await TestHub()
        try await test.publish(["a": "1", "run.sh": "2", "big": "3"], to: "admin/whale")
        for content in ["new", "weights"] { try await test.send(content, by: test.admin) }
        let made = try await test.hub.commit(
            Self.set(test, [Self.add("d/n", "new"), Self.add("w.bin", "weights", .lfs), .deleteFile(try FilePath(parsing: "a"))]), by: test.admin)
        let attributes = "/w.bin filter=lfs diff=lfs merge=lfs -text\n"
        #expect(
            try await test.files(of: "admin/whale") == ["run.sh": "2", "big": "3", "d/n": "new", "w.bin": "weights", ".gitattributes": attributes])
        let git = try Git()
        for (path, content) in ["run.sh": "2", "big": "3", "d/n": "new", ".gitattributes": attributes] {
            try git.write(Array(content.utf8), to: path)
        }
        try git.write(Array(LFSPointer(digest: TestHub.digest("weights"), size: 7).text.utf8), to: "w.bin")
        try git.run("-c", "filter.lfs.clean=cat", "-c", "filter.lfs.required=false", "add", "-A")
        let tree = String(decoding: try git.run("write-tree"), as: UTF8.self).prefix(40)
        #expect(made.named.revision.tree.hex == tree)
    }

    @Test("storage is decided at commit and stays, whatever .gitattributes says later")
    func storageStays() async throws {
        let test = try await TestHub()
        for content in ["weights", "text", "*.bin -filter\n*.txt filter=lfs\n"] { try await test.send(content, by: test.admin) }
        _ = try await test.publish(["x.txt": "text"], to: "admin/whale")
        _ = try await test.hub.commit(Self.set(test, [Self.add("w.bin", "weights", .lfs)]), by: test.admin)
        _ = try await test.hub.commit(Self.set(test, [Self.add(".gitattributes", "*.bin -filter\n*.txt filter=lfs\n")]), by: test.admin)
        let files = try test.hub.files(of: try test.repo("admin/whale"), at: .main, for: test.admin).files
        #expect(files.first { $0.path.text == "w.bin" }?.storage == .lfs)
        #expect(files.first { $0.path.text == "x.txt" }?.storage == .regular)
    }

    @Test("without a parent everybody gets through, and nothing is lost")
    func concurrent() async throws {
        let test = try await TestHub()
        try await test.publish(["a": "1"], to: "admin/whale")
        for i in 0..<16 { try await test.send("content \(i)", by: test.admin) }
        try await withThrowingTaskGroup(of: Void.self) { group in
            for i in 0..<16 {
                group.addTask { _ = try await test.hub.commit(Self.set(test, [Self.add("f\(i)", "content \(i)")]), by: test.admin) }
            }
            try await group.waitForAll()
        }
        #expect(try await test.files(of: "admin/whale").count == 17)
        #expect(try test.hub.history(from: .main, of: try test.repo("admin/whale"), limit: 100, for: test.admin).page.count == 17)
    }

    @Test("with a parent only one gets through")
    func parent() async throws {
        let test = try await TestHub()
        let head = try await test.publish(["a": "1"], to: "admin/whale").named.revision.commit
        for i in 0..<8 { try await test.send("content \(i)", by: test.admin) }
        let codes = try await withThrowingTaskGroup(of: HubError.Code?.self) { group in
            for i in 0..<8 {
                group.addTask {
                    try await code {
                        try await test.hub.commit(
                            Self.set(test, [Self.add("f\(i)", "content \(i)")], parent: String(head.hex.prefix(12))), by: test.admin)
                    }
                }
            }
            return try await group.reduce(into: []) { $0.append($1) }
        }
        #expect(codes.filter { $0 == nil }.count == 1)
        #expect(codes.filter { $0 == .headMoved }.count == 7)
    }

    @Test("a refused commit leaves nothing but bytes that nobody names")
    func refused() async throws {
        let test = try await TestHub()
        try await test.publish(["a": "1"], to: "admin/whale", version: "1.0")
        let rows = try test.rows()
        let unknown = TestHub.digest("unknown")
        let cases: [(HubError.Code, [FileChange], String)] = [
            (.blobsMissing, [.add(try FilePath(parsing: "x"), unknown, size: nil, .lfs)], "main"),
            (.blobsMissing, [.add(try FilePath(parsing: "x"), unknown, size: 7, .lfs)], "main"),
            (.unknownFile, [.deleteFile(try FilePath(parsing: "x"))], "main"),
            (.unknownFile, [.copy(from: try FilePath(parsing: "x"), at: nil, to: try FilePath(parsing: "y"))], "main"),
            (.unknownRevision, [.copy(from: try FilePath(parsing: "a"), at: try .at("no"), to: try FilePath(parsing: "y"))], "main"),
            (.sizeMismatch, [.add(try FilePath(parsing: "x"), TestHub.digest("1"), size: 9, .lfs)], "main"),
            (.invalidPath, [.add(try FilePath(parsing: "a/b"), TestHub.digest("1"), size: 1, .regular)], "main"),
            (.unknownRevision, [], "dev"), (.invalidRequest, [], "1.0")
        ]
        for (expected, changes, branch) in cases {
            let found = try await code { try await test.hub.commit(Self.set(test, changes, branch: branch), by: test.admin) }
            #expect(found == expected, "\(changes)")
        }
        #expect(try test.rows().tablesDifferent(from: rows).isSubset(of: ["lease", "blob"]))
    }

    @Test("bytes of somebody else's private repo are not there for others")
    func privacy() async throws {
        let test = try await TestHub()
        let (ada, eve) = (try await test.user("ada"), try await test.user("eve"))
        try await test.publish(["secret": "secret weights"], to: "ada/hidden", by: ada) { $0.isPrivate = true }
        try await test.publish(["a": "1"], to: "eve/own", by: eve)
        let steal = ChangeSet(
            repo: try test.repo("eve/own"), changes: [.add(try FilePath(parsing: "x"), TestHub.digest("secret weights"), size: 14, .lfs)])
        #expect(try await code { try await test.hub.commit(steal, by: eve) } == .blobsMissing)
        #expect(try await code { try await test.hub.commit(ChangeSet(repo: try test.repo("ada/hidden"), changes: []), by: eve) } == .unknownRepo)
        #expect(try await code { try await test.hub.commit(ChangeSet(repo: try test.repo("eve/own"), changes: []), by: ada) } == .notPermitted)
        #expect(
            try await code { try await test.hub.commit(ChangeSet(repo: try test.repo("eve/own"), changes: []), by: .anonymous) } == .unauthenticated)
    }

    @Test("many large files of a kind get one line")
    func manyLines() async throws {
        let test = try await TestHub()
        try await test.publish(["a": "1"], to: "admin/whale")
        try await test.send("weights", by: test.admin)
        let changes = try (0..<20).map { try Self.add("d/part-\($0).shard", "weights", .lfs) } + [try Self.add("odd [1] name", "weights", .lfs)]
        _ = try await test.hub.commit(Self.set(test, changes), by: test.admin)
        let text = try await test.files(of: "admin/whale")[".gitattributes"]
        #expect(text == "\"/odd \\\\[1] name\" filter=lfs diff=lfs merge=lfs -text\n*.shard filter=lfs diff=lfs merge=lfs -text\n")
        let attributes = GitAttributes(parsing: text ?? "")
        for path in ["odd [1] name", "d/part-3.shard"] { #expect(attributes.isLFS(path: try FilePath(parsing: path)) == true) }
        #expect(attributes.isLFS(path: try FilePath(parsing: "odd 1 name")) == nil)
    }

    @Test("a squashed branch loses nothing that has a name")
    func squash() async throws {
        let test = try await TestHub()
        let name = try test.repo("admin/whale")
        let first = try await test.publish(["a": "1"], to: "admin/whale", version: "1.0").named.revision
        let second = try await test.publish(["a": "2"], to: "admin/whale").named.revision
        let third = try await test.publish(["a": "3"], to: "admin/whale").named.revision
        let squashed = try await test.hub.squash(.main, of: name, message: "one", by: test.admin)
        #expect(squashed.parents.isEmpty && squashed.tree == third.tree && squashed.manifest == third.manifest)
        #expect(try test.hub.revision(.main, of: name, for: test.admin).revision.commit == squashed.commit)
        test.clock.turn(days: 3)
        _ = try await test.collect(grace: 0)
        _ = try await test.collect(grace: 0)
        #expect(try test.hub.revision(try .at("1.0"), of: name, for: test.admin).revision.commit == first.commit)
        #expect(try await test.files(of: "admin/whale", at: "1.0") == ["a": "1"])
        #expect(try await test.files(of: "admin/whale") == ["a": "3"])
        #expect(try await code { try test.hub.revision(.commit(second.commit), of: name, for: test.admin) } == .unknownRevision)
        #expect(try await test.verify().missing.isEmpty)
    }

    @Test("a duplicate has the files and no history, and needs no bytes")
    func duplicate() async throws {
        let test = try await TestHub()
        try await test.publish(["a": "1", "d/b": "2"], to: "admin/whale") { $0.isPrivate = true }
        try await test.publish(["a": "3", "d/b": "2"], to: "admin/whale")
        let blobs = try test.rows().count("blob")
        let copy = try await test.hub.duplicateRepo(try test.repo("admin/whale"), to: try test.repo("admin/orca"), isPrivate: nil, by: test.admin)
        #expect(copy.isPrivate && copy.files == 2)
        #expect(try await test.files(of: "admin/orca") == ["a": "3", "d/b": "2"])
        #expect(try test.rows().count("blob") == blobs)
        #expect(try test.hub.history(from: .main, of: copy.name, limit: 9, for: test.admin).page.count == 1)
    }

    @Test("a new repo and its first revision come together or not at all")
    func createWithFiles() async throws {
        let test = try await TestHub()
        let name = try test.repo("admin/whale")
        let files = [(path: try FilePath(parsing: ".gitattributes"), content: ByteBuffer(string: "*.bin filter=lfs\n"))]
        let made = try await test.hub.createRepo(name, isPrivate: true, files: files, message: "initial commit", by: test.admin)
        #expect(made.isPrivate && made.files == 1 && made.head != nil)
        let rows = try test.rows()
        #expect(
            try await code { try await test.hub.createRepo(name, isPrivate: false, files: files, message: "again", by: test.admin) } == .repoExists)
        #expect(try test.rows().tablesDifferent(from: rows) == [])
    }
}
