package import Core
import Hashing

/// The four things git stores, and the names it gives them.
package enum GitObject {
    package enum Kind: String, Hashable, Sendable, CaseIterable {
        case blob, tree, commit, tag
    }

    /// What `git hash-object -t <kind>` prints for these bytes.
    package static func id(kind: Kind, body: [UInt8]) -> GitID {
        id(kind: kind, body: body, hasher: StreamHasher(.sha1))
    }

    /// The bytes in front of an object's body when it is named. A blob too large for memory is
    /// named by giving a SHA-1 `StreamHasher` this text and then the blob's bytes.
    package static func header(_ kind: Kind, size: Int64) -> String { "\(kind.rawValue) \(size)\0" }

    /// As `id(kind:body:)`, with a SHA-1 hasher that serves many objects in turn.
    static func id(kind: Kind, body: [UInt8], hasher: StreamHasher) -> GitID {
        hasher.update(header(kind, size: Int64(body.count)))
        hasher.update(body)
        return GitID(bytes: hasher.finish())
    }
}
