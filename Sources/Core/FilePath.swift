/// The path of a file inside a revision: relative, `/`-separated, Unicode exactly as given.
/// No `.`, `..`, empty part, `.git` part, NUL or other control character; at most 1024 bytes,
/// 255 a part, 64 parts.
package struct FilePath: Hashable, Sendable, Comparable, CustomStringConvertible {
    package let text: String
    package static let longest = 1024

    package init(parsing text: some StringProtocol) throws(HubError) {
        let text = String(text)
        func fail(_ reason: String) -> HubError {
            HubError(.invalidPath, "'\(FilePath.printable(text))' is not a valid file path: \(reason)")
        }
        guard !text.isEmpty else { throw fail("it is empty") }
        guard text.utf8.count <= Self.longest else { throw fail("at most \(Self.longest) bytes") }
        guard text.utf8.first != 0x2F else { throw fail("it must be relative, without a leading '/'") }
        guard text.utf8.allSatisfy({ $0 >= 0x20 && $0 != 0x7F }) else { throw fail("control characters are not allowed") }
        guard !text.utf8.contains(0x5C) else { throw fail("'\\' is not allowed, use '/'") }
        let parts = text.utf8.split(separator: 0x2F, omittingEmptySubsequences: false)
        guard parts.count <= 64 else { throw fail("at most 64 folders deep") }
        for part in parts {
            guard !part.isEmpty else { throw fail("it has an empty part ('//' or a trailing '/')") }
            guard part.count <= 255 else { throw fail("a part has at most 255 bytes") }
            guard !part.elementsEqual(".".utf8), !part.elementsEqual("..".utf8) else { throw fail("'.' and '..' are not allowed") }
            guard String(part)?.lowercased() != ".git" else { throw fail("'.git' is git's own") }
        }
        self.text = text
    }

    // Split by bytes: a '/' and a combining mark behind it are one Character.
    package var parts: [Substring] { text.utf8.split(separator: 0x2F).map { Substring($0) } }
    package var name: Substring { parts[parts.count - 1] }
    package var description: String { text }

    /// Byte order, the same on every machine and in SQLite's BINARY collation.
    package static func < (a: FilePath, b: FilePath) -> Bool { a.text.utf8.lexicographicallyPrecedes(b.text.utf8) }
    // Swift compares strings by canonical equivalence; two Unicode spellings are two paths here.
    package static func == (a: FilePath, b: FilePath) -> Bool { a.text.utf8.elementsEqual(b.text.utf8) }
    package func hash(into hasher: inout Hasher) {
        for unit in text.utf8 { hasher.combine(unit) }
    }

    /// For messages and terminals: control characters shown as `\xNN`, cut after 200.
    package static func printable(_ text: some StringProtocol) -> String {
        var out = ""
        for scalar in text.unicodeScalars.prefix(200) {
            if scalar.value < 0x20 || scalar.value == 0x7F {
                out += "\\x" + Hex.encode([UInt8(scalar.value)])
            } else {
                out.unicodeScalars.append(scalar)
            }
        }
        return out
    }
}

extension FilePath {
    /// Refuses two paths that cannot stand in one tree: the same path twice, a file that is
    /// also a folder, or names that fall together where case does not count.
    package static func checkTogether(_ paths: [FilePath]) throws(HubError) {
        var files: Set<FilePath> = []
        var folded: [String: String] = [:]  // folded path or folder → as written
        for path in paths {
            guard files.insert(path).inserted else {
                throw HubError(.invalidPath, "the path '\(path)' is given twice; each file may appear once")
            }
        }
        for path in paths {
            var prefix = ""
            let parts = path.parts
            for (i, part) in parts.enumerated() {
                prefix += (i == 0 ? "" : "/") + part
                let isFile = i == parts.count - 1
                let key = prefix.lowercased()
                if let other = folded[key], !other.utf8.elementsEqual(prefix.utf8) {
                    throw HubError(
                        .invalidPath,
                        "'\(prefix)' and '\(other)' differ only in case or Unicode form; they would overwrite each other on some machines, rename one"
                    )
                }
                folded[key] = prefix
                if !isFile, files.contains(unchecked: prefix) {
                    throw HubError(.invalidPath, "'\(prefix)' is a file and also the folder of '\(path)'; rename one")
                }
            }
        }
    }

    fileprivate init(unchecked text: String) { self.text = text }
}

extension Set<FilePath> {
    fileprivate func contains(unchecked text: String) -> Bool { contains(FilePath(unchecked: text)) }
}
