import Blobs
import Core
import Foundation
import Hashing
import Hub
import NIOCore
import TestKit
import XetFormat

/// A xorb as a client makes it, and what it calls it.
struct SampleXorb: Sendable {
    let chunks: [[UInt8]]
    let list: [XetChunk]
    let hash: XetHash

    init(_ chunks: [[UInt8]]) {
        self.chunks = chunks
        list = chunks.map { bytes in bytes.withUnsafeBytes { XetChunk(of: $0) } }
        hash = XetMerkle(list).root
    }

    /// Chunks of random bytes, of the sizes given.
    init(seed: Int, sizes: [Int] = [9000, 70_000, 131_072, 8192, 50_000]) {
        var chance = Chance(seed: seed)
        self.init(sizes.map { chance.bytes($0) })
    }

    var raw: [UInt8] { chunks.flatMap { $0 } }
    var digest: Digest { Digest(of: raw) }
    /// Every chunk as it is, behind its header.
    var serialised: [UInt8] { chunks.flatMap { XorbFrame(stored: $0.count).bytes + $0 } }

    func term(_ range: Range<Int>) -> ShardTerm {
        ShardTerm(xorb: hash, rawLength: UInt32(chunks[range].reduce(0) { $0 + $1.count }), chunks: range)
    }
}

/// A file of runs of xorbs, and its description in a shard.
struct SampleFile: Sendable {
    let bytes: [UInt8]
    var shard: ShardFile
    var digest: Digest { Digest(of: bytes) }

    init(_ runs: [(SampleXorb, Range<Int>)]) {
        bytes = runs.flatMap { xorb, range in xorb.chunks[range].flatMap { $0 } }
        let chunks = runs.flatMap { xorb, range in xorb.list[range] }
        shard = ShardFile(
            id: XetMerkle(chunks).fileID, terms: runs.map { $0.term($1) },
            verification: runs.map { xorb, range in .verification(of: xorb.list[range].map(\.hash)) }, digest: Digest(of: bytes))
    }

    /// All of one xorb.
    init(_ xorb: SampleXorb) { self.init([(xorb, 0..<xorb.chunks.count)]) }
}

/// A body in pieces, as a socket would give it.
struct Pieces: AsyncSequence, Sendable {
    let buffers: [ByteBuffer]
    init(_ bytes: [UInt8], of size: Int = 60_000) {
        buffers = stride(from: 0, to: bytes.count, by: size).map { ByteBuffer(bytes: bytes[$0..<Swift.min($0 + size, bytes.count)]) }
    }
    struct AsyncIterator: AsyncIteratorProtocol {
        var rest: ArraySlice<ByteBuffer>
        mutating func next() async -> ByteBuffer? { rest.popFirst() }
    }
    func makeAsyncIterator() -> AsyncIterator { AsyncIterator(rest: buffers[...]) }
}

extension TestHub {
    @discardableResult
    func send(_ xorb: SampleXorb, by who: Principal) async throws -> Bool { try await hub.receiveXorb(xorb.hash, Pieces(xorb.serialised), by: who) }

    @discardableResult
    func register(_ files: [ShardFile], by who: Principal) async throws -> Bool {
        let shard = ShardWriter.upload(files: files, xorbs: [])
        return try await hub.register(try await hub.checkShard(Pieces(shard), by: who), by: who)
    }

    @discardableResult
    func register(_ file: SampleFile, by who: Principal) async throws -> Bool { try await register([file.shard], by: who) }

    /// Names blobs that `who` may publish.
    @discardableResult
    func publish(
        _ files: [(path: String, file: SampleFile)], to repo: String, isPrivate: Bool = false, by who: Principal
    ) async throws -> PublishedRevision {
        var draft = PublishDraft(
            repo: try self.repo(repo),
            files: try files.map { DraftFile(path: try FilePath(parsing: $0.path), size: Int64($0.file.bytes.count), digest: $0.file.digest) })
        draft.isPrivate = isPrivate
        return try await hub.publish(draft, by: who)
    }

    /// The bytes that a client gets by following a plan, which must not ask for more than it needs.
    func follow(_ plan: XetPlan, limit: Int) async throws -> [UInt8] {
        var chunks: [XetHash: [Int: [UInt8]]] = [:]
        for (xorb, spans) in plan.xorbs {
            for span in spans {
                let range = try await hub.openXorbRange(span.capability)
                var bytes: [UInt8] = []
                for try await block in range.bytes(span.bytes) { bytes += block.readableBytesView }
                let reader = XorbReader()
                var chunk = span.chunks.lowerBound
                try bytes.withUnsafeBytes { bytes in
                    try reader.consume(bytes) { raw, _ in
                        chunks[xorb, default: [:]][chunk] = Array(raw)
                        chunk += 1
                    }
                }
                guard chunk == span.chunks.upperBound else { throw HubError(.internalError, "a span had \(chunk) chunks") }
            }
        }
        let all = plan.terms.flatMap { term in term.chunks.flatMap { chunks[term.xorb]?[$0] ?? [] } }
        return Array(all.dropFirst(Int(plan.offsetIntoFirstRange)).prefix(limit))
    }

    func read(_ digest: Digest) async throws -> [UInt8] {
        var all: [UInt8] = []
        for try await block in try hub.blobs.stream(digest, range: nil) { all += block.readableBytesView }
        return all
    }

    /// Every file of blobs in the data folder, as `blobs/…` or `recipes/…`.
    func stored() throws -> Set<String> {
        let data = folder.file("data")
        let names = FileManager.default.enumerator(atPath: data)?.compactMap { $0 as? String } ?? []
        return Set(names.filter { ($0.hasPrefix("blobs/") || $0.hasPrefix("recipes/") || $0.hasPrefix("incoming/")) && $0.utf8.count > 20 })
    }

    func isWhole(_ digest: Digest) throws -> Bool { try stored().contains("blobs/sha256/\(digest.hex.prefix(2))/\(digest.hex)") }
    func isRecipe(_ digest: Digest) throws -> Bool { try stored().contains("recipes/sha256/\(digest.hex.prefix(2))/\(digest.hex)") }
}
