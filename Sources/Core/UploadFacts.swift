/// An unfinished upload, as the server knows it. Everything needed to go on is here, so that
/// another machine can continue it.
package struct UploadFacts: Hashable, Sendable {
    package let id: UploadID
    package let digest: Digest
    package let size: Int64
    /// Bytes of every part but the last.
    package let partSize: Int64
    /// Numbers of the parts whose bytes are on disk, from 0, ascending.
    package let received: [Int]
    /// When it is forgotten unless something arrives before.
    package let expires: Instant
    /// The user id that began it; nobody else sees it.
    package let owner: Int64

    package init(id: UploadID, digest: Digest, size: Int64, partSize: Int64, received: [Int], expires: Instant, owner: Int64) {
        self.id = id
        self.digest = digest
        self.size = size
        self.partSize = partSize
        self.received = received
        self.expires = expires
        self.owner = owner
    }

    package var partCount: Int { PartPlan(size: size, partSize: partSize).count }
}

/// How a file is cut into parts.
package struct PartPlan: Hashable, Sendable {
    package let size: Int64
    package let partSize: Int64
    package init(size: Int64, partSize: Int64) {
        precondition(size >= 0 && partSize > 0, "a part has a size")
        self.size = size
        self.partSize = partSize
    }
    package var count: Int { Int(size / partSize) + (size % partSize == 0 ? 0 : 1) }
    /// The bytes of part `number`, or nil where there is no such part.
    package func range(_ number: Int) -> ByteRange? {
        guard number >= 0, number < count else { return nil }
        let start = Int64(number) * partSize
        return ByteRange(start, start + min(partSize, size - start))
    }
}

/// 32 lowercase hexadecimal digits.
package struct UploadID: Hashable, Sendable, CustomStringConvertible {
    package let text: String
    package init(parsing text: some StringProtocol) throws(HubError) {
        guard text.utf8.count == 32, text.utf8.allSatisfy(\.isLowercaseHexDigit) else {
            throw HubError(.unknownUpload, "'\(text.prefix(80))' is not an upload id: expected 32 lowercase hexadecimal digits")
        }
        self.text = String(text)
    }
    package var description: String { text }
}
