package import Core

/// What a folder's publication leaves out: a few names always, and the patterns of its
/// `.graylingignore`. The patterns are git's: `*`, `?`, `[a-z]` and `**`; a `/` inside or in
/// front ties a pattern to the top folder; one at the end means folders only; `!` takes back;
/// the last pattern that matches decides. Nothing inside an ignored folder can be taken back.
package struct IgnoreRules: Sendable {
    package static let fileName = ".graylingignore"
    /// Left out always: histories, our own state, and what systems and interpreters leave behind.
    package static let always: Set<String> = [".git", ".DS_Store", "__pycache__", ".grayling"]

    private struct Rule {
        let glob: [UInt8]
        let isNegated: Bool
        let onlyFolders: Bool
        /// Compared with the whole path; else with the last part.
        let isAnchored: Bool
    }
    private let rules: [Rule]

    package init(text: String = "") {
        rules = text.split(whereSeparator: \.isNewline).compactMap { Self.rule(String($0)) }
    }

    private static func rule(_ line: String) -> Rule? {
        var line = Substring(line)
        while line.hasSuffix(" "), !line.hasSuffix("\\ ") { line = line.dropLast() }
        guard !line.isEmpty, !line.hasPrefix("#") else { return nil }
        let isNegated = line.hasPrefix("!")
        if isNegated { line = line.dropFirst() }
        let onlyFolders = line.hasSuffix("/")
        if onlyFolders { line = line.dropLast() }
        let isAnchored = line.contains("/")
        if line.hasPrefix("/") { line = line.dropFirst() }
        guard !line.isEmpty else { return nil }
        return Rule(glob: Array(line.utf8), isNegated: isNegated, onlyFolders: onlyFolders, isAnchored: isAnchored)
    }

    /// Whether `path`, relative to the top folder, is left out. Ask for each folder before
    /// walking into it.
    package func ignores(_ path: String, isFolder: Bool) -> Bool {
        let name = path.split(separator: "/").last.map(String.init) ?? path
        if Self.always.contains(name) { return true }
        let rule = rules.last { rule in
            guard isFolder || !rule.onlyFolders else { return false }
            return Glob.matches(rule.glob[...], Array((rule.isAnchored ? path : name).utf8)[...])
        }
        return rule.map { !$0.isNegated } ?? false
    }

    /// The same for a path whose folders nobody asked about, such as an archive member's.
    package func ignoresAnyPart(of path: FilePath) -> Bool {
        var prefix = ""
        let parts = path.parts
        for (i, part) in parts.enumerated() {
            prefix += (i == 0 ? "" : "/") + part
            if ignores(prefix, isFolder: i < parts.count - 1) { return true }
        }
        return false
    }
}

/// gitignore's patterns, byte by byte.
enum Glob {
    static func matches(_ pattern: ArraySlice<UInt8>, _ text: ArraySlice<UInt8>) -> Bool {
        var pattern = pattern
        var text = text
        while let unit = pattern.first {
            switch unit {
            case UInt8(ascii: "*"):
                let stars = pattern.prefix { $0 == unit }.count
                let behind = pattern.dropFirst(stars)
                if stars >= 2 {
                    // "**/" also stands for no folder at all.
                    if behind.first == UInt8(ascii: "/"), matches(behind.dropFirst(), text) { return true }
                    return tails(of: text).contains { matches(behind, $0) }
                }
                let reach = text.prefix { $0 != UInt8(ascii: "/") }.count
                return (0...reach).contains { matches(behind, text.dropFirst($0)) }
            case UInt8(ascii: "?"):
                guard let first = text.first, first != UInt8(ascii: "/") else { return false }
                pattern = pattern.dropFirst()
                text = text.dropFirst()
            case UInt8(ascii: "["):
                guard let first = text.first, first != UInt8(ascii: "/"), let end = pattern.dropFirst(2).firstIndex(of: UInt8(ascii: "]")),
                    isMember(first, of: pattern[(pattern.startIndex + 1)..<end])
                else { return false }
                pattern = pattern[(end + 1)...]
                text = text.dropFirst()
            default:
                if unit == UInt8(ascii: "\\"), pattern.count > 1 { pattern = pattern.dropFirst() }
                guard let wanted = pattern.first, text.first == wanted else { return false }
                pattern = pattern.dropFirst()
                text = text.dropFirst()
            }
        }
        return text.isEmpty
    }

    private static func tails(of text: ArraySlice<UInt8>) -> some Sequence<ArraySlice<UInt8>> {
        (0...text.count).lazy.map { text.dropFirst($0) }
    }

    private static func isMember(_ unit: UInt8, of set: ArraySlice<UInt8>) -> Bool {
        var set = set
        let isNegated = set.first == UInt8(ascii: "!") || set.first == UInt8(ascii: "^")
        if isNegated { set = set.dropFirst() }
        var found = false
        while let low = set.popFirst() {
            if set.count >= 2, set.first == UInt8(ascii: "-"), let high = set.dropFirst().first {
                set = set.dropFirst(2)
                if low <= high, (low...high).contains(unit) { found = true }
            } else if low == unit {
                found = true
            }
        }
        return found != isNegated
    }
}
