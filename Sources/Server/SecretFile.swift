import Core
import Foundation

/// A file that only its owner can read, from its first byte on.
enum SecretFile {
    static func write(_ text: String, to path: String) throws(HubError) {
        let descriptor = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0o600)
        guard descriptor >= 0 else { throw failure(path) }
        defer { close(descriptor) }
        let bytes = Array(text.utf8)
        let count = bytes.withUnsafeBytes { Foundation.write(descriptor, $0.baseAddress, $0.count) }
        guard count == bytes.count, fsync(descriptor) == 0 else { throw failure(path) }
    }

    private static func failure(_ path: String) -> HubError {
        HubError(.internalError, "\(path) could not be written: \(String(cString: strerror(errno)))")
    }
}
