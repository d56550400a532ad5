import Core

/// Turns the body of a chunk record into the chunk's raw bytes.
final class XorbDecoder {
    struct Fault: Error {
        /// Ends the sentence "chunk 3 …".
        var text: String
    }

    private let decoded = UnsafeMutableRawBufferPointer.allocate(byteCount: XetLimits.longestChunk, alignment: 16)
    private let grouped = UnsafeMutableRawBufferPointer.allocate(byteCount: XetLimits.longestChunk, alignment: 16)
    private let lz4 = LZ4Frame()

    deinit {
        decoded.deallocate()
        grouped.deallocate()
    }

    /// The raw bytes lie in `body` itself or in memory of the decoder; either way only until the next call. The frame's
    /// raw length must have been checked.
    func decode(_ body: UnsafeRawBufferPointer, of frame: XorbFrame) throws(HubError) -> Result<UnsafeRawBufferPointer, Fault> {
        let target = UnsafeMutableRawBufferPointer(rebasing: decoded[..<frame.rawLength])
        switch frame.scheme {
        case .stored:
            guard body.count == frame.rawLength else {
                return .failure(Fault(text: "is stored as \(body.count) bytes, but its header states \(frame.rawLength)"))
            }
            return .success(body)
        case .lz4:
            if let fault = try lz4.decode(body, into: target) { return .failure(Fault(text: fault)) }
        case .groupedLZ4:
            let groups = UnsafeMutableRawBufferPointer(rebasing: grouped[..<frame.rawLength])
            if let fault = try lz4.decode(body, into: groups) { return .failure(Fault(text: fault)) }
            ByteGroups.ungroup(UnsafeRawBufferPointer(groups), into: target)
        }
        return .success(UnsafeRawBufferPointer(target))
    }
}
