/// One `import` of a Swift file.
struct ImportLine: Hashable {
    let module: String
    /// From 1.
    let line: Int

    private static let kinds: Set<Substring> = ["typealias", "struct", "class", "enum", "protocol", "actor", "let", "var", "func"]
    private static let access: Set<Substring> = ["public", "package", "internal", "fileprivate", "private"]

    /// Every import of a source text, in any form: with access, attributes, a kind of symbol,
    /// several on a line. Comments do not count.
    static func all(in source: String) -> [ImportLine] {
        var found: [ImportLine] = []
        var isInComment = false
        let lines = source.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline)
        for (number, line) in lines.enumerated() {
            for statement in withoutComments(line, &isInComment).split(separator: ";") {
                if let module = module(of: statement) { found.append(ImportLine(module: module, line: number + 1)) }
            }
        }
        return found
    }

    private static func module(of statement: some StringProtocol) -> String? {
        var words = statement.split(whereSeparator: \.isWhitespace).map { Substring($0) }[...]
        while let first = words.first, first.hasPrefix("@") || access.contains(first) { words.removeFirst() }
        guard words.popFirst() == "import", var name = words.popFirst() else { return nil }
        if kinds.contains(name), let next = words.popFirst() { name = next }
        return name.split(separator: ".").first.map { $0.filter { $0 != "`" } }
    }

    private static func withoutComments(_ line: Substring, _ isInComment: inout Bool) -> String {
        var code = ""
        var rest = line
        while !rest.isEmpty {
            if isInComment {
                guard let end = rest.firstRange(of: "*/") else { return code }
                rest = rest[end.upperBound...]
                isInComment = false
            } else if rest.hasPrefix("//") {
                return code
            } else if rest.hasPrefix("/*") {
                rest = rest.dropFirst(2)
                isInComment = true
                code += " "
            } else {
                code.append(rest.removeFirst())
            }
        }
        return code
    }
}
