import Blobs
import Core
import Foundation
import Hashing
import Testing

@Suite("blobs as a folder of files")
struct MaterialiseTests {
    static func blob(_ path: String, _ content: String, isExecutable: Bool = false) throws -> PinnedBlob {
        PinnedBlob(
            path: try FilePath(parsing: path), size: Int64(content.utf8.count), digest: Digest(of: Array(content.utf8)), isExecutable: isExecutable)
    }

    static func mode(_ path: String) throws -> Int {
        (try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? Int) ?? 0
    }

    private func newFolder(in held: Folder) throws -> String {
        let path = held.path + "/model"
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
        return path
    }

    @Test("every file has its bytes, is read-only, and a link is made only where it may be", arguments: [true, false])
    func places(mayLink: Bool) async throws {
        let held = try Folder()
        let store = try held.store()
        let contents = ["model.bin": "weights", "tokenizer/vocab.txt": "a b c", "tokenizer/again.txt": "a b c", "empty": ""]
        for content in Set(contents.values) { _ = try await store.write(Array(content.utf8)) }
        let folder = try newFolder(in: held)
        let files =
            try contents.sorted { $0.key < $1.key }.map { try Self.blob($0.key, $0.value) } + [
                try Self.blob("bin/run", "weights", isExecutable: true)
            ]
        let made = try await store.materialise(files, into: folder, mayLink: mayLink)
        #expect(made.reflinked + made.linked + made.copied == 5 && made.bytes == 24)
        if !mayLink { #expect(made.linked == 0) }
        for file in files {
            let path = "\(folder)/\(file.path)"
            #expect(Digest(of: [UInt8](try Data(contentsOf: URL(filePath: path)))) == file.digest)
            #expect(try Self.mode(path) == (file.isExecutable ? 0o555 : 0o444))
        }
        if made.linked > 0 {
            #expect(made.linked == 4 && made.copied == 1, "what is to be executed is a file of its own")
        }
    }

    @Test("a recipe becomes a file")
    func recipe() async throws {
        let held = try Folder()
        let store = try held.store()
        let (left, right) = (try await store.write(Array("first part ".utf8)).digest, try await store.write(Array("second part".utf8)).digest)
        let whole = Digest(of: Array("first part second part".utf8))
        _ = try await store.writeRecipe(
            [Extent(digest: left, offset: 0, count: 11), Extent(digest: right, offset: 0, count: 11)], expected: whole)
        let folder = try newFolder(in: held)
        let made = try await store.materialise([try Self.blob("a", "first part second part")], into: folder, mayLink: true)
        #expect(made.copied == 1)
        #expect(try String(contentsOfFile: "\(folder)/a", encoding: .utf8) == "first part second part")
    }

    @Test("altered bytes are refused, whatever way they would have come", arguments: [true, false])
    func altered(mayLink: Bool) async throws {
        let held = try Folder()
        let store = try held.store()
        let digest = try await store.write(Array("weights".utf8)).digest
        let path = held.layout.blob(digest)
        try FileManager.default.setAttributes([.posixPermissions: 0o644], ofItemAtPath: path)
        try Data("weightz".utf8).write(to: URL(filePath: path))
        let folder = try newFolder(in: held)
        #expect(await code { _ = try await store.materialise([try Self.blob("a", "weights")], into: folder, mayLink: mayLink) } == .digestMismatch)
    }

    @Test("a size that the store does not have, and a blob that it lacks, are refused before anything is written")
    func refusals() async throws {
        let held = try Folder()
        let store = try held.store()
        let digest = try await store.write(Array("weights".utf8)).digest
        let folder = try newFolder(in: held)
        let wrong = PinnedBlob(path: try FilePath(parsing: "a"), size: 8, digest: digest)
        #expect(await code { _ = try await store.materialise([wrong], into: folder, mayLink: true) } == .digestMismatch)
        do {
            _ = try await store.materialise([try Self.blob("b", "weights"), try Self.blob("c", "absent")], into: folder, mayLink: true)
            Issue.record("a missing blob was made up")
        } catch let error as HubError {
            #expect(error.code == .blobsMissing && error.details["blobs.missing"] == Digest(of: Array("absent".utf8)).description)
        }
        #expect(!FileManager.default.fileExists(atPath: "\(folder)/b"))
    }
}
