import Core
import Foundation
import GitObjects
import Hashing
import TestKit
import Testing

@Suite("the folders of a revision")
struct TreeBuilderTests {
    static func draft(_ path: String, _ size: Int64 = 1, digest: UInt8 = 0xAA, executable: Bool = false) throws -> DraftFile {
        DraftFile(
            path: try FilePath(parsing: path), size: size, digest: Digest(bytes: [UInt8](repeating: digest, count: 32)),
            isExecutable: executable)
    }
    static let gitID = GitID(bytes: [UInt8](repeating: 0x11, count: 20))

    static func build(_ files: [DraftFile]) throws -> BuiltTree {
        try TreeBuilder().build(files: files, storage: { StorageRule.storage(for: $0, attributes: nil) }, gitID: { _ in gitID })
    }

    @Test("a folder's digest is of one line per child, in byte order of the names")
    func canonicalText() throws {
        let built = try Self.build([
            Self.draft("a.b", 3), Self.draft("a/x", 20 << 20, digest: 0xBB), Self.draft("run", 5, digest: 0xCC, executable: true)
        ])
        let a = Hex.encode([UInt8](repeating: 0xAA, count: 32))
        let b = Hex.encode([UInt8](repeating: 0xBB, count: 32))
        let c = Hex.encode([UInt8](repeating: 0xCC, count: 32))
        let inner = "grayling tree 1\nfile \(b) 20971520 - lfs \(Self.gitID) x\n"
        #expect(built.folders.map { String($0.path) } == ["a", ""])
        #expect(String(decoding: built.canonicalBytes(of: built.folders[0]), as: UTF8.self) == inner)
        let outer = """
            grayling tree 1
            folder \(Digest(of: inner).hex) 20971520 - regular \(built.folders[0].gitID) a
            file \(a) 3 - regular \(Self.gitID) a.b
            file \(c) 5 x regular \(Self.gitID) run

            """
        #expect(String(decoding: built.canonicalBytes(of: built.root), as: UTF8.self) == outer)
        #expect(built.root.digest == Digest(of: outer))
        #expect(built.root.fileCount == 3)
        #expect(built.root.size == 20_971_528)
        #expect(built.root.children.map { String($0.name) } == ["a", "a.b", "run"])
    }

    @Test("every file stands in its folder, children before parents, sums add up")
    func structure() throws {
        for seed in 1000..<1100 {
            var chance = Chance(seed: seed)
            let files = TreeTests.randomFiles(&chance).map(\.draft)
            let built = try Self.build(files)
            var found: Set<FilePath> = []
            for (i, folder) in built.folders.enumerated() {
                var count = 0
                var size: Int64 = 0
                for child in folder.children {
                    let path = folder.path.isEmpty ? String(child.name) : "\(folder.path)/\(child.name)"
                    switch child.content {
                    case .file(let file):
                        #expect(file.path.text == path)
                        #expect(found.insert(file.path).inserted)
                        count += 1
                        size += file.size
                    case .folder(let below):
                        #expect(below < i)
                        #expect(String(built.folders[below].path) == path)
                        count += built.folders[below].fileCount
                        size += built.folders[below].size
                    }
                }
                #expect(folder.fileCount == count)
                #expect(folder.size == size)
                #expect(folder.digest == Digest(of: built.canonicalBytes(of: folder)))
            }
            #expect(found == Set(files.map(\.path)))
        }
    }

    @Test("a change deep down changes the folders above it and no others")
    func onlyTheSpine() throws {
        let files = [try Self.draft("a/b/c"), try Self.draft("a/d/e"), try Self.draft("f/g")]
        let before = try Self.build(files)
        let after = try Self.build([files[0], files[1], Self.draft("f/g", 2, digest: 0xBB)])
        let changed = zip(before.folders, after.folders).filter { $0.digest != $1.digest }.map { String($0.0.path) }
        #expect(changed == ["f", ""])
    }

    @Test("two files in one place are refused", arguments: [["a", "a"], ["a", "a/b"], ["x/a", "x/a.b", "x/a/c"]])
    func refusesClashes(_ paths: [String]) throws {
        let files = try paths.map { try Self.draft($0) }
        #expect(throws: HubError.self) { try Self.build(files) }
    }

    @Test("a combining mark after '/' does not glue two names together")
    func combiningMark() throws {
        let built = try Self.build([Self.draft("a/\u{301}b")])
        #expect(built.folders.map { String($0.path) } == ["a", ""])
    }

    @Test("a hundred thousand files take less than a second in a release build")
    func large() throws {
        let files = try (0..<100_000).map { try Self.draft("layer-\($0 % 331)/block-\($0 % 7)/weights-\($0).safetensors") }
        let clock = ContinuousClock()
        let began = clock.now
        let built = try Self.build(files)
        #if !DEBUG
            #expect(clock.now - began < .seconds(1))
        #endif
        #expect(built.root.fileCount == 100_000)
        #expect(built.folders.count == 331 * 7 + 331 + 1)
    }
}

@Suite("regular or LFS")
struct StorageRuleTests {
    @Test(
        "the size decides where no attribute does; attributes decide where they speak",
        arguments: [
            ("model.bin", 10 << 20, nil, FileStorage.lfs),
            ("model.bin", (10 << 20) - 1, nil, .regular),
            ("model.bin", 1, "*.bin filter=lfs diff=lfs merge=lfs -text", .lfs),
            ("model.bin", 0, "*.bin filter=lfs", .regular),
            ("model.txt", 20 << 20, "*.bin filter=lfs", .lfs),
            ("model.txt", 20 << 20, "*.txt -filter", .regular),
            ("model.txt", 20 << 20, "*.txt !filter -text", .regular),
            ("model.txt", 20 << 20, "*.txt text", .lfs),
            (".gitattributes", 20 << 20, "* filter=lfs", .regular),
            ("sub/.gitattributes", 5, "* filter=lfs", .regular)
        ] as [(String, Int, String?, FileStorage)])
    func rule(path: String, size: Int, attributes: String?, expected: FileStorage) throws {
        let draft = try TreeBuilderTests.draft(path, Int64(size))
        #expect(StorageRule.storage(for: draft, attributes: attributes.map { GitAttributes(parsing: $0) }) == expected)
    }
}
