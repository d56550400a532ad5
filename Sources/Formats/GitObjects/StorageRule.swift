package import Core

/// Decides once, at commit, whether git sees a file's bytes or a pointer to them.
package enum StorageRule {
    /// The revision's root `.gitattributes` decides where a line of it speaks of the file;
    /// otherwise the size does.
    package static func storage(for file: DraftFile, attributes: GitAttributes?) -> FileStorage {
        // Git must be able to read its own settings, and git-lfs never makes a pointer of nothing.
        if file.size == 0 || file.path.name.utf8.elementsEqual(".gitattributes".utf8) { return .regular }
        if let isLFS = attributes?.isLFS(path: file.path) { return isLFS ? .lfs : .regular }
        return file.size >= FileStorage.lfsThreshold ? .lfs : .regular
    }
}
