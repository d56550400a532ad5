/// The content of a revision as one text: a header line, then `digest size path` per file in
/// byte order of the paths. Two revisions with the same files have the same manifest, and a
/// person can check it with `sha256sum`. Executable files carry a `*` before the path.
package struct Manifest: Sendable {
    package static let header = "grayling manifest 1"
    package let files: [FileEntry]

    /// Sorts; the order given does not matter.
    package init(files: [FileEntry]) {
        self.files = files.sorted { $0.path < $1.path }
    }

    package var totalSize: Int64 { files.reduce(0) { $0 + $1.size } }

    /// The canonical bytes, one line at a time so that no one has to hold them all.
    package func forEachLine(_ body: (String) throws -> Void) rethrows {
        try body(Self.header + "\n")
        for file in files { try body(Self.line(file)) }
    }

    package static func line(_ file: FileEntry) -> String {
        "\(file.digest.hex) \(file.size) \(file.isExecutable ? "*" : " ")\(file.path)\n"
    }

    package var text: String {
        var text = ""
        forEachLine { text += $0 }
        return text
    }
}
