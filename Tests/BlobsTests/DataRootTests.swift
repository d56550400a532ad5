import Blobs
import Core
import Foundation
import Hashing
import Testing

@Suite struct DataRootTests {
    let folder: Folder
    init() throws { folder = try Folder() }

    func message(_ body: () throws -> Void) -> String? {
        do { try body() } catch let error as HubError { return error.code == .unavailable ? error.message : nil } catch { return nil }
        return nil
    }

    @Test("a new root has its format, its folders and is closed to others")
    func new() throws {
        _ = try DataRoot.open(folder.root)
        #expect(try String(contentsOfFile: folder.layout.formatFile, encoding: .utf8) == "grayling storage 1\n")
        #expect(try folder.names(folder.layout.shards(.whole)).count == 256)
        #expect(try folder.names(folder.layout.shards(.recipe)).count == 256)
        #expect(try FileManager.default.attributesOfItem(atPath: folder.root)[.posixPermissions] as? Int == 0o700)
    }

    @Test("the second opener hears who has it; the next one gets it")
    func lock() throws {
        var first: DataRoot? = try DataRoot.open(folder.root)
        let told = message { _ = try DataRoot.open(folder.root) }
        #expect(told?.contains("in use by process \(ProcessInfo.processInfo.processIdentifier):") == true)
        withExtendedLifetime(first) {}
        first = nil
        _ = try DataRoot.open(folder.root)
    }

    @Test("another format is refused and left alone", arguments: ["grayling storage 2\n", "grayling storage 1", "", "something\nelse\n"])
    func format(_ text: String) throws {
        try FileManager.default.createDirectory(atPath: folder.root, withIntermediateDirectories: true)
        try text.write(toFile: folder.layout.formatFile, atomically: false, encoding: .utf8)
        let told = message { _ = try DataRoot.open(folder.root) }
        #expect(told?.contains("reads only 'grayling storage 1'") == true)
        #expect(told?.contains("a newer program wrote it") == true)
        #expect(try folder.names(folder.root) == ["FORMAT"])
    }

    @Test("somebody's folder is not taken for a data folder")
    func strangers() throws {
        try FileManager.default.createDirectory(atPath: folder.root, withIntermediateDirectories: true)
        try "x".write(toFile: folder.root + "/thesis.tex", atomically: false, encoding: .utf8)
        #expect(message { _ = try DataRoot.open(folder.root) }?.contains("thesis.tex") == true)
        #expect(try folder.names(folder.root) == ["thesis.tex"])
    }

    @Test("where none may be made, none is made")
    func noCreate() throws {
        #expect(message { _ = try DataRoot.open(folder.root + "/x", create: false) }?.contains("not a data folder") == true)
        #expect(!FileManager.default.fileExists(atPath: folder.root))
        _ = try DataRoot.open(folder.root + "/deep/er")
        _ = try DataRoot.open(folder.root + "/deep/er", create: false)
    }

    @Test("opening finishes a root that a crash left unfinished, and clears what was half received")
    func unfinished() async throws {
        let digest = try await folder.store().write([1]).digest
        try FileManager.default.removeItem(atPath: folder.layout.formatFile)
        try FileManager.default.removeItem(atPath: folder.layout.shards(.recipe))
        try "x".write(toFile: folder.layout.incoming("1-1"), atomically: false, encoding: .utf8)
        let unbegun = try UploadID(parsing: String(repeating: "0", count: 32))
        try FileManager.default.createDirectory(atPath: folder.layout.uploadParts(unbegun), withIntermediateDirectories: true)
        let store = try folder.store()
        #expect(try folder.names(folder.layout.incoming) == [])
        #expect(try folder.names(folder.layout.uploads) == [])
        #expect(try folder.names(folder.layout.shards(.recipe)).count == 256)
        #expect(try await store.read(digest) == [1])
    }

    @Test("the tree in Storage/README.md is what the layout spells")
    func tree() throws {
        let digest = Digest(bytes: [0xAB] + [UInt8](repeating: 1, count: 31))
        let id = try UploadID(parsing: String(repeating: "0", count: 32))
        let layout = StorageLayout(root: "")
        let spelled = [
            layout.formatFile, layout.lock, layout.adminToken, layout.catalog, layout.catalogLog, layout.catalogMemory,
            layout.newCatalog,
            layout.blob(digest), layout.blob(digest, .recipe), layout.uploadMeta(id), layout.uploadData(id), layout.uploadPart(id, 7),
            layout.incoming("<name>"), layout.trashed(digest, .whole), layout.trashed(digest, .recipe),
            layout.quarantined(digest, .whole), layout.quarantined(digest, .recipe), layout.fleet
        ].map {
            $0.dropFirst().replacingOccurrences(of: digest.hex, with: "<hex>").replacingOccurrences(of: id.text, with: "<id>")
                .replacingOccurrences(of: "parts/7", with: "parts/<number>")
        }
        let checkout = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
        let page = try String(contentsOf: checkout.appendingPathComponent("Storage/README.md"), encoding: .utf8)
        let drawn = page.components(separatedBy: "## Tree")[1].components(separatedBy: "```")[1]
            .split(separator: "\n").map { String($0.prefix { $0 != " " }) }
        #expect(drawn == spelled)
        #expect(page.contains("`\(StorageLayout.format.dropLast())`"))
    }
}
