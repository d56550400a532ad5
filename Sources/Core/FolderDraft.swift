/// One folder of a revision on its way into the catalog. Folders come bottom-up: a folder
/// names its subfolders by their place in the list, and the root is the last.
package struct FolderDraft: Hashable, Sendable {
    package struct Child: Hashable, Sendable {
        package enum Content: Hashable, Sendable {
            case file(digest: Digest, size: Int64, isExecutable: Bool, storage: FileStorage, gitID: GitID)
            case folder(index: Int)
        }
        package let name: String
        package let content: Content
        package init(name: String, content: Content) {
            self.name = name
            self.content = content
        }
    }
    /// SHA-256 over the children: what makes two folders the same.
    package let digest: Digest
    package let gitID: GitID
    /// Files and bytes in it and below it.
    package let files: Int
    package let size: Int64
    package let children: [Child]
    package init(digest: Digest, gitID: GitID, files: Int, size: Int64, children: [Child]) {
        self.digest = digest
        self.gitID = gitID
        self.files = files
        self.size = size
        self.children = children
    }
}
