package import Core

/// One step of a change to the files of a branch.
package enum FileChange: Hashable, Sendable {
    /// Adds a file or puts it in the place of another; what was executable stays so. Without a size
    /// the blob's own is taken.
    case add(FilePath, Digest, size: Int64?, FileStorage)
    case deleteFile(FilePath)
    /// Deletes everything below.
    case deleteFolder(FilePath)
    /// Copies a file of the same repo, from another revision of it or as the branch stood before.
    case copy(from: FilePath, at: RevisionSpec?, to: FilePath)
}

/// The files of a revision while changes are made to it, folder by folder, so that a change costs
/// no more than the depth of its path.
struct ChangingFiles {
    /// A name by its bytes: two spellings of the same letters are two names.
    private struct Name: Hashable {
        let bytes: [UInt8]
        init(_ part: Substring) { bytes = Array(part.utf8) }
    }
    private final class Folder {
        var files: [Name: Item] = [:]
        var folders: [Name: Folder] = [:]
        var isEmpty: Bool { files.isEmpty && folders.isEmpty }
    }
    enum Item {
        /// As a revision of the repo holds it.
        case kept(FileEntry)
        case new(DraftFile)

        var isExecutable: Bool {
            switch self {
            case .kept(let entry): entry.isExecutable
            case .new(let file): file.isExecutable
            }
        }
    }
    private let root = Folder()
    /// Every path that a change put something at and that still stands.
    private(set) var touched: Set<FilePath> = []

    init(_ entries: [FileEntry]) {
        for entry in entries { put(.kept(entry), at: entry.path) }
    }

    /// Applies changes in order; later ones win.
    /// - Parameters:
    ///   - sizes: of blobs that are added without one.
    ///   - source: the file that a copy names.
    mutating func apply(
        _ changes: [FileChange], sizes: [Digest: Int64], source: (FilePath, RevisionSpec?) throws -> FileEntry
    ) throws {
        for change in changes {
            switch change {
            case .add(let path, let digest, let size, let storage):
                guard let size = size ?? sizes[digest] else {
                    throw HubError(.blobsMissing, "the bytes of '\(path)' (\(digest)) are not here; send them first, then commit again")
                }
                let wasExecutable = item(at: path)?.isExecutable ?? false
                place(.new(DraftFile(path: path, size: size, digest: digest, isExecutable: wasExecutable, storage: storage)), at: path)
            case .deleteFile(let path):
                guard remove(path, from: root, path.parts.map(Name.init)[...], { $0.files.removeValue(forKey: $1) != nil }) else {
                    throw Self.absent(path.text)
                }
                touched.remove(path)
            case .deleteFolder(let path):
                guard remove(path, from: root, path.parts.map(Name.init)[...], { $0.folders.removeValue(forKey: $1) != nil }) else {
                    throw Self.absent(path.text + "/")
                }
                if !touched.isEmpty { touched = touched.filter { !$0.text.utf8.starts(with: (path.text + "/").utf8) } }
            case .copy(let from, let revision, let path):
                let entry = try source(from, revision)
                place(
                    .kept(
                        FileEntry(
                            path: path, size: entry.size, digest: entry.digest, isExecutable: entry.isExecutable, storage: entry.storage,
                            gitID: entry.gitID)), at: path)
            }
        }
    }

    /// All files, and of these the ones that the repo holds just so.
    var result: (files: [DraftFile], kept: [FilePath: FileEntry]) {
        var files: [DraftFile] = []
        var kept: [FilePath: FileEntry] = [:]
        func walk(_ folder: Folder) {
            for item in folder.files.values {
                switch item {
                case .kept(let entry):
                    files.append(DraftFile(entry))
                    kept[entry.path] = entry
                case .new(let file): files.append(file)
                }
            }
            for child in folder.folders.values { walk(child) }
        }
        walk(root)
        return (files, kept)
    }

    func item(at path: FilePath) -> Item? {
        var folder = root
        let parts = path.parts.map(Name.init)
        for part in parts.dropLast() {
            guard let next = folder.folders[part] else { return nil }
            folder = next
        }
        return folder.files[parts[parts.count - 1]]
    }

    mutating func place(_ item: Item, at path: FilePath) {
        put(item, at: path)
        touched.insert(path)
    }

    private func put(_ item: Item, at path: FilePath) {
        var folder = root
        let parts = path.parts.map(Name.init)
        for part in parts.dropLast() {
            if let next = folder.folders[part] {
                folder = next
            } else {
                let next = Folder()
                folder.folders[part] = next
                folder = next
            }
        }
        folder.files[parts[parts.count - 1]] = item
    }

    /// Takes something out of the folder it is in; a folder that is empty then is gone, as in git.
    private func remove(_ path: FilePath, from folder: Folder, _ parts: ArraySlice<Name>, _ take: (Folder, Name) -> Bool) -> Bool {
        guard let part = parts.first else { return false }
        if parts.count == 1 { return take(folder, part) }
        guard let next = folder.folders[part], remove(path, from: next, parts.dropFirst(), take) else { return false }
        if next.isEmpty { folder.folders.removeValue(forKey: part) }
        return true
    }

    private static func absent(_ path: String) -> HubError {
        HubError(.unknownFile, "A file with this name doesn't exist: '\(path)'; nothing was changed")
    }
}
