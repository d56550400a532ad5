import CLZ4
import Core

/// Decodes LZ4 frames (LZ4 frame format 1.6) one after the other with one context.
final class LZ4Frame {
    private var context: OpaquePointer?

    deinit { LZ4F_freeDecompressionContext(context) }

    /// Decodes exactly one frame, which must fill `source` and `target` to the last byte; never writes more than `target`
    /// holds. The answer is nil, or what is wrong with the frame.
    func decode(_ source: UnsafeRawBufferPointer, into target: UnsafeMutableRawBufferPointer) throws(HubError) -> String? {
        if context == nil {
            guard LZ4F_isError(LZ4F_createDecompressionContext(&context, UInt32(LZ4F_VERSION))) == 0 else {
                throw HubError(.unavailable, "there is no memory to decode LZ4")
            }
        }
        LZ4F_resetDecompressionContext(context)
        var (read, written) = (0, 0)
        while true {
            let before = (read, written)
            let rest = step(source, &read, target, &written)
            if LZ4F_isError(rest) != 0 { return "is not a valid LZ4 frame (\(String(cString: LZ4F_getErrorName(rest))))" }
            if rest == 0 { break }
            if (read, written) == before {
                return holdsMore(source, &read)
                    ? "decodes to more than the \(target.count) bytes that its header states" : "ends in the middle of its LZ4 frame"
            }
        }
        if read < source.count { return "has \(source.count - read) bytes behind its LZ4 frame" }
        if written < target.count { return "decodes to \(written) bytes, but its header states \(target.count)" }
        return nil
    }

    private func step(
        _ source: UnsafeRawBufferPointer, _ read: inout Int, _ target: UnsafeMutableRawBufferPointer, _ written: inout Int
    ) -> Int {
        var taken = source.count - read
        var made = target.count - written
        let rest = LZ4F_decompress(
            context, target.baseAddress.map { $0 + written }, &made, source.baseAddress.map { $0 + read }, &taken, nil)
        read += taken
        written += made
        return rest
    }

    /// Whether a frame that stands still would go on if there were room for one more byte.
    private func holdsMore(_ source: UnsafeRawBufferPointer, _ read: inout Int) -> Bool {
        withUnsafeTemporaryAllocation(byteCount: 1, alignment: 1) { spare in
            var written = 0
            _ = step(source, &read, spare, &written)
            return written > 0
        }
    }
}
