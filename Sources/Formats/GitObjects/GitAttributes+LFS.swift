package import Core

extension GitAttributes {
    private static let settings = " filter=lfs diff=lfs merge=lfs -text\n"
    /// From so many files of one ending on, a line for the ending stands for them: 16.
    private static let manyOfAKind = 16

    /// The text with lines added for those files that none of its lines makes LFS; nil where there
    /// is nothing to add.
    package static func addingLFS(_ paths: some Sequence<FilePath>, to text: [UInt8]) -> [UInt8]? {
        let known = GitAttributes(parsing: String(decoding: text, as: UTF8.self))
        let lost = paths.filter { known.isLFS(path: $0) != true }
        guard !lost.isEmpty else { return nil }
        var lines: Set<String> = []
        for (ending, files) in Dictionary(grouping: lost, by: ending) {
            if let ending, files.count >= manyOfAKind {
                lines.insert("*.\(ending)")
            } else {
                lines.formUnion(files.map(pattern(for:)))
            }
        }
        var out = text
        if let last = out.last, last != 0x0A { out.append(0x0A) }
        for line in lines.sorted(by: { $0.utf8.lexicographicallyPrecedes($1.utf8) }) { out += Array((line + settings).utf8) }
        return out
    }

    /// What stands behind the last dot of a name, where it can be written without quoting.
    private static func ending(_ path: FilePath) -> String? {
        guard let dot = path.name.lastIndex(of: "."), dot != path.name.startIndex else { return nil }
        let ending = path.name[path.name.index(after: dot)...]
        guard !ending.isEmpty, ending.utf8.allSatisfy({ $0.isASCIILetter || $0.isASCIIDigit || $0 == 0x5F || $0 == 0x2D }) else { return nil }
        return String(ending)
    }

    /// A pattern for one file alone: from the root, with what is special to patterns escaped, and in
    /// quotes where the line could not be cut otherwise.
    static func pattern(for path: FilePath) -> String {
        var bytes: [UInt8] = []
        for unit in path.text.utf8 {
            if "*?[\\".utf8.contains(unit) { bytes.append(0x5C) }
            bytes.append(unit)
        }
        let isAtRoot = !path.text.utf8.contains(0x2F)
        let text = (isAtRoot ? "/" : "") + String(decoding: bytes, as: UTF8.self)
        guard
            text.utf8.contains(where: { $0 <= 0x20 || $0 == 0x22 }) || text.utf8.first == 0x23 || text.utf8.first == 0x21
                || text.hasPrefix("[attr]")
        else { return text }
        return "\"" + text.replacing("\\", with: "\\\\").replacing("\"", with: "\\\"") + "\""
    }
}
