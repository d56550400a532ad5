package import Core

/// What a span of a serialised xorb of scheme 0 is made of, in order: header bytes that we make, and spans of raw bytes
/// that lie in the store. Made one by one, so that a whole xorb costs no list.
package struct XorbPieces: Sequence, IteratorProtocol {
    package enum Piece: Hashable, Sendable {
        /// A header or, at the ends of the span, a part of one.
        case header([UInt8])
        /// Raw bytes of one chunk, as offsets in the xorb's raw bytes.
        case raw(ByteRange)
    }

    private let layout: XorbLayout
    private let end: Int64
    private var at: Int64
    private var chunk: Int

    /// Throws `.rangeNotSatisfiable` where the span leaves the xorb.
    package init(of layout: XorbLayout, bytes: ByteRange) throws(HubError) {
        guard bytes.upper <= layout.serialisedLength else {
            throw HubError(
                .rangeNotSatisfiable,
                "bytes \(bytes.lower)-\(bytes.upper - 1) are not in this xorb: it has \(layout.serialisedLength) bytes in serialised form")
        }
        self.layout = layout
        at = bytes.lower
        end = bytes.upper
        chunk = layout.chunk(atSerialised: bytes.lower)
    }

    package mutating func next() -> Piece? {
        guard at < end else { return nil }
        let begin = layout.serialisedOffset(ofChunk: chunk)
        let body = begin + Int64(XorbFrame.headerLength)
        if at < body {
            let header = XorbFrame(stored: layout.rawLength(ofChunk: chunk)).bytes
            let upper = Swift.min(end, body)
            defer { at = upper }
            return .header(Array(header[Int(at - begin)..<Int(upper - begin)]))
        }
        let raw = layout.rawOffset(ofChunk: chunk)
        let upper = Swift.min(end, layout.serialisedOffset(ofChunk: chunk + 1))
        defer {
            at = upper
            chunk += 1
        }
        return .raw(ByteRange(raw + at - body, raw + upper - body))
    }
}
