package import Core
import Glibc

/// An open file: shared by everyone who reads it, closed with the last of them. Reads name
/// their offset, so sharing needs no agreement.
package final class SharedFile: HeldFile, ByteFile {
    package let descriptor: CInt

    init(owning descriptor: CInt) { self.descriptor = descriptor }
    deinit { close(descriptor) }

    package func open() -> (any HeldFile)? { self }

    func status() throws(HubError) -> stat {
        var facts = stat()
        try Disk.attempt("fstat") { fstat(descriptor, &facts) }
        return facts
    }

    func sync() throws(HubError) { try Disk.attempt("fsync") { fsync(descriptor) } }
    func syncData() throws(HubError) { try Disk.attempt("fdatasync") { fdatasync(descriptor) } }

    /// The text of a small file; longer ones are cut at `limit` bytes.
    func text(limit: Int) throws(HubError) -> String {
        let wanted = min(limit, max(0, Int(try status().st_size)))
        var bytes = [UInt8](repeating: 0, count: wanted)
        var failure: HubError?
        let count = bytes.withUnsafeMutableBytes { out in
            do throws(HubError) { return try Disk.read(descriptor, into: out, at: 0) } catch { failure = error; return 0 }
        }
        if let failure { throw failure }
        return String(decoding: bytes[..<count], as: UTF8.self)
    }

    /// Sets the modification time; nil means the moment of the call.
    func stamp(_ moment: Instant?) throws(HubError) {
        try Disk.attempt("futimens") {
            guard let moment else { return futimens(descriptor, nil) }
            return [timespec](repeating: timespec(moment), count: 2).withUnsafeBufferPointer { futimens(descriptor, $0.baseAddress) }
        }
    }
}

extension timespec {
    init(_ moment: Instant) {
        self.init(tv_sec: Int(moment.seconds), tv_nsec: Int(moment.milliseconds - moment.seconds * 1000) * 1_000_000)
    }
}
