package import Core

/// What kind of thing a tree's entry is. Submodules and git's forgotten modes are not among them.
package enum GitMode: String, Hashable, Sendable, CaseIterable {
    case file = "100644"
    case executable = "100755"
    case symlink = "120000"
    case tree = "40000"
}

/// One line of a tree.
package struct GitTreeEntry: Hashable, Sendable {
    /// One part of a path: not empty, no `/`, no NUL; its bytes are kept exactly.
    package let name: String
    package let mode: GitMode
    package let id: GitID

    package init(name: String, mode: GitMode, id: GitID) {
        self.name = name
        self.mode = mode
        self.id = id
    }

    // Swift compares strings by canonical equivalence; two Unicode spellings are two names here.
    package static func == (a: Self, b: Self) -> Bool {
        a.name.utf8.elementsEqual(b.name.utf8) && a.mode == b.mode && a.id == b.id
    }

    package func hash(into hasher: inout Hasher) {
        for unit in name.utf8 { hasher.combine(unit) }
        hasher.combine(id)
    }

    /// Git compares a folder as though its name ended in `/`, so `a.b` stands before the folder `a`.
    static func precedes(_ a: Self, _ b: Self) -> Bool {
        let left = a.mode == .tree ? a.name + "/" : a.name
        let right = b.mode == .tree ? b.name + "/" : b.name
        return left.utf8.lexicographicallyPrecedes(right.utf8)
    }
}

/// One folder as git stores it.
package struct GitTree: Hashable, Sendable {
    /// In git's order.
    package let entries: [GitTreeEntry]

    /// Sorts as git does. The names must differ from one another.
    package init(entries: [GitTreeEntry]) {
        self.entries = entries.sorted(by: GitTreeEntry.precedes)
    }

    package var id: GitID { GitObject.id(kind: .tree, body: bytes) }

    /// The body of the object, without git's header.
    package var bytes: [UInt8] {
        var bytes: [UInt8] = []
        for entry in entries { Self.append(entry.mode, entry.name, entry.id, to: &bytes) }
        return bytes
    }

    static func append(_ mode: GitMode, _ name: some StringProtocol, _ id: GitID, to bytes: inout [UInt8]) {
        bytes.append(contentsOf: mode.rawValue.utf8)
        bytes.append(0x20)
        bytes.append(contentsOf: name.utf8)
        bytes.append(0)
        bytes.append(contentsOf: id.bytes)
    }
}
