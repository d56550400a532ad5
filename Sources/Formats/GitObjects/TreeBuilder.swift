package import Core
import Hashing

/// Turns a list of files into nested folders.
package struct TreeBuilder {
    package init() {}

    /// The order of `files` does not matter; none at all gives git's empty tree. `gitID` is asked
    /// for the id of what git sees: the bytes, or the pointer where `storage` says LFS. Throws
    /// `invalidPath` where two files want the same place.
    package func build(
        files: [DraftFile], storage: (DraftFile) -> FileStorage, gitID: (DraftFile) -> GitID
    ) throws(HubError) -> BuiltTree {
        var pile = Pile()
        // Byte order of whole paths is git's order in every folder: a folder counts as 'name/'.
        for file in files.sorted(by: { $0.path < $1.path }) {
            let parts = file.path.parts
            try pile.enter(parts.dropLast(), of: file.path.text)
            let entry = FileEntry(
                path: file.path, size: file.size, digest: file.digest, isExecutable: file.isExecutable,
                storage: storage(file), gitID: gitID(file))
            pile.add(entry, named: parts[parts.count - 1])
        }
        try pile.closeAll()
        return BuiltTree(folders: pile.closed)
    }
}

/// The folders from the root down to where the last file went, and all those already left.
private struct Pile {
    struct Open {
        var name: Substring = ""
        var path: Substring = ""
        /// In git's order.
        var children: [BuiltTree.Child] = []
        var fileCount = 0
        var size: Int64 = 0
        var hasFolders = false
    }
    private var open = [Open()]
    private(set) var closed: [BuiltTree.Folder] = []
    private let sha1 = StreamHasher(.sha1)
    private let sha256 = StreamHasher(.sha256)

    mutating func enter(_ folders: ArraySlice<Substring>, of path: String) throws(HubError) {
        var shared = 0
        while shared < folders.count, shared + 1 < open.count,
            open[shared + 1].name.utf8.elementsEqual(folders[shared].utf8)
        {
            shared += 1
        }
        while open.count > shared + 1 { try close() }
        for name in folders[shared...] { open.append(Open(name: name, path: path[..<name.endIndex])) }
    }

    mutating func add(_ file: FileEntry, named name: Substring) {
        let top = open.count - 1
        open[top].children.append(.init(name: name, content: .file(file)))
        open[top].fileCount += 1
        open[top].size += file.size
    }

    mutating func closeAll() throws(HubError) {
        while !open.isEmpty { try close() }
    }

    private mutating func close() throws(HubError) {
        let done = open.removeLast()
        var children = done.children
        let gitID = gitID(of: children)
        if done.hasFolders { children.sort { $0.name.utf8.lexicographicallyPrecedes($1.name.utf8) } }
        for (a, b) in zip(children, children.dropFirst()) where a.name.utf8.elementsEqual(b.name.utf8) {
            let path = done.path.isEmpty ? String(a.name) : "\(done.path)/\(a.name)"
            throw HubError(.invalidPath, "'\(FilePath.printable(path))' is given twice, or is a file and also a folder; rename one")
        }
        sha256.update(BuiltTree.canonicalBytes(children, in: closed))
        closed.append(
            .init(
                path: done.path, children: children, gitID: gitID, digest: Digest(bytes: sha256.finish()),
                fileCount: done.fileCount, size: done.size))
        guard !open.isEmpty else { return }
        let top = open.count - 1
        open[top].children.append(.init(name: done.name, content: .folder(closed.count - 1)))
        open[top].fileCount += done.fileCount
        open[top].size += done.size
        open[top].hasFolders = true
    }

    private func gitID(of children: [BuiltTree.Child]) -> GitID {
        var bytes: [UInt8] = []
        for child in children {
            switch child.content {
            case .file(let file): GitTree.append(file.isExecutable ? .executable : .file, child.name, file.gitID, to: &bytes)
            case .folder(let index): GitTree.append(.tree, child.name, closed[index].gitID, to: &bytes)
            }
        }
        return GitObject.id(kind: .tree, body: bytes, hasher: sha1)
    }
}
