/// Walks through a chunked body (RFC 9112 section 7.1) without copying it. What it has accepted
/// may be passed on byte for byte: sizes are at most 15 hexadecimal digits, lines end with CRLF,
/// extensions and trailers are bounded and hold no control characters, and no trailer frames.
struct ChunkReader {
    enum Step: Hashable {
        /// These bytes are the body's own.
        case payload(Extent)
        /// A size line, the CRLF behind a chunk, or the whole trailer section.
        case frame(Extent)
        /// The body is over behind this offset.
        case end(Int)
        case more
    }

    static let lineLimit = 256
    static let extensionLimit = 16 << 10
    static let trailerLimit = 8 << 10

    private enum State { case size, payload, payloadEnd, trailers, done }
    private var state = State.size
    private var left = 0
    private var extensionBytes = 0
    private(set) var sawTrailers = false

    /// Between two chunks: something may be put in here.
    var isBetweenChunks: Bool { state == .size }
    var isDone: Bool { state == .done }

    /// The next step from `offset` on. After `.more`, the unread bytes must come again, with more behind them.
    mutating func next(_ bytes: Bytes, from offset: Int) throws(HeadFault) -> Step {
        switch state {
        case .size:
            guard let end = try lineEnd(bytes, offset, Self.lineLimit, .badChunk) else { return .more }
            left = try size(bytes, offset, end)
            state = left == 0 ? .trailers : .payload
            return .frame(Extent(start: offset, end: end + 2))
        case .payload:
            let count = min(left, bytes.count - offset)
            guard count > 0 else { return .more }
            left -= count
            if left == 0 { state = .payloadEnd }
            return .payload(Extent(start: offset, end: offset + count))
        case .payloadEnd:
            guard bytes.count - offset >= 2 else {
                guard offset == bytes.count || bytes[offset] == 0x0D else { throw .badChunk }
                return .more
            }
            guard bytes[offset] == 0x0D, bytes[offset + 1] == 0x0A else { throw .badChunk }
            state = .size
            return .frame(Extent(start: offset, end: offset + 2))
        case .trailers:
            var line = offset
            while let end = try lineEnd(bytes, line, Self.trailerLimit, .badTrailer) {
                guard end - offset <= Self.trailerLimit else { throw .badTrailer }
                if end == line {
                    state = .done
                    return .frame(Extent(start: offset, end: end + 2))
                }
                try check(bytes, Extent(start: line, end: end))
                sawTrailers = true
                line = end + 2
            }
            guard bytes.count - offset <= Self.trailerLimit else { throw .badTrailer }
            return .more
        case .done:
            return .end(offset)
        }
    }

    private func lineEnd(_ bytes: Bytes, _ start: Int, _ limit: Int, _ fault: HeadFault) throws(HeadFault) -> Int? {
        guard let feed = bytes.index(of: 0x0A, from: start) else {
            guard bytes.count - start <= limit else { throw fault }
            return nil
        }
        guard feed - start <= limit, feed > start, bytes[feed - 1] == 0x0D else { throw fault }
        return feed - 1
    }

    private mutating func size(_ bytes: Bytes, _ start: Int, _ end: Int) throws(HeadFault) -> Int {
        var value = 0
        var at = start
        while at < end, let digit = bytes[at].hexValue {
            guard at - start < 15 else { throw .badChunk }
            value = value << 4 | digit
            at += 1
        }
        guard at > start else { throw .badChunk }
        if at < end {
            guard bytes[at] == 0x3B else { throw .badChunk }
            extensionBytes += end - at
            guard extensionBytes <= Self.extensionLimit else { throw .badChunk }
            for i in at..<end where (bytes[i] < 0x20 && bytes[i] != 0x09) || bytes[i] >= 0x7F { throw .badChunk }
        }
        return value
    }

    private func check(_ bytes: Bytes, _ line: Extent) throws(HeadFault) {
        guard let field = try? HeadReader.field(bytes, line) else { throw .badTrailer }
        switch field.kind {
        // What frames, routes or authenticates cannot come afterwards (RFC 9110 section 6.5.1).
        case .contentLength, .transferEncoding, .host, .connection, .upgrade, .te, .trailer, .expect, .authorization, .apiKey, .cookie, .keepAlive,
            .proxyConnection, .proxyAuthenticate, .proxyAuthorization, .contentType:
            throw .badTrailer
        default: return
        }
    }
}
