package import Core

/// A root `.gitattributes`, read for one question: which files are LFS (gitattributes(5)).
/// Macros (`[attr]…`) are not followed.
package struct GitAttributes: Sendable {
    private struct Rule {
        let pattern: GitPattern
        let isLFS: Bool
    }
    /// In the order of the file; later ones override earlier ones.
    private let rules: [Rule]

    /// Lines that git would refuse are passed over, as git does.
    package init(parsing text: String) {
        var units = Array(text.utf8)[...]
        if units.starts(with: [0xEF, 0xBB, 0xBF]) { units = units.dropFirst(3) }
        rules = units.split(separator: 0x0A).compactMap(Self.rule)
    }

    /// What the last matching line that names `filter` says: true for `filter=lfs`, false for
    /// anything else it sets or takes back; nil where no line speaks of the file.
    package func isLFS(path: FilePath) -> Bool? {
        let whole = Array(path.text.utf8)
        let name = Array(path.name.utf8)
        return rules.last { $0.pattern.matches(path: whole, name: name) }?.isLFS
    }

    private static func rule(_ line: ArraySlice<UInt8>) -> Rule? {
        // Git passes over lines of 2048 bytes and more.
        guard line.count < 2048 else { return nil }
        let line = line.drop(while: isBlank)
        guard let first = line.first, first != 0x23 else { return nil }
        let text: [UInt8]
        let rest: ArraySlice<UInt8>
        if first == 0x22, let quoted = CQuoted(line) {
            (text, rest) = (quoted.text, quoted.rest)
        } else {
            let word = line.prefix { !isBlank($0) }
            (text, rest) = (Array(word), line[word.endIndex...])
        }
        // A macro is no pattern, and git forbids '!' in front of one here.
        guard text.first != 0x21, !(text.count > 6 && text.starts(with: "[attr]".utf8)) else { return nil }
        guard let isLFS = filter(rest.split(whereSeparator: isBlank)), let pattern = GitPattern(text) else { return nil }
        return Rule(pattern: pattern, isLFS: isLFS)
    }

    /// nil where `filter` is not mentioned, or where one word is not an attribute: git then
    /// refuses the whole line.
    private static func filter(_ words: [ArraySlice<UInt8>]) -> Bool? {
        var answer: Bool?
        for word in words {
            let isTurned = word.first == 0x2D || word.first == 0x21
            let name = (isTurned ? word.dropFirst() : word).prefix { $0 != 0x3D }
            guard let first = name.first, first != 0x2D, name.allSatisfy(isNameUnit) else { return nil }
            if name.elementsEqual("filter".utf8) { answer = word.elementsEqual("filter=lfs".utf8) }
        }
        return answer
    }

    private static func isBlank(_ unit: UInt8) -> Bool { unit == 0x20 || unit == 0x09 || unit == 0x0D || unit == 0x0A }
    private static func isNameUnit(_ unit: UInt8) -> Bool {
        unit.isASCIILetter || unit.isASCIIDigit || unit == 0x2D || unit == 0x2E || unit == 0x5F
    }
}

/// A text in double quotes with the escapes of C, as git writes names that need them.
private struct CQuoted {
    var text: [UInt8] = []
    /// What follows the closing quote.
    let rest: ArraySlice<UInt8>

    private static let escapes: [UInt8: UInt8] = [
        UInt8(ascii: "a"): 7, UInt8(ascii: "b"): 8, UInt8(ascii: "t"): 9, UInt8(ascii: "n"): 10, UInt8(ascii: "v"): 11,
        UInt8(ascii: "f"): 12, UInt8(ascii: "r"): 13, UInt8(ascii: "\""): 0x22, UInt8(ascii: "\\"): 0x5C
    ]

    /// nil where the quote is not closed or an escape is unknown.
    init?(_ line: ArraySlice<UInt8>) {
        var left = line.dropFirst()
        while let unit = left.popFirst() {
            switch unit {
            case 0x22:
                rest = left
                return
            case 0x5C:
                guard let escape = left.popFirst() else { return nil }
                if let plain = Self.escapes[escape] {
                    text.append(plain)
                } else {
                    let octal = [escape] + left.prefix(2)
                    guard octal.count == 3, octal[0] <= 0x33, octal.allSatisfy({ (0x30...0x37).contains($0) }) else { return nil }
                    text.append(octal.reduce(0) { $0 << 3 | ($1 - 0x30) })
                    left = left.dropFirst(2)
                }
            default: text.append(unit)
            }
        }
        return nil
    }
}
