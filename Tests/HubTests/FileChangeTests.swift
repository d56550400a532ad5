import Core
@testable import Hub
import TestKit
import Testing

@Suite("changes to the files of a revision")
struct FileChangeTests {
    static func entry(_ path: String, _ content: String = "x", executable: Bool = false, _ storage: FileStorage = .regular) throws -> FileEntry {
        FileEntry(
            path: try FilePath(parsing: path), size: Int64(content.utf8.count), digest: TestHub.digest(content), isExecutable: executable,
            storage: storage, gitID: GitID(bytes: TestHub.digest(content).bytes.prefix(20)))
    }

    static func add(_ path: String, _ content: String = "new", _ storage: FileStorage = .regular) throws -> FileChange {
        .add(try FilePath(parsing: path), TestHub.digest(content), size: Int64(content.utf8.count), storage)
    }

    /// Path → content's digest, after changes.
    static func apply(_ changes: [FileChange], to entries: [FileEntry]) throws -> (files: [String: DraftFile], kept: Set<String>) {
        var files = ChangingFiles(entries)
        try files.apply(changes, sizes: [:]) { path, _ in
            guard let found = entries.first(where: { $0.path == path }) else { throw HubError(.unknownFile, "no \(path)") }
            return found
        }
        let result = files.result
        return (
            Dictionary(uniqueKeysWithValues: result.files.map { ($0.path.text, $0) }), Set(result.kept.keys.map(\.text))
        )
    }

    @Test("what no change names is kept just so")
    func kept() throws {
        let entries = try [Self.entry("a"), Self.entry("d/run.sh", executable: true), Self.entry("d/w", "w", .lfs)]
        let (files, kept) = try Self.apply([try Self.add("b")], to: entries)
        #expect(Set(files.keys) == ["a", "b", "d/run.sh", "d/w"])
        #expect(kept == ["a", "d/run.sh", "d/w"])
        #expect(files["d/run.sh"]?.isExecutable == true)
        #expect(files["d/w"]?.storage == .lfs)
    }

    @Test("a replaced file keeps its mode and takes the storage that was asked for")
    func replaced() throws {
        let (files, kept) = try Self.apply([try Self.add("run.sh", "new", .lfs)], to: [try Self.entry("run.sh", executable: true)])
        #expect(files["run.sh"]?.isExecutable == true && files["run.sh"]?.storage == .lfs && files["run.sh"]?.digest == TestHub.digest("new"))
        #expect(kept.isEmpty)
    }

    @Test("changes are made in order, and later ones win")
    func order() throws {
        let entries = try [Self.entry("d/a"), Self.entry("d/b"), Self.entry("e")]
        func path(_ text: String) throws -> FilePath { try FilePath(parsing: text) }
        let (files, _) = try Self.apply(
            [.deleteFolder(try path("d")), try Self.add("d"), .deleteFile(try path("e")), try Self.add("e", "1"), try Self.add("e", "2")], to: entries
        )
        #expect(Set(files.keys) == ["d", "e"])
        #expect(files["e"]?.digest == TestHub.digest("2"))
    }

    @Test("a copy brings storage, ids and mode along")
    func copy() throws {
        let source = try Self.entry("w", "weights", executable: true, .lfs)
        let (files, kept) = try Self.apply([.copy(from: source.path, at: nil, to: try FilePath(parsing: "d/copy"))], to: [source])
        #expect(files["d/copy"]?.storage == .lfs && files["d/copy"]?.isExecutable == true && files["d/copy"]?.digest == source.digest)
        #expect(kept == ["w", "d/copy"])
    }

    @Test("what is not there cannot be deleted", arguments: ["x", "d", "d/x", "d/a/x"])
    func absentFile(_ path: String) throws {
        let entries = try [Self.entry("d/a")]
        let error = #expect(throws: HubError.self) { try Self.apply([.deleteFile(try FilePath(parsing: path))], to: entries) }
        #expect(error?.code == .unknownFile)
        #expect(error?.message.hasPrefix("A file with this name doesn't exist") == true)
    }

    @Test("a folder is gone with its last file")
    func lastFile() throws {
        let entries = try [Self.entry("d/e/a"), Self.entry("b")]
        let deleted = FileChange.deleteFile(try FilePath(parsing: "d/e/a"))
        #expect(try Self.apply([deleted], to: entries).files.keys.sorted() == ["b"])
        #expect(throws: HubError.self) { try Self.apply([deleted, .deleteFolder(try FilePath(parsing: "d"))], to: entries) }
        #expect(throws: HubError.self) { try Self.apply([.deleteFolder(try FilePath(parsing: "b"))], to: entries) }
    }

    @Test("names are told apart by their bytes")
    func bytes() throws {
        var files = ChangingFiles([try Self.entry("caf\u{E9}")])
        try files.apply([try Self.add("cafe\u{301}")], sizes: [:]) { path, _ in throw HubError(.unknownFile, "\(path)") }
        #expect(files.result.files.count == 2 && files.result.kept.count == 1)
    }

    @Test("any changes do what the same changes do to a plain list of paths", arguments: 0..<40)
    func model(_ seed: Int) throws {
        var chance = Chance(seed: seed)
        let names = ["a", "b", "d/a", "d/b", "d/e/a", "d/e/f/a", "g"]
        let entries = try names.filter { _ in chance.number(0...1) == 0 }.map { try Self.entry($0, $0) }
        var files = ChangingFiles(entries)
        var plain = Dictionary(uniqueKeysWithValues: entries.map { ($0.path.text, $0.digest) })
        for step in 0..<30 {
            let name = chance.pick(names)
            let path = try FilePath(parsing: name)
            let before = plain
            let change: FileChange
            var isRefused = false
            switch chance.number(0...2) {
            case 0:
                change = try Self.add(name, "\(step)")
                plain[name] = TestHub.digest("\(step)")
            case 1:
                change = .deleteFile(path)
                isRefused = plain.removeValue(forKey: name) == nil
            default:
                let folder = chance.pick(["d", "d/e", "d/e/f", "g"])
                change = .deleteFolder(try FilePath(parsing: folder))
                let inside = plain.keys.filter { $0.hasPrefix(folder + "/") }
                isRefused = inside.isEmpty
                for name in inside { plain.removeValue(forKey: name) }
            }
            if isRefused { plain = before }
            let wasRefused: Bool
            do {
                try files.apply([change], sizes: [:]) { _, _ in throw HubError(.unknownFile, "") }
                wasRefused = false
            } catch { wasRefused = true }
            #expect(wasRefused == isRefused, "seed \(seed), step \(step): \(change)")
            let result = Dictionary(uniqueKeysWithValues: files.result.files.map { ($0.path.text, $0.digest) })
            #expect(result == plain, "seed \(seed), step \(step): \(change)")
            let touched = Set(files.touched.map(\.text))
            #expect(touched.isSubset(of: plain.keys))
        }
    }
}
