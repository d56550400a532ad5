import Core
import Glibc
import NIOCore

/// Files up to this size go out as one buffer with their head, in one write: 64 KiB.
enum SmallBody {
    static let limit: Int64 = 64 << 10

    /// Appends the part of a source to a buffer; false where a file is shorter than promised.
    static func append(_ source: ByteSource, _ range: ByteRange, to buffer: inout ByteBuffer) -> Bool {
        for extent in source.slice(range) {
            guard let file = extent.file.open() else { return false }
            var done = 0
            while done < Int(extent.count) {
                let want = Int(extent.count) - done
                var got = 0
                buffer.writeWithUnsafeMutableBytes(minimumWritableBytes: want) { space in
                    repeat {
                        got = pread(file.descriptor, space.baseAddress, want, off_t(extent.offset) + off_t(done))
                    } while got < 0 && errno == EINTR
                    return max(0, got)
                }
                guard got > 0 else { return false }
                done += got
            }
        }
        return true
    }
}
