/// Byte grouping by four: all bytes with index 0 modulo 4, then 1, 2 and 3 (Xet specification, chunk compression). Where the
/// length is not a multiple of four the first groups are one byte longer.
enum ByteGroups {
    /// Puts grouped bytes back in order. Both have the same length.
    static func ungroup(_ source: UnsafeRawBufferPointer, into target: UnsafeMutableRawBufferPointer) {
        precondition(source.count == target.count, "grouping keeps the length")
        let count = source.count
        guard count > 0, let from = source.baseAddress?.assumingMemoryBound(to: UInt8.self), let to = target.baseAddress else { return }
        let whole = count / 4
        let rest = count % 4
        let second = from + whole + min(rest, 1)
        let third = second + whole + (rest > 1 ? 1 : 0)
        let fourth = third + whole + (rest > 2 ? 1 : 0)
        for i in 0..<whole {
            let word = UInt32(from[i]) | UInt32(second[i]) << 8 | UInt32(third[i]) << 16 | UInt32(fourth[i]) << 24
            to.storeBytes(of: word.littleEndian, toByteOffset: 4 * i, as: UInt32.self)
        }
        let groups = [from, second, third]
        for i in 0..<rest { to.storeBytes(of: groups[i][whole], toByteOffset: 4 * whole + i, as: UInt8.self) }
    }
}
