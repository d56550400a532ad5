import Blobs
import Core
import Foundation
import Glibc
import Hashing
import NIOCore
import Synchronization
import Testing

/// A disk that takes so many bytes and no more, standing in for one that may not be mounted here.
final class NarrowDisk: Sendable {
    private let room: Mutex<Int>
    init(_ bytes: Int) { room = Mutex(bytes) }

    func write(_ file: CInt, _ bytes: UnsafeRawBufferPointer, _ offset: Int64) -> Int {
        let take = room.withLock { room in
            let take = min(room, bytes.count)
            room -= take
            return take
        }
        guard take > 0 else {
            errno = ENOSPC
            return -1
        }
        return pwrite(file, bytes.baseAddress, take, off_t(offset))
    }
}

@Suite struct FullDiskTests {
    let folder: Folder
    init() throws { folder = try Folder() }

    /// The promise, on a store that has room for `kept` but not for 4 MiB more.
    func promise(_ store: DiskBlobStore, _ folder: Folder, _ root: String) async throws {
        let kept = try await store.write(bytes(1_000)).digest
        for size in [4 << 20, 4_100_000] {
            #expect(await code { _ = try await store.write(Body(bytes(size)), expected: nil, size: nil) } == .storageFull)
        }
        let items = (0..<40).map { i in
            let content = bytes(100_000, seed: UInt64(i + 2))
            return BatchItem(expected: Digest(of: content), bytes: ByteBuffer(bytes: content))
        }
        #expect(await code { _ = try await store.writeBatch(items) } == .storageFull)
        #expect(try FileManager.default.contentsOfDirectory(atPath: root + "/incoming") == [])
        #expect(try await store.missing(from: items.map(\.expected)).count == 40)
        #expect(try await store.read(kept) == bytes(1_000))
    }

    @Test("a disk that takes no more: refused with advice, no trace, everything stored readable")
    func standIn() async throws {
        let disk = NarrowDisk(1_000_000)
        let store = DiskBlobStore(root: try DataRoot.open(folder.root), writeCall: disk.write)
        try await promise(store, folder, folder.root)
    }

    @Test("a part that finds the disk full does not count")
    func part() async throws {
        let disk = NarrowDisk(1_000_000)
        let store = DiskBlobStore(root: try DataRoot.open(folder.root), writeCall: disk.write)
        let id = try await store.beginUpload(digest: Digest(of: "x"), size: 2_000_000, partSize: nil, owner: 1, now: noon).id
        #expect(
            await code { try await store.writePart(id, number: 0, body: Body(bytes(2_000_000)), expected: nil, owner: 1, now: noon) } == .storageFull)
        #expect(try await store.upload(id, owner: 1, now: noon).received == [])
    }

    /// Mounting needs a privilege that not every machine gives; the stand-in above always runs.
    static let mayMount: Bool = {
        guard let folder = try? Folder() else { return false }
        guard mount("tmpfs", folder.path, "tmpfs", 0, "size=64k") == 0 else { return false }
        return umount(folder.path) == 0
    }()

    @Test("a filesystem that is really full", .enabled(if: mayMount, "this user may not mount a filesystem"))
    func realDisk() async throws {
        try #require(mount("tmpfs", folder.path, "tmpfs", 0, "size=3m") == 0)
        defer { umount2(folder.path, Int32(MNT_DETACH)) }
        let store = try folder.store()
        try await promise(store, folder, folder.root)
        #expect(
            await code { _ = try await store.beginUpload(digest: Digest(of: "x"), size: 1 << 30, partSize: nil, owner: 1, now: noon) } == .storageFull
        )
        // Room again: the same write succeeds.
        #expect(try await store.write(Body(bytes(1 << 20)), expected: nil, size: nil).wasNew)
    }
}
