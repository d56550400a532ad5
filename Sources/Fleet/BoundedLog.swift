import Core
import Glibc

/// What a model server prints. It writes the file itself, so that nothing is lost and nobody waits for us; we keep
/// it short.
enum BoundedLog {
    /// Drops the older half, up to the beginning of a line, where the file is longer than `limit`. The server
    /// appends (O_APPEND), so it goes on behind what is kept; a line that it writes at this very moment may be lost.
    static func trim(_ path: String, limit: Int) throws(HubError) {
        let file = open(path, O_RDWR | O_CLOEXEC | O_NOFOLLOW)
        // Not yet written to.
        guard file >= 0 else { return }
        defer { close(file) }
        let size = Int(lseek(file, 0, SEEK_END))
        guard size > limit else { return }
        var offset = size - limit / 2
        var kept = 0
        var block = [UInt8](repeating: 0, count: 256 << 10)
        var isAtLine = false
        while true {
            let count = pread(file, &block, block.count, off_t(offset))
            guard count > 0 else { break }
            offset += count
            var piece = block[..<count]
            if !isAtLine {
                guard let end = piece.firstIndex(of: 0x0A) else { continue }
                piece = piece[(end + 1)...]
                isAtLine = true
            }
            let written = piece.withUnsafeBytes { pwrite(file, $0.baseAddress, $0.count, off_t(kept)) }
            guard written == piece.count else { throw Files.failure("pwrite", path, errno) }
            kept += piece.count
        }
        try Files.attempt("ftruncate", path) { ftruncate(file, off_t(kept)) }
    }

    /// The last whole lines within so many bytes.
    static func tail(_ path: String, bytes: Int) -> String {
        guard bytes > 0 else { return "" }
        let file = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW)
        guard file >= 0 else { return "" }
        defer { close(file) }
        let size = Int(lseek(file, 0, SEEK_END))
        let start = max(0, size - bytes)
        // One byte more, to see whether the first line is whole.
        let from = max(0, start - 1)
        var buffer = [UInt8](repeating: 0, count: size - from)
        let count = max(0, pread(file, &buffer, buffer.count, off_t(from)))
        var found = buffer[..<count]
        if from > 0 || start > 0 {
            guard let end = found.firstIndex(of: 0x0A) else { return "" }
            found = found[(end + 1)...]
        }
        return String(decoding: found, as: UTF8.self)
    }
}
