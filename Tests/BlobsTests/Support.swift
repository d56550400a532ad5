import Blobs
import Core
import Foundation
import Hashing
import NIOCore
import Synchronization

/// A folder that is gone when the test is.
final class Folder: Sendable {
    let path: String
    init() throws {
        path = FileManager.default.temporaryDirectory.appendingPathComponent("blobs-\(UUID().uuidString)").path
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    }
    deinit { try? FileManager.default.removeItem(atPath: path) }

    /// A data root inside it.
    var root: String { path + "/data" }
    var layout: StorageLayout { StorageLayout(root: root) }

    func store(probe: Probe = Probe(), clock: (@Sendable () -> Instant)? = nil) throws -> DiskBlobStore {
        DiskBlobStore(root: try DataRoot.open(root), probe: probe, clock: clock)
    }

    func names(_ path: String) throws -> [String] { try FileManager.default.contentsOfDirectory(atPath: path).sorted() }

    /// Every file below the root but the lock, by its path.
    func files() throws -> [String] {
        let found = FileManager.default.enumerator(atPath: root)!.compactMap { $0 as? String }
        return found.filter {
            var isFolder: ObjCBool = false
            return FileManager.default.fileExists(atPath: root + "/" + $0, isDirectory: &isFolder) && !isFolder.boolValue
        }.filter { $0 != "lock" && $0 != "FORMAT" }.sorted()
    }
}

/// A store of each kind there is, in a folder of its own.
enum StoreKind: CaseIterable {
    case disk
    func make(in folder: Folder) throws -> any BlobStore {
        switch self {
        case .disk: try folder.store()
        }
    }
}

/// Bytes that repeat nowhere near, so that a block in the wrong place shows.
func bytes(_ count: Int, seed: UInt64 = 1) -> [UInt8] {
    var state = seed &* 0x9E37_79B9_7F4A_7C15 | 1
    return (0..<count).map { _ in
        state ^= state << 13
        state ^= state >> 7
        state ^= state << 17
        return UInt8(truncatingIfNeeded: state >> 24)
    }
}

/// A request body: chunks, then its end, or an error, or a wait that only cancelling ends.
struct Body: AsyncSequence, Sendable {
    enum End { case complete, broken, stalled }
    struct BrokenOff: Error {}

    let chunks: [ByteBuffer]
    var end = End.complete

    init(_ bytes: [UInt8], chunk: Int = 65_536, end: End = .complete) {
        chunks = stride(from: 0, to: bytes.count, by: chunk).map { ByteBuffer(bytes: bytes[$0..<Swift.min($0 + chunk, bytes.count)]) }
        self.end = end
    }

    struct AsyncIterator: AsyncIteratorProtocol {
        var chunks: ArraySlice<ByteBuffer>
        let end: End
        mutating func next() async throws -> ByteBuffer? {
            if let chunk = chunks.popFirst() { return chunk }
            switch end {
            case .complete: return nil
            case .broken: throw BrokenOff()
            case .stalled:
                // Like many streams, it merely ends when its task is cancelled.
                try? await Task.sleep(for: .seconds(60))
                return nil
            }
        }
    }
    func makeAsyncIterator() -> AsyncIterator { AsyncIterator(chunks: chunks[...], end: end) }
}

extension BlobStore {
    func read(_ digest: Digest, _ range: ByteRange? = nil) async throws -> [UInt8] {
        var all: [UInt8] = []
        for try await block in try stream(digest, range: range) { all += block.readableBytesView }
        return all
    }
}

/// The code of the `HubError` that `body` throws; nil where it throws none.
func code(_ body: () async throws -> Void) async -> HubError.Code? {
    do { try await body() } catch let error as HubError { return error.code } catch { return nil }
    return nil
}

let noon = Instant(milliseconds: 1_780_000_000_000)
