package import Core

/// Reads an uploaded xorb as it arrives, in pieces of any size, and hands out its chunks decoded and named. Memory is one
/// framed chunk, two decoded ones, and what LZ4 needs for a block: as much as the frame announces, at most 4 MiB. A frame
/// never yields more than its header states. Not for two threads at once.
///
/// Refuses with `.invalidRequest`, or `.tooLarge` where a limit is passed; the message names the chunk and its offset.
/// After an error the reader is of no more use.
package final class XorbReader {
    /// The decoded bytes of the chunk that `next` gave last: valid until it is called again, and no longer than
    /// the buffer that was passed to it.
    package private(set) var raw = UnsafeRawBufferPointer(start: nil, count: 0)
    /// The chunks read so far.
    package private(set) var chunks: [XetChunk] = []

    private enum State {
        case header
        case body(XorbFrame)
        case footer
    }
    private var state = State.header
    /// A header or body that did not arrive in one buffer.
    private let gathered = UnsafeMutableRawBufferPointer.allocate(byteCount: XetLimits.longestBody, alignment: 16)
    private var filled = 0
    /// Bytes of the records read so far, and of the footer.
    private var consumed = 0
    private var footer = 0
    private var merkle = XetMerkle()
    private let decoder = XorbDecoder()

    package init() {}

    deinit { gathered.deallocate() }

    /// Reads on in `bytes` from `offset`, which it moves, until one more chunk is whole; nil when everything has been read.
    package func next(in bytes: UnsafeRawBufferPointer, from offset: inout Int) throws(HubError) -> XetChunk? {
        while offset < bytes.count {
            switch state {
            case .header:
                guard let header = take(XorbFrame.headerLength, bytes, &offset) else { return nil }
                try begin(header)
            case .body(let frame):
                guard let body = take(frame.bodyLength, bytes, &offset) else { return nil }
                return try end(frame, body)
            case .footer:
                try skipFooter(bytes.count - offset)
                offset = bytes.count
            }
        }
        return nil
    }

    /// Reads all of `bytes` and calls back for each chunk that becomes whole, with its decoded bytes.
    package func consume(_ bytes: UnsafeRawBufferPointer, _ onChunk: (UnsafeRawBufferPointer, XetChunk) throws -> Void) throws {
        var offset = 0
        while let chunk = try next(in: bytes, from: &offset) { try onChunk(raw, chunk) }
    }

    /// Ends the xorb: the answer is its name, the Merkle root over its chunks.
    package func finish() throws(HubError) -> XetHash {
        switch state {
        case .header where filled > 0: throw refusal(.invalidRequest, "ends after \(filled) of the 8 bytes of its header")
        case .body(let frame): throw refusal(.invalidRequest, "ends after \(filled) of its \(frame.bodyLength) bytes")
        case .header, .footer: break
        }
        guard !chunks.isEmpty else { throw HubError(.invalidRequest, "the xorb is empty; expected at least one chunk") }
        return merkle.root
    }

    private func begin(_ header: UnsafeRawBufferPointer) throws(HubError) {
        if header.starts(with: Self.footerTag) {
            state = .footer
            try skipFooter(XorbFrame.headerLength)
            return
        }
        guard chunks.count < XetLimits.chunksInXorb else {
            throw refusal(.tooLarge, "is one too many: a xorb has at most \(XetLimits.chunksInXorb) chunks")
        }
        guard header[0] == 0 else { throw refusal(.invalidRequest, "has version \(header[0]); expected version 0") }
        guard let scheme = XorbFrame.Scheme(rawValue: header[4]) else {
            throw refusal(.invalidRequest, "has compression scheme \(header[4]); expected 0 (none), 1 (LZ4) or 2 (grouped LZ4)")
        }
        func u24(_ at: Int) -> Int { Int(header[at]) | Int(header[at + 1]) << 8 | Int(header[at + 2]) << 16 }
        let frame = XorbFrame(scheme: scheme, bodyLength: u24(1), rawLength: u24(5))
        guard 1...XetLimits.longestChunk ~= frame.rawLength else {
            throw refusal(
                frame.rawLength == 0 ? .invalidRequest : .tooLarge,
                "has \(frame.rawLength) raw bytes; expected 1 to \(XetLimits.longestChunk)")
        }
        guard 1...XetLimits.longestBody ~= frame.bodyLength else {
            throw refusal(
                frame.bodyLength == 0 ? .invalidRequest : .tooLarge,
                "takes \(frame.bodyLength) bytes; expected 1 to \(XetLimits.longestBody)")
        }
        guard consumed + XorbFrame.headerLength + frame.bodyLength <= XetLimits.serialisedXorb else {
            throw refusal(.tooLarge, "makes the xorb longer than \(XetLimits.serialisedXorb) bytes; cut it earlier")
        }
        state = .body(frame)
    }

    private func end(_ frame: XorbFrame, _ body: UnsafeRawBufferPointer) throws(HubError) -> XetChunk {
        switch try decoder.decode(body, of: frame) {
        case .success(let bytes): raw = bytes
        case .failure(let fault): throw refusal(.invalidRequest, fault.text)
        }
        let chunk = XetChunk(of: raw)
        state = .header
        consumed += XorbFrame.headerLength + frame.bodyLength
        chunks.append(chunk)
        merkle.append(chunk)
        return chunk
    }

    private func skipFooter(_ count: Int) throws(HubError) {
        footer += count
        guard footer <= XetLimits.xorbFooter else {
            throw HubError(.tooLarge, "the xorb's footer is longer than \(XetLimits.xorbFooter) bytes; leave the footer out")
        }
    }

    private static let footerTag = Array("XETBLOB".utf8)

    /// Names the chunk that comes after those read.
    private func refusal(_ code: HubError.Code, _ fault: String) -> HubError {
        HubError(code, "chunk \(chunks.count), at byte \(consumed) of the xorb, \(fault)")
    }

    /// `count` bytes in one piece: in the buffer itself where it holds them all, else gathered; nil until they are there.
    private func take(_ count: Int, _ bytes: UnsafeRawBufferPointer, _ offset: inout Int) -> UnsafeRawBufferPointer? {
        let part = min(count - filled, bytes.count - offset)
        let piece = UnsafeRawBufferPointer(rebasing: bytes[offset..<offset + part])
        offset += part
        if part == count { return piece }
        UnsafeMutableRawBufferPointer(rebasing: gathered[filled..<filled + part]).copyMemory(from: piece)
        filled += part
        guard filled == count else { return nil }
        filled = 0
        return UnsafeRawBufferPointer(rebasing: gathered[..<count])
    }
}
