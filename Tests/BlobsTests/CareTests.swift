import Blobs
import Core
import Foundation
import Hashing
import NIOCore
import Testing

@Suite struct CareTests {
    let folder: Folder
    init() throws { folder = try Folder() }

    func damage(_ path: String, _ change: (inout Data) -> Void) throws {
        var data = try Data(contentsOf: URL(fileURLWithPath: path))
        change(&data)
        try FileManager.default.removeItem(atPath: path)
        try data.write(to: URL(fileURLWithPath: path))
    }

    @Test("a flipped bit is found, taken out of sight, and healed by sending the blob again")
    func flipped() async throws {
        let store = try folder.store()
        let content = bytes(2_000_000)
        let digest = try await store.write(content).digest
        #expect(try await store.verify(digest, bytesPerSecond: nil) == .whole)
        try damage(folder.layout.blob(digest)) { $0[1_234_567] ^= 1 }
        var changed = content
        changed[1_234_567] ^= 1
        #expect(try await store.verify(digest, bytesPerSecond: nil) == .damaged(found: Digest(of: changed)))
        #expect(try await store.quarantine(digest))
        #expect(try await !store.quarantine(digest))
        #expect(try store.size(of: digest) == nil)
        #expect(try folder.names(folder.layout.quarantine) == [digest.hex])
        #expect(try await store.write(content).wasNew)
        #expect(try await store.verify(digest, bytesPerSecond: nil) == .whole)
        #expect(await code { _ = try await store.verify(Digest(of: "no"), bytesPerSecond: nil) } == .unknownBlob)
    }

    @Test("a file that was cut is replaced by the next write", arguments: [1_000, 2_000_000])
    func cut(_ size: Int) async throws {
        let store = try folder.store()
        let digest = try await store.write(Body(bytes(size)), expected: nil, size: nil).digest
        try damage(folder.layout.blob(digest)) { $0.removeLast() }
        #expect(try await store.write(Body(bytes(size)), expected: nil, size: nil).wasNew)
        #expect(try await store.read(digest) == bytes(size))
    }

    @Test(
        "a damaged recipe says so, and does not end the walk",
        arguments: [
            "", "nonsense\n", "grayling recipe 2 3\n", "grayling recipe 1 3\n", "grayling recipe 1 3\nabc 0 3\n", "grayling recipe 1 -3\n"
        ])
    func damagedRecipe(_ text: String) async throws {
        let store = try folder.store()
        let source = try await store.write([1, 2, 3, 4]).digest
        let digest = try await store.writeRecipe([Extent(digest: source, offset: 0, count: 3)], expected: Digest(of: [1, 2, 3])).digest
        try damage(folder.layout.blob(digest, .recipe)) { $0 = Data(text.utf8) }
        #expect(await code { _ = try store.open(digest) } == .storageDamaged)
        #expect(try await store.verify(digest, bytesPerSecond: nil) == .damaged(found: nil))
        var count = 0
        try await store.forEachBlob { _, _, _ in count += 1 }
        #expect(count == 2)
        #expect(try await store.quarantine(digest))
        #expect(try folder.names(folder.layout.quarantine) == ["\(digest.hex).recipe"])
    }

    @Test("reading for proof keeps to the pace it was given")
    func pace() async throws {
        let store = try folder.store()
        let digest = try await store.write(bytes(2 << 20)).digest
        let time = try await ContinuousClock().measure { _ = try await store.verify(digest, bytesPerSecond: 10 << 20) }
        #expect(time > .milliseconds(150))
    }

    @Test("condemned, a blob is gone for readers; given back, it is there; purged, it is gone for good")
    func trash() async throws {
        let store = try folder.store()
        let digest = try await store.write([1, 2, 3]).digest
        #expect(try await store.moveToTrash([digest, Digest(of: "no")], at: noon, untouchedSince: nil) == [digest])
        #expect(try store.size(of: digest) == nil)
        #expect(try await store.trash().map(\.since) == [noon])
        #expect(try await store.trash().map(\.size) == [3])
        #expect(try await store.purgeTrash(olderThan: noon).isEmpty)
        #expect(try await store.restoreFromTrash(digest))
        #expect(try await !store.restoreFromTrash(digest))
        #expect(try await store.read(digest) == [1, 2, 3])
        _ = try await store.moveToTrash([digest], at: noon, untouchedSince: nil)
        #expect(try await store.purgeTrash(olderThan: noon.adding(seconds: 1)).map(\.digest) == [digest])
        #expect(try await !store.restoreFromTrash(digest))
        #expect(try folder.files() == [])
    }

    @Test("what was written again since the collector looked is spared")
    func spared() async throws {
        let now = noon
        let store = try folder.store(clock: { now })
        let digest = try await store.write([1, 2, 3]).digest
        #expect(try await !store.write([1, 2, 3]).wasNew)
        #expect(try await store.moveToTrash([digest], at: noon, untouchedSince: noon.adding(seconds: -1)) == [])
        #expect(try await store.moveToTrash([digest], at: noon, untouchedSince: noon) == [digest])
        // Writing it again does not depend on what lies in the trash.
        #expect(try await store.write([1, 2, 3]).wasNew)
        _ = try await store.purgeTrash(olderThan: noon.adding(seconds: 9))
        #expect(try await store.read(digest) == [1, 2, 3])
    }

    @Test("a recipe that is given back brings its sources")
    func restoredRecipe() async throws {
        let store = try folder.store()
        let source = try await store.write([1, 2, 3, 4]).digest
        let digest = try await store.writeRecipe([Extent(digest: source, offset: 0, count: 3)], expected: Digest(of: [1, 2, 3])).digest
        #expect(try await store.moveToTrash([source, digest], at: noon, untouchedSince: nil).count == 2)
        #expect(try await store.restoreFromTrash(digest))
        #expect(try await store.read(digest) == [1, 2, 3])
    }

    @Test("an open blob stays readable after it was purged")
    func openSurvives() async throws {
        let store = try folder.store()
        let digest = try await store.write([1, 2, 3]).digest
        let source = try store.open(digest)
        _ = try await store.moveToTrash([digest], at: noon, untouchedSince: nil)
        _ = try await store.purgeTrash(olderThan: noon.adding(seconds: 1))
        let read = try source.read(ByteRange(1, 3))
        #expect(Array(read.readableBytesView) == [2, 3])
    }

    @Test("blobs are read-only files")
    func readOnly() async throws {
        let digest = try await folder.store().write([1]).digest
        let facts = try FileManager.default.attributesOfItem(atPath: folder.layout.blob(digest))
        #expect((facts[.posixPermissions] as? Int).map { $0 & 0o222 } == 0)
    }
}
