import API
import Core
import NIOCore
import Wire

/// Cuts a body of `BlobStream` records into batches that become durable together. Holds at
/// most one batch: 256 blobs or 16 MiB.
struct BlobRecords {
    private var chunks: BodyStream.Iterator
    private var buffer = ByteBuffer()
    private var isOver = false
    private static let mostBlobs = 256
    private static let mostBytes = 16 << 20
    /// 64 digits, a space, at most 7 digits, a newline.
    private static let longestHeader = 73

    init(_ body: BodyStream) { chunks = body.makeAsyncIterator() }

    /// The next batch, or nil behind the last record.
    mutating func next() async throws -> [(expected: Digest, bytes: ByteBuffer)]? {
        var batch: [(expected: Digest, bytes: ByteBuffer)] = []
        var bytes = 0
        while batch.count < Self.mostBlobs, bytes < Self.mostBytes, let record = try await record() {
            batch.append(record)
            bytes += record.bytes.readableBytes
        }
        return batch.isEmpty ? nil : batch
    }

    private mutating func record() async throws -> (expected: Digest, bytes: ByteBuffer)? {
        guard let header = try await header() else { return nil }
        let fields = header.split(separator: " ", omittingEmptySubsequences: false)
        guard fields.count == 2, let size = Int(fields[1]), size >= 0 else {
            throw HubError(.invalidRequest, "expected a line 'digest size' before each blob, found '\(FilePath.printable(header))'")
        }
        let digest = try Digest(parsing: fields[0])
        guard size <= BlobStream.largest else {
            throw HubError(.tooLarge, "a blob in a batch has at most \(BlobStream.largest) bytes; send \(digest) alone with PUT")
        }
        while buffer.readableBytes < size {
            guard try await more() else {
                throw HubError(.sizeMismatch, "the batch ended inside \(digest): expected \(size) bytes, received \(buffer.readableBytes)")
            }
        }
        guard let bytes = buffer.readSlice(length: size) else { throw HubError(.sizeMismatch, "the batch ended inside \(digest)") }
        // A slice would keep the whole receive buffer alive.
        var own = ByteBuffer()
        own.writeImmutableBuffer(bytes)
        buffer.discardReadBytes()
        return (digest, own)
    }

    private mutating func header() async throws -> String? {
        while true {
            let view = buffer.readableBytesView
            if let end = view.prefix(Self.longestHeader + 1).firstIndex(of: 0x0A) {
                let line = buffer.readString(length: end - view.startIndex)
                buffer.moveReaderIndex(forwardBy: 1)
                return line
            }
            guard view.count <= Self.longestHeader else {
                throw HubError(.invalidRequest, "expected a line 'digest size' of at most \(Self.longestHeader) characters before each blob")
            }
            guard try await more() else {
                guard buffer.readableBytes == 0 else { throw HubError(.sizeMismatch, "the batch ended inside a header line") }
                return nil
            }
        }
    }

    private mutating func more() async throws -> Bool {
        guard !isOver, let chunk = try await chunks.next() else {
            isOver = true
            return false
        }
        buffer.writeImmutableBuffer(chunk)
        return true
    }
}
