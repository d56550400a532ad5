import Core
import Glibc

/// An open file descriptor, closed when it is let go.
final class OpenFile: Sendable {
    let descriptor: Int32
    let location: String

    init(descriptor: Int32, location: String) {
        self.descriptor = descriptor
        self.location = location
    }

    convenience init(reading location: String) throws(HubError) {
        try self.init(location, flags: O_RDONLY)
    }

    convenience init(_ location: String, flags: Int32, mode: mode_t = 0o666) throws(HubError) {
        let descriptor = open(location, flags | O_CLOEXEC, mode)
        guard descriptor >= 0 else { throw SystemFailure.last("cannot open", location) }
        self.init(descriptor: descriptor, location: location)
    }

    deinit { close(descriptor) }

    func facts() throws(HubError) -> stat {
        var facts = stat()
        guard fstat(descriptor, &facts) == 0 else { throw SystemFailure.last("cannot read", location) }
        return facts
    }

    /// Reads at most the buffer's size from `offset`; 0 at the end.
    func read(into buffer: UnsafeMutableRawBufferPointer, at offset: Int64) throws(HubError) -> Int {
        while true {
            let count = pread(descriptor, buffer.baseAddress, buffer.count, off_t(offset))
            if count >= 0 { return count }
            if errno != EINTR { throw SystemFailure.last("cannot read", location) }
        }
    }

    /// Writes all of it at `offset`.
    func write(_ bytes: UnsafeRawBufferPointer, at offset: Int64) throws(HubError) {
        var done = 0
        while done < bytes.count {
            let count = pwrite(descriptor, bytes.baseAddress?.advanced(by: done), bytes.count - done, off_t(offset) + off_t(done))
            if count < 0 {
                if errno == EINTR { continue }
                throw SystemFailure.last("cannot write", location)
            }
            done += count
        }
    }

    /// All of a small file; throws `tooLarge` above `limit` bytes.
    func readAll(limit: Int) throws(HubError) -> [UInt8] {
        var bytes: [UInt8] = []
        var failure: HubError?
        while true {
            let start = bytes.count
            guard start <= limit else {
                throw HubError(.tooLarge, "'\(FilePath.printable(location))' has more than \(limit) bytes")
            }
            var count = 0
            bytes.append(
                contentsOf: [UInt8](unsafeUninitializedCapacity: 64 << 10) { buffer, filled in
                    do {
                        count = try self.read(into: UnsafeMutableRawBufferPointer(buffer), at: Int64(start))
                    } catch {
                        failure = error as? HubError ?? HubError(.internalError, "\(error)")
                    }
                    filled = count
                })
            if let failure { throw failure }
            if count == 0 { return bytes }
        }
    }
}

/// What the operating system refused, as a sentence.
enum SystemFailure {
    /// Reads `errno`; call it right after the failed call.
    static func last(_ attempt: String, _ location: String) -> HubError {
        let number = errno
        let shown = FilePath.printable(location)
        switch number {
        case ENOENT: return HubError(.unknownFile, "\(attempt) '\(shown)': it does not exist")
        case ENOSPC, EDQUOT: return HubError(.storageFull, "\(attempt) '\(shown)': the disk is full; make room and run it again")
        case ELOOP, ENOTDIR:
            return HubError(.invalidPath, "\(attempt) '\(shown)': a part of the path is a link or not a folder; remove it and run it again")
        default: return HubError(.unavailable, "\(attempt) '\(shown)': \(String(cString: strerror(number)))")
        }
    }
}
