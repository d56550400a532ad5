package import Core

/// A `.gitignore`, read for one question: which files are left out (gitignore(5)).
package struct GitIgnore: Sendable {
    private struct Rule {
        let pattern: GitPattern
        let isForFolders: Bool
        let isIgnored: Bool
    }
    /// In the order of the file; later ones override earlier ones.
    private let rules: [Rule]

    package init(parsing text: String) {
        var units = Array(text.utf8)[...]
        if units.starts(with: [0xEF, 0xBB, 0xBF]) { units = units.dropFirst(3) }
        rules = units.split(separator: 0x0A).compactMap(Self.rule)
    }

    /// Whether a file is left out, by itself or with a folder it is in: what is in such a folder
    /// cannot be taken back in.
    package func ignores(_ path: FilePath) -> Bool {
        guard !rules.isEmpty else { return false }
        let whole = Array(path.text.utf8)
        var start = 0
        while let end = whole[start...].firstIndex(of: 0x2F) {
            if says(whole[..<end], name: whole[start..<end], isFolder: true) { return true }
            start = end + 1
        }
        return says(whole[...], name: whole[start...], isFolder: false)
    }

    private func says(_ path: ArraySlice<UInt8>, name: ArraySlice<UInt8>, isFolder: Bool) -> Bool {
        let (path, name) = (Array(path), Array(name))
        return rules.last { ($0.isForFolders ? isFolder : true) && $0.pattern.matches(path: path, name: name) }?.isIgnored ?? false
    }

    private static func rule(_ line: ArraySlice<UInt8>) -> Rule? {
        var line = line
        if line.last == 0x0D { line.removeLast() }
        // Spaces at the end do not count, unless a backslash stands before them.
        while line.last == 0x20, !isEscaped(line.endIndex - 1, in: line) { line.removeLast() }
        guard let first = line.first, first != 0x23 else { return nil }
        let isIgnored = first != 0x21
        if !isIgnored { line.removeFirst() }
        var isForFolders = false
        if line.last == 0x2F {
            isForFolders = true
            line.removeLast()
        }
        guard let pattern = GitPattern(Array(line)) else { return nil }
        return Rule(pattern: pattern, isForFolders: isForFolders, isIgnored: isIgnored)
    }

    private static func isEscaped(_ index: Int, in line: ArraySlice<UInt8>) -> Bool {
        line[..<index].reversed().prefix { $0 == 0x5C }.count % 2 == 1
    }
}
