import Core
import Hashing
import NIOCore

/// The sums of a body as it passes: SHA-256, and git's id where it was asked for.
// Unchecked: handed from job to job of one lane, which run one after another.
final class RunningDigest: @unchecked Sendable {
    private let sha256 = StreamHasher(.sha256)
    private let git: GitHasher?

    /// - Parameter size: bytes of the whole body where known; git's id begins with it.
    init(gitSize size: Int64? = nil) {
        git = size.flatMap { $0 < FileStorage.lfsThreshold ? GitHasher($0) : nil }
    }

    func update(_ bytes: ByteBuffer) {
        bytes.withUnsafeReadableBytes { sha256.update($0) }
        git?.update(bytes)
    }

    /// Both sums; it begins anew.
    func finish() -> (digest: Digest, gitID: GitID?) {
        (Digest(bytes: sha256.finish()), git?.finish())
    }
}

/// Git's name for a blob of a known size.
// Unchecked: as above.
final class GitHasher: @unchecked Sendable {
    private let sha1 = StreamHasher(.sha1)

    init(_ size: Int64) { sha1.update("blob \(size)\0") }
    func update(_ bytes: ByteBuffer) { bytes.withUnsafeReadableBytes { sha1.update($0) } }
    func finish() -> GitID { GitID(bytes: sha1.finish()) }
}
