import Core
import Foundation
import GitObjects
import Hashing
import TestKit
import Testing

@Suite("trees, with git as the judge")
struct TreeTests {
    /// Names that sort differently with and without git's `/`, that need quoting, or that only
    /// differ in Unicode form.
    static let tricky: [(path: String, executable: Bool)] = [
        ("a.b", false), ("a/x", false), ("a-b", true), ("a0", false), ("b/c/d/e.txt", false), ("b/c.d/e", true),
        ("b/c-d", false), ("with space/and \"quotes\".txt", false), ("größe/Ω.bin", false), ("日本語/モデル.safetensors", true),
        ("e\u{301}.txt", false), ("😀", false), ("z/.hidden", false), ("*star?", false)
    ]

    @Test("files on disk get the tree id that git add and write-tree give")
    func realFiles() throws {
        let git = try Git()
        var drafts: [DraftFile] = []
        var ids: [FilePath: GitID] = [:]
        for (i, file) in Self.tricky.enumerated() {
            let bytes = Array(repeating: UInt8(ascii: "x"), count: i * 7)
            try git.write(bytes, to: file.path, executable: file.executable)
            let path = try FilePath(parsing: file.path)
            drafts.append(DraftFile(path: path, size: Int64(bytes.count), digest: Digest(of: bytes), isExecutable: file.executable))
            ids[path] = GitObject.id(kind: .blob, body: bytes)
        }
        try git.run("add", ".")
        let expected = git.line(try git.run("write-tree"))
        let built = try TreeBuilder().build(files: drafts.shuffled(), storage: { _ in .regular }, gitID: { ids[$0.path]! })
        #expect(built.root.gitID.hex == expected)
        #expect(built.root.fileCount == Self.tricky.count)
        #expect(built.root.size == drafts.reduce(0) { $0 + $1.size })
        for folder in built.folders where !folder.path.isEmpty {
            #expect(folder.gitID.hex == git.line(try git.run("rev-parse", "\(expected):\(folder.path)")))
            let bytes = try git.run("cat-file", "tree", folder.gitID.hex)
            #expect(try GitTree(parsing: bytes).bytes == bytes)
            #expect(try GitTree(parsing: bytes).id == folder.gitID)
        }
    }

    @Test("two hundred random trees have git's ids")
    func randomTrees() throws {
        let git = try Git()
        for seed in 0..<200 {
            var chance = Chance(seed: seed)
            let entries = Self.randomFiles(&chance)
            var input: [UInt8] = []
            for file in entries {
                input += Array("\(file.draft.isExecutable ? "100755" : "100644") \(file.id) 0\t\(file.draft.path)\0".utf8)
            }
            let index = ["GIT_INDEX_FILE": git.folder.appending(path: ".git/index-\(seed)").path]
            try git.run("update-index", "-z", "--index-info", input: input, environment: index)
            let expected = git.line(try git.run("write-tree", "--missing-ok", environment: index))
            let ids = Dictionary(uniqueKeysWithValues: entries.map { ($0.draft.path, $0.id) })
            let built = try TreeBuilder().build(files: entries.map(\.draft), storage: { _ in .regular }, gitID: { ids[$0.path]! })
            #expect(built.root.gitID.hex == expected, "seed \(seed)")
        }
    }

    /// Up to 40 files over a small alphabet, so that names collide in interesting ways.
    static func randomFiles(_ chance: inout Chance) -> [(draft: DraftFile, id: GitID)] {
        let letters = ["a", "b", "-", ".", "0", " ", "é", "~", "A", "_"]
        var folders: Set<String> = [""]
        var taken: Set<String> = []
        var files: [(draft: DraftFile, id: GitID)] = []
        for _ in 0..<chance.number(0...40) {
            var path = ""
            for depth in 0..<chance.number(1...4) {
                path += (depth == 0 ? "" : "/") + "n" + (0..<chance.number(0...3)).map { _ in chance.pick(letters) }.joined()
            }
            guard !taken.contains(path), !folders.contains(path), let parsed = try? FilePath(parsing: path) else { continue }
            let parents = parsed.parts.indices.dropFirst().map { parsed.parts[..<$0].joined(separator: "/") }
            guard taken.isDisjoint(with: parents) else { continue }
            taken.insert(path)
            folders.formUnion(parents)
            let draft = DraftFile(
                path: parsed, size: Int64(chance.number(0...999)), digest: Digest(bytes: chance.bytes(32)),
                isExecutable: chance.number(0...3) == 0)
            files.append((draft, GitID(bytes: chance.bytes(20))))
        }
        return files
    }

    @Test("no files at all are git's empty tree")
    func empty() throws {
        let built = try TreeBuilder().build(files: [], storage: { _ in .regular }, gitID: { _ in GitID(bytes: [UInt8](repeating: 0, count: 20)) })
        #expect(built.root.gitID.hex == "4b825dc642cb6eb9a060e54bf8d69288fbee4904")
        #expect(built.folders.count == 1)
        #expect(GitTree(entries: []).id == built.root.gitID)
    }

    @Test("a tree's entries may be given in any order")
    func sorts() throws {
        let id = GitID(bytes: [UInt8](repeating: 7, count: 20))
        let sorted: [GitTreeEntry] = [
            .init(name: "a-b", mode: .file, id: id), .init(name: "a.b", mode: .executable, id: id),
            .init(name: "a", mode: .tree, id: id), .init(name: "a0", mode: .symlink, id: id)
        ]
        for _ in 0..<20 { #expect(GitTree(entries: sorted.shuffled()).entries == sorted) }
        let git = try Git()
        #expect(
            GitTree(entries: sorted).id.hex
                == git.line(try git.run("hash-object", "-t", "tree", "--stdin", input: GitTree(entries: sorted).bytes)))
    }

    @Test("blob ids are git's", arguments: [0, 1, 19, 65_537])
    func blobs(size: Int) throws {
        var chance = Chance(seed: size)
        let bytes = chance.bytes(size)
        let git = try Git()
        #expect(GitObject.id(kind: .blob, body: bytes).hex == git.line(try git.run("hash-object", "--stdin", input: bytes)))
    }

    @Test(
        "bytes that are not a tree are refused",
        arguments: [
            "100644 a", "100644 a\0short", "10064 a\0aaaaaaaaaaaaaaaaaaaa", "160000 a\0aaaaaaaaaaaaaaaaaaaa",
            "100644 \0aaaaaaaaaaaaaaaaaaaa", "100644 a/b\0aaaaaaaaaaaaaaaaaaaa", "040000 a\0aaaaaaaaaaaaaaaaaaaa",
            "100644 b\0aaaaaaaaaaaaaaaaaaaa100644 a\0aaaaaaaaaaaaaaaaaaaa", "100644 a\0aaaaaaaaaaaaaaaaaaaa100644 a\0aaaaaaaaaaaaaaaaaaaa",
            "100644 a\0aaaaaaaaaaaaaaaaaaaa100644 a.b\0aaaaaaaaaaaaaaaaaaaa40000 a\0aaaaaaaaaaaaaaaaaaaa"
        ])
    func refusesTree(_ text: String) {
        #expect(throws: HubError.self) { try GitTree(parsing: Array(text.utf8)) }
    }

    @Test("a tree's names in two Unicode forms are two names")
    func unicodeForms() throws {
        let bytes = Array("100644 e\u{301}\0aaaaaaaaaaaaaaaaaaaa100644 \u{e9}\0aaaaaaaaaaaaaaaaaaaa".utf8)
        #expect(try GitTree(parsing: bytes).bytes == bytes)
    }
}
