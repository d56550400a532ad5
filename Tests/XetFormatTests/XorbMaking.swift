import CLZ4
import XetFormat

/// Makes serialised xorbs, good and bad.
enum XorbMaking {
    /// A record as a client would write it.
    static func record(_ raw: [UInt8], _ scheme: XorbFrame.Scheme, _ settings: (inout LZ4F_preferences_t) -> Void = { _ in }) -> [UInt8] {
        let body =
            switch scheme {
            case .stored: raw
            case .lz4: frame(raw, settings)
            case .groupedLZ4: frame(grouped(raw), settings)
            }
        return record(scheme, body, raw.count)
    }

    /// A record that says what it is told to.
    static func record(_ scheme: XorbFrame.Scheme, _ body: [UInt8], _ rawLength: Int) -> [UInt8] {
        XorbFrame(scheme: scheme, bodyLength: body.count, rawLength: rawLength).bytes + body
    }

    static func grouped(_ raw: [UInt8]) -> [UInt8] {
        (0..<4).flatMap { group in stride(from: group, to: raw.count, by: 4).map { raw[$0] } }
    }

    static func frame(_ raw: [UInt8], _ settings: (inout LZ4F_preferences_t) -> Void = { _ in }) -> [UInt8] {
        var preferences = LZ4F_preferences_t()
        preferences.frameInfo.blockMode = LZ4F_blockIndependent
        settings(&preferences)
        if preferences.frameInfo.contentSize > 0 { preferences.frameInfo.contentSize = UInt64(raw.count) }
        var out = [UInt8](repeating: 0, count: LZ4F_compressFrameBound(raw.count, &preferences))
        let count = LZ4F_compressFrame(&out, out.count, raw, raw.count, &preferences)
        precondition(LZ4F_isError(count) == 0, "LZ4 refused to compress")
        return Array(out[..<count])
    }

    /// What a reader makes of it: the chunks with their bytes, and the name.
    static func read(_ xorb: [UInt8], in sizes: [Int] = [1 << 20]) throws -> (raw: [[UInt8]], chunks: [XetChunk], hash: XetHash) {
        let reader = XorbReader()
        var (raw, chunks) = ([[UInt8]](), [XetChunk]())
        try pieces(xorb, sizes) { piece in
            try reader.consume(piece) { bytes, chunk in
                raw.append(Array(bytes))
                chunks.append(chunk)
            }
        }
        let hash = try reader.finish()
        precondition(reader.chunks == chunks, "the reader's list is what it called back")
        return (raw, chunks, hash)
    }
}
