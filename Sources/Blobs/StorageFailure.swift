package import Core
import Glibc

extension HubError {
    /// What a failed system call means to the person who asked.
    static func system(_ call: StaticString, _ number: Int32) -> HubError {
        switch number {
        case ENOSPC, EDQUOT:
            .storageFull
        case EMFILE, ENFILE:
            HubError(
                .unavailable,
                "the server has too many files open (\(call)); try again, or raise its limit of open files (ulimit -n)")
        default:
            HubError(.internalError, "the data folder refused a request: \(call): \(String(cString: strerror(number)))")
        }
    }

    package static let storageFull = HubError(
        .storageFull,
        "the disk of the data folder is full: free some space there or run 'grayling collect', then send it again; everything stored stays readable")

    static func sizeMismatch(expected: Int64, received: Int64, more: Bool = false) -> HubError {
        HubError(
            .sizeMismatch, "expected \(expected) bytes and received \(more ? "more" : "only \(received)"); send it again from the start",
            details: ["expected": "\(expected)", "received": "\(received)"])
    }

    static func digestMismatch(expected: Digest, received: Digest) -> HubError {
        HubError(
            .digestMismatch,
            "expected \(expected) and received bytes of \(received); the file changed while it was sent, or was damaged on the way: hash it again and resend",
            details: ["expected": expected.description, "received": received.description])
    }

    package static func unknownBlob(_ digest: Digest) -> HubError {
        HubError(.unknownBlob, "there is no blob \(digest) here; upload it first, or check the digest", details: ["digest": digest.description])
    }

    package static func blobsMissing(_ digests: [Digest]) -> HubError {
        HubError(
            .blobsMissing,
            "\(digests.count) blob\(digests.count == 1 ? " is" : "s are") not here yet, beginning with \(digests.first?.description ?? "none"); upload what is missing and try again",
            details: ["missing": digests.map(\.description).joined(separator: ",")])
    }

    static func damaged(_ digest: Digest, _ reason: String) -> HubError {
        HubError(
            .storageDamaged, "\(digest) is damaged on the server's disk: \(reason); upload it again, and run 'grayling verify --store'",
            details: ["digest": digest.description])
    }
}
