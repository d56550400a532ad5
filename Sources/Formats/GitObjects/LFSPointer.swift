package import Core

/// The small text that stands in git for a large file (git-lfs specification, "The Pointer").
package struct LFSPointer: Hashable, Sendable {
    package let digest: Digest
    /// Bytes of the file that is meant.
    package let size: Int64

    package init(digest: Digest, size: Int64) {
        precondition(size >= 0, "a file cannot have a negative size")
        self.digest = digest
        self.size = size
    }

    /// An empty file is its own pointer: git-lfs passes it through unchanged.
    package var text: String {
        size == 0 ? "" : Self.beginning + "\(digest.hex)\nsize \(size)\n"
    }

    /// What git calls the pointer.
    package var id: GitID { GitObject.id(kind: .blob, body: Array(text.utf8)) }

    /// Reads exactly what `text` writes and nothing else, so that a file which only resembles a
    /// pointer stays the file it is. nil also for an empty file, which is just that.
    package init?(parsing bytes: [UInt8]) {
        let beginning = Self.beginning.utf8
        let longest = beginning.count + 64 + 6 + 19 + 1
        guard bytes.count <= longest, bytes.starts(with: beginning) else { return nil }
        let rest = bytes.dropFirst(beginning.count)
        guard let digest = try? Digest(parsing: String(decoding: rest.prefix(64), as: UTF8.self)),
            let size = Int64(String(decoding: rest.dropFirst(64 + 6).dropLast(), as: UTF8.self))
        else { return nil }
        guard size > 0, bytes.elementsEqual(LFSPointer(digest: digest, size: size).text.utf8) else { return nil }
        self.init(digest: digest, size: size)
    }

    private static let beginning = "version https://git-lfs.github.com/spec/v1\noid sha256:"
}
