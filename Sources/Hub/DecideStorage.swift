import Core
import GitObjects

extension StorageRule {
    /// The same decision where somebody asked for one: they get it, except where git itself must
    /// read the file, or there is nothing to point at.
    static func storage(for file: DraftFile, attributes: GitAttributes?, asked: FileStorage?) -> FileStorage {
        guard let asked else { return storage(for: file, attributes: attributes) }
        if file.size == 0 || file.path.name.utf8.elementsEqual(".gitattributes".utf8) { return .regular }
        return asked
    }
}
