package import Core

extension GitTree {
    /// Reads the body of a tree object. Accepts only what this type writes again byte for byte:
    /// the four modes, UTF-8 names, git's order, each name once.
    package init(parsing bytes: [UInt8]) throws(HubError) {
        var entries: [GitTreeEntry] = []
        // Bytes, not strings: a Set of strings would take two Unicode spellings for one.
        var names: Set<ArraySlice<UInt8>> = []
        var rest = bytes[...]
        while !rest.isEmpty {
            guard let space = rest.prefix(7).firstIndex(of: 0x20), let nul = rest[space...].firstIndex(of: 0),
                rest.endIndex - nul > 20
            else { throw Self.malformed("an entry is cut off: expected '<mode> <name>', NUL and 20 bytes") }
            guard let mode = GitMode(rawValue: String(decoding: rest[..<space], as: UTF8.self)) else {
                throw Self.malformed("only files, executable files, symbolic links and folders can be kept here")
            }
            let raw = rest[(space + 1)..<nul]
            guard !raw.isEmpty, !raw.contains(0x2F), let name = String(validating: raw, as: UTF8.self) else {
                throw Self.malformed("a name must be UTF-8, not empty and without '/'")
            }
            let entry = GitTreeEntry(name: name, mode: mode, id: GitID(bytes: rest[(nul + 1)..<(nul + 21)]))
            if let last = entries.last, !GitTreeEntry.precedes(last, entry) {
                throw Self.malformed("'\(FilePath.printable(name))' is out of git's order")
            }
            guard names.insert(raw).inserted else {
                throw Self.malformed("'\(FilePath.printable(name))' appears twice")
            }
            entries.append(entry)
            rest = rest[(nul + 21)...]
        }
        self.init(entries: entries)
    }

    private static func malformed(_ reason: String) -> HubError {
        HubError(.invalidRequest, "this is not a git tree that can be kept: \(reason); check the repo with 'git fsck'")
    }
}
