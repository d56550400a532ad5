package import Core
package import NIOCore

/// What a write left behind.
package struct Written: Hashable, Sendable {
    package let digest: Digest
    package let size: Int64
    /// What git calls these bytes. Known where the size was known beforehand and below the limit
    /// of LFS, because git's id begins with the size; `gitBlobID(of:)` computes it afterwards.
    package let gitID: GitID?
    /// False where the blob was there already.
    package let wasNew: Bool

    package init(digest: Digest, size: Int64, gitID: GitID?, wasNew: Bool) {
        self.digest = digest
        self.size = size
        self.gitID = gitID
        self.wasNew = wasNew
    }
}

/// A run of bytes inside a stored blob.
package struct Extent: Hashable, Sendable {
    package let digest: Digest
    package let offset: Int64
    package let count: Int64

    package init(digest: Digest, offset: Int64, count: Int64) {
        self.digest = digest
        self.offset = offset
        self.count = count
    }
}

/// One small blob of a batch.
package struct BatchItem: Sendable {
    package let expected: Digest
    package let bytes: ByteBuffer

    package init(expected: Digest, bytes: ByteBuffer) {
        self.expected = expected
        self.bytes = bytes
    }
}

/// A blob in the trash, and since when.
package struct CondemnedBlob: Hashable, Sendable {
    package let digest: Digest
    /// Bytes that deleting it gives back.
    package let size: Int64
    package let since: Instant
}

/// What reading a blob from end to end showed.
package enum Condition: Hashable, Sendable {
    case whole
    /// The digest its bytes have now; nil where they cannot be read at all.
    case damaged(found: Digest?)
}
