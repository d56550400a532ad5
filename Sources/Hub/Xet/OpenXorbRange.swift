import Blobs
import Catalog
package import Core
package import NIOCore
import XetFormat

/// A span of a serialised xorb that may be read: chunks as they are, each behind its header.
package struct XorbRange: Sendable {
    /// Bytes of the whole serialised xorb.
    package let size: Int64
    /// What may be read of it.
    package let allowed: ByteRange
    fileprivate let layout: XorbLayout
    fileprivate let source: ByteSource
    /// Where the xorb's raw bytes begin in the source.
    fileprivate let base: Int64
    fileprivate let blobs: DiskBlobStore

    /// The bytes of a range inside `allowed`, as they are read.
    package func bytes(_ range: ByteRange) -> XorbBytes {
        precondition(allowed.lower <= range.lower && range.upper <= allowed.upper, "only what is allowed may be read")
        return XorbBytes(of: self, range: range)
    }
}

/// Bytes of a xorb, at most a mebibyte at a time.
package struct XorbBytes: AsyncSequence, Sendable {
    private let xorb: XorbRange
    private let range: ByteRange

    fileprivate init(of xorb: XorbRange, range: ByteRange) {
        self.xorb = xorb
        self.range = range
    }

    package func makeAsyncIterator() -> AsyncIterator { AsyncIterator(xorb: xorb, end: range.upper, position: range.lower) }

    package struct AsyncIterator: AsyncIteratorProtocol {
        fileprivate let xorb: XorbRange
        fileprivate let end: Int64
        fileprivate var position: Int64

        package mutating func next() async throws -> ByteBuffer? {
            guard position < end else { return nil }
            let block = ByteRange(position, Swift.min(end, position + 1 << 20))
            position = block.upper
            let xorb = xorb
            return try await xorb.blobs.onDisk { try xorb.read(block) }
        }
    }
}

extension XorbRange {
    /// Raw bytes are read in one go, and headers put between them.
    fileprivate func read(_ block: ByteRange) throws -> ByteBuffer {
        let pieces = Array(try XorbPieces(of: layout, bytes: block))
        let spans = pieces.compactMap { if case .raw(let span) = $0 { span } else { nil } }
        var raw = ByteBuffer()
        if let first = spans.first, let last = spans.last { raw = try source.read(ByteRange(base + first.lower, base + last.upper)) }
        var out = ByteBufferAllocator().buffer(capacity: Int(block.count))
        for piece in pieces {
            switch piece {
            case .header(let bytes): out.writeBytes(bytes)
            case .raw(let span):
                guard var bytes = raw.readSlice(length: Int(span.count)) else {
                    throw HubError(.storageDamaged, "a xorb ended before its size; run 'grayling verify --store'")
                }
                out.writeBuffer(&bytes)
            }
        }
        return out
    }
}

extension Hub {
    func seal(_ slice: XorbSlice) async throws -> String {
        try await seal(Capability(XorbSlice.purpose, slice.facts, for: .anonymous, until: clock().adding(seconds: XorbSlice.seconds)))
    }

    /// What a capability of a plan allows to read. `.unauthenticated` and `.tokenExpired` as for any
    /// capability; `.unknownBlob` where the bytes have gone since.
    package func openXorbRange(_ capability: String) async throws -> XorbRange {
        guard let slice = XorbSlice(facts: try await unseal(capability, for: XorbSlice.purpose).facts) else {
            throw HubError(.unauthenticated, "this address was made by another version of this server; ask for a new one")
        }
        return try await blobs.onDisk { [self] in try open(slice) }
    }

    private func open(_ slice: XorbSlice) throws -> XorbRange {
        switch slice {
        case .xorb(let hash, let bytes):
            guard let xorb = try catalog.read({ try $0.xorb(hash.bytes) }) else {
                throw HubError(.unknownBlob, "the xorb \(hash) has gone since this address was made; ask for a new plan of the file")
            }
            let layout = XorbLayout(try chunks(of: xorb))
            let source = try blobs.open(xorb.pack)
            guard source.size == layout.rawLength, bytes.upper <= layout.serialisedLength else {
                throw HubError(.storageDamaged, "\(xorb.pack) is not the bytes of its xorb; run 'grayling verify --store'")
            }
            return XorbRange(size: layout.serialisedLength, allowed: bytes, layout: layout, source: source, base: 0, blobs: blobs)
        case .part(let digest, let size, let index, let bytes):
            let source = try blobs.open(digest)
            let file = VirtualFile(digest: digest, size: size)
            guard source.size == size, (0..<file.xorbCount).contains(index) else {
                throw HubError(.storageDamaged, "\(digest) has another size than the catalog says; run 'grayling verify --store'")
            }
            let layout = file.layout(ofXorb: index)
            guard bytes.upper <= layout.serialisedLength else {
                throw HubError(.rangeNotSatisfiable, "this address allows bytes that the xorb does not have")
            }
            return XorbRange(
                size: layout.serialisedLength, allowed: bytes, layout: layout, source: source, base: file.bytes(ofXorb: index).lower, blobs: blobs)
        }
    }
}
