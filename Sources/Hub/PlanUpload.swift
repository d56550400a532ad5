import Blobs
import Catalog
package import Core
import GitObjects

/// A file that somebody is about to upload: enough of it to say how.
package struct UploadCandidate: Sendable {
    package let path: FilePath
    package let size: Int64
    /// Its first bytes.
    package let sample: [UInt8]
    package init(path: FilePath, size: Int64, sample: [UInt8]) {
        self.path = path
        self.size = size
        self.sample = sample
    }
}

package struct UploadAdvice: Sendable {
    package let path: FilePath
    package let storage: FileStorage
    /// Left out by `.gitignore`.
    package let isIgnored: Bool
    /// What is at that path now.
    package let current: FileEntry?
}

/// Texts that count for an upload besides what the branch has.
package struct UploadRules: Sendable {
    /// A `.gitignore` that is part of the upload, in place of the committed one.
    package var ignore: String?
    /// Lines of `.gitattributes` that are part of the upload, behind the committed ones.
    package var attributes: String?
    /// What is taken for LFS by its name where no line speaks of it.
    package var usual: String
    package init(usual: String, ignore: String? = nil, attributes: String? = nil) {
        self.usual = usual
        self.ignore = ignore
        self.attributes = attributes
    }
}

extension Hub {
    /// Rules are tried on every file that is announced, so there is an end to them: 256 KiB. What the
    /// branch holds beyond that is not read.
    private static let longestRules = 256 << 10

    /// Says for each file whether it should come as LFS or inside the commit, and whether it is left out.
    package func planUpload(
        _ files: [UploadCandidate], rules: UploadRules, to branch: RefName, of name: RepoName, by who: Principal
    ) async throws -> [UploadAdvice] {
        for given in [rules.ignore, rules.attributes] where (given?.utf8.count ?? 0) > Self.longestRules {
            throw HubError(.tooLarge, "'.gitignore' and '.gitattributes' may have at most \(Self.longestRules) bytes here")
        }
        let (current, committed, committedIgnore) = try catalog.read { rows in
            let head = try rows.headToChange(branch.asBranch, of: name, parent: nil, by: who).head
            func file(_ path: FilePath) throws -> FileEntry? { try head.flatMap { try rows.file(path, tree: $0.treeRow) } }
            return (
                try files.map { try file($0.path) }, try file(FilePath(parsing: ".gitattributes")), try file(FilePath(parsing: ".gitignore"))
            )
        }
        let attributes = GitAttributes(parsing: try await text(of: committed) + "\n" + (rules.attributes ?? ""))
        let usual = GitAttributes(parsing: rules.usual)
        let ignoreText: String = if let given = rules.ignore { given } else { try await text(of: committedIgnore) }
        let ignore = GitIgnore(parsing: ignoreText)
        return zip(files, current).map { file, current in
            UploadAdvice(
                path: file.path, storage: Self.storage(for: file, attributes: attributes, usual: usual),
                isIgnored: ignore.ignores(file.path), current: current)
        }
    }

    static func storage(for file: UploadCandidate, attributes: GitAttributes, usual: GitAttributes) -> FileStorage {
        if file.size == 0 || file.path.name.utf8.elementsEqual(".gitattributes".utf8) { return .regular }
        // Too large to travel inside a commit, whatever a line says.
        if file.size >= FileStorage.lfsThreshold { return .lfs }
        if let isLFS = attributes.isLFS(path: file.path) ?? usual.isLFS(path: file.path) { return isLFS ? .lfs : .regular }
        return Self.isText(file.sample, isWhole: Int64(file.sample.count) >= file.size) ? .regular : .lfs
    }

    /// Without NUL, and UTF-8 up to a character that the sample may have cut.
    static func isText(_ sample: [UInt8], isWhole: Bool) -> Bool {
        if sample.contains(0) { return false }
        if String(validating: sample, as: UTF8.self) != nil { return true }
        guard !isWhole else { return false }
        return (1...3).contains { cut in sample.count > cut && String(validating: sample.dropLast(cut), as: UTF8.self) != nil }
    }

    private func text(of file: FileEntry?) async throws -> String {
        guard let file, file.size <= Int64(Self.longestRules) else { return "" }
        return String(decoding: try await blobs.bytes(of: file.digest, limit: Self.longestRules), as: UTF8.self)
    }
}
