package import Core

/// The folders of a revision, each with its git id and its content digest. A folder whose digest
/// is known already is known with everything below it.
package struct BuiltTree: Sendable {
    package struct Folder: Sendable {
        /// Empty for the root.
        package let path: Substring
        /// In byte order of the names.
        package let children: [Child]
        /// What git calls this folder.
        package let gitID: GitID
        /// SHA-256 of `canonicalBytes`: equal exactly where everything below is equal.
        package let digest: Digest
        /// Files of the whole subtree.
        package let fileCount: Int
        /// Bytes of the whole subtree.
        package let size: Int64
    }

    package struct Child: Sendable {
        package enum Content: Sendable {
            case file(FileEntry)
            /// The folder's index in `folders`, always smaller than its parent's.
            case folder(Int)
        }
        package let name: Substring
        package let content: Content
    }

    /// Children before parents; the root is last.
    package let folders: [Folder]
    package var root: Folder { folders[folders.count - 1] }

    /// The text that a folder's digest is of: a header, then per child in byte order of the names
    /// `file|folder <digest> <size> <x|-> <lfs|regular> <git id> <name>`.
    package func canonicalBytes(of folder: Folder) -> [UInt8] {
        Self.canonicalBytes(folder.children, in: folders)
    }

    static func canonicalBytes(_ children: [Child], in folders: [Folder]) -> [UInt8] {
        var bytes = Array("grayling tree 1\n".utf8)
        bytes.reserveCapacity(bytes.count + children.count * 160)
        for child in children {
            switch child.content {
            case .file(let file):
                bytes.append(contentsOf: "file ".utf8)
                bytes.append(contentsOf: file.digest.hex.utf8)
                bytes.append(contentsOf: " \(file.size)".utf8)
                bytes.append(contentsOf: (file.isExecutable ? " x " : " - ").utf8)
                bytes.append(contentsOf: file.storage.rawValue.utf8)
                bytes.append(0x20)
                bytes.append(contentsOf: file.gitID.hex.utf8)
            case .folder(let index):
                let folder = folders[index]
                bytes.append(contentsOf: "folder ".utf8)
                bytes.append(contentsOf: folder.digest.hex.utf8)
                bytes.append(contentsOf: " \(folder.size) - regular ".utf8)
                bytes.append(contentsOf: folder.gitID.hex.utf8)
            }
            bytes.append(0x20)
            bytes.append(contentsOf: child.name.utf8)
            bytes.append(0x0A)
        }
        return bytes
    }
}
