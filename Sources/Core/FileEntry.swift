/// One file of a revision.
package struct FileEntry: Hashable, Sendable {
    package let path: FilePath
    package let size: Int64
    package let digest: Digest
    package let isExecutable: Bool
    /// Whether git sees the bytes themselves or an LFS pointer. Decided once, at commit.
    package let storage: FileStorage
    /// What git calls it: of the bytes where regular, of the pointer where LFS.
    package let gitID: GitID

    package init(path: FilePath, size: Int64, digest: Digest, isExecutable: Bool, storage: FileStorage, gitID: GitID) {
        self.path = path
        self.size = size
        self.digest = digest
        self.isExecutable = isExecutable
        self.storage = storage
        self.gitID = gitID
    }
}

package enum FileStorage: String, Hashable, Sendable {
    case regular, lfs

    /// Files from this size on are LFS unless `.gitattributes` says otherwise: 10 MiB.
    package static let lfsThreshold: Int64 = 10 << 20
}

/// A file as a publisher announces it, before anything is decided about it.
package struct DraftFile: Hashable, Sendable {
    package let path: FilePath
    package let size: Int64
    package let digest: Digest
    package let isExecutable: Bool
    /// What the publisher asked for; nil leaves it to `.gitattributes` and the size.
    package let storage: FileStorage?

    package init(path: FilePath, size: Int64, digest: Digest, isExecutable: Bool = false, storage: FileStorage? = nil) {
        self.path = path
        self.size = size
        self.digest = digest
        self.isExecutable = isExecutable
        self.storage = storage
    }

    /// A file as it stands in a revision.
    package init(_ entry: FileEntry) {
        self.init(path: entry.path, size: entry.size, digest: entry.digest, isExecutable: entry.isExecutable, storage: entry.storage)
    }
}

/// Upper limits that keep one request from taking the server away from the others.
package struct Limits: Hashable, Sendable {
    /// Files in one revision.
    package var filesPerRevision = 200_000
    /// Bytes of one file: 5 TiB.
    package var fileSize: Int64 = 5 << 40
    /// Bytes of a JSON request body: 64 MiB, room for 200,000 files.
    package var requestBody = 64 << 20
    /// Characters of a commit message.
    package var message = 65_536
    package init() {}
}
