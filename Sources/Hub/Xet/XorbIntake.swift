import Blobs
import Core
import NIOCore
import XetFormat

/// The raw bytes of an uploaded xorb, chunk after chunk, as it arrives. Ends with an error unless the
/// chunks add up to the xorb's name, so that whoever stores what passes stores nothing false.
///
/// Decoding and hashing are done on the store's threads, at most about a mebibyte at a time,
/// whatever a frame swells to.
struct RawChunks<Body: AsyncSequence & Sendable>: AsyncSequence, Sendable where Body.Element == ByteBuffer {
    let body: Body
    let intake: XorbIntake
    let blobs: DiskBlobStore

    func makeAsyncIterator() -> AsyncIterator { AsyncIterator(chunks: self, body: body.makeAsyncIterator()) }

    struct AsyncIterator: AsyncIteratorProtocol {
        let chunks: RawChunks
        var body: Body.AsyncIterator
        var isEnded = false
        /// A job for every buffer of the socket would cost more than it does.
        private static var gathered: Int { 512 << 10 }

        init(chunks: RawChunks, body: Body.AsyncIterator) {
            self.chunks = chunks
            self.body = body
        }

        mutating func next() async throws -> ByteBuffer? {
            let intake = chunks.intake
            while true {
                if !intake.hasWaiting {
                    if isEnded { return nil }
                    try await gather()
                }
                let raw = try await chunks.blobs.onDisk { [isEnded] in
                    let raw = try intake.decode()
                    if isEnded, !intake.hasWaiting { try intake.finish() }
                    return raw
                }
                if raw.readableBytes > 0 { return raw }
            }
        }

        private mutating func gather() async throws {
            var count = 0
            while count < Self.gathered {
                guard let part = try await body.next() else {
                    isEnded = true
                    return
                }
                count += part.readableBytes
                chunks.intake.add(part)
            }
        }
    }
}

/// The state of one xorb that is being received.
// Unchecked: one task feeds it and waits for each job before the next.
final class XorbIntake: @unchecked Sendable {
    private let expected: XetHash
    private let reader = XorbReader()
    private var waiting: [ByteBuffer] = []
    private var offset = 0
    private static let mostAtOnce = 1 << 20

    init(expected: XetHash) { self.expected = expected }

    var hasWaiting: Bool { !waiting.isEmpty }
    /// The chunks so far; all of them behind the end.
    var chunks: [XetChunk] { reader.chunks }

    func add(_ part: ByteBuffer) { if part.readableBytes > 0 { waiting.append(part) } }

    /// Decodes what is waiting, up to a mebibyte of raw bytes.
    func decode() throws -> ByteBuffer {
        var raw = ByteBufferAllocator().buffer(capacity: Self.mostAtOnce)
        var next = 0
        defer { waiting.removeFirst(next) }
        while next < waiting.count {
            let isRead = try waiting[next].withUnsafeReadableBytes { bytes in
                while raw.readableBytes + XetLimits.longestChunk <= Self.mostAtOnce {
                    guard try reader.next(in: bytes, from: &offset) != nil else { return true }
                    raw.writeBytes(reader.raw)
                }
                return offset == bytes.count
            }
            guard isRead else { break }
            offset = 0
            next += 1
        }
        return raw
    }

    func finish() throws {
        let found = try reader.finish()
        guard found == expected else {
            throw HubError(
                .digestMismatch, "the chunks add up to the xorb \(found), not to \(expected); nothing was stored, send it again",
                details: ["expected": "\(expected)", "received": "\(found)"])
        }
    }
}
