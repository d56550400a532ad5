import Core
import Hub

// The house's values as the Hub API writes them.

extension JSON {
    static func list<Item>(_ items: some Sequence<Item>, _ make: (Item) throws -> JSON) rethrows -> JSON { .list(try items.map(make)) }
}

extension FileEntry {
    /// Bytes of the pointer that git sees in place of an LFS file (git-lfs specification, "The
    /// Pointer"): three lines that differ in length by the digits of the size alone.
    var pointerSize: Int { 125 + String(size).utf8.count }
}

extension HuggingFaceRoutes {
    /// A line of a tree or of paths-info.
    func item(_ item: TreeItem, change: RevisionFacts?, isExpanded: Bool) throws -> JSON {
        let lastCommit: JSON? =
            isExpanded
            ? change.map { .object([("id", .text($0.commit.hex)), ("title", .text($0.title)), ("date", .text($0.created.description))]) } ?? .null
            : nil
        switch item {
        case .folder(let path, let id):
            return .object([
                ("type", .text("directory")), ("oid", .text(id.hex)), ("size", .int(0)), ("path", .text(path.text)), ("lastCommit", lastCommit)
            ])
        case .file(let file):
            let isLarge = file.storage == .lfs
            return .object([
                ("type", .text("file")), ("oid", .text(file.gitID.hex)), ("size", .int(file.size)), ("path", .text(file.path.text)),
                ("lfs", isLarge ? Self.lfs(file, "oid") : nil), ("xetHash", isLarge ? .text(try xetHash(file.digest, file.size)) : nil),
                ("lastCommit", lastCommit)
            ])
        }
    }

    /// A file in the answer about a repo.
    func sibling(_ file: FileEntry, withBlobs: Bool) throws -> JSON {
        guard withBlobs else { return .object([("rfilename", .text(file.path.text))]) }
        let isLarge = file.storage == .lfs
        return .object([
            ("rfilename", .text(file.path.text)), ("size", .int(file.size)), ("blobId", .text(file.gitID.hex)),
            ("lfs", isLarge ? Self.lfs(file, "sha256") : nil), ("xetHash", isLarge ? .text(try xetHash(file.digest, file.size)) : nil)
        ])
    }

    /// Clients read all three members.
    private static func lfs(_ file: FileEntry, _ digestKey: String) -> JSON {
        .object([(digestKey, .text(file.digest.hex)), ("size", .int(file.size)), ("pointerSize", .int(file.pointerSize))])
    }
}

extension RevisionFacts {
    /// The first line of the message.
    var title: String { String(message.prefix { $0 != "\n" }) }
    /// What follows it.
    var rest: String {
        var text = message.dropFirst(title.count)
        while text.first == "\n" { text.removeFirst() }
        while text.last == "\n" { text.removeLast() }
        return String(text)
    }
}
