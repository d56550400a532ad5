import Core
import TestKit
import Testing

@Suite("file paths")
struct FilePathTests {
    @Test(
        "keeps what a revision can hold, byte for byte",
        arguments: [
            "a", "a/b/c.txt", ".hidden", "..a", "a..", "...", "a b/ c ", "größe", "e\u{301}", "\u{e9}", "日本語/モデル", "😀", "*?[]",
            "a.git", ".github/x", "git", "~", "C:", "-rf", "a/\u{301}b", "\u{301}", "a\u{85}b",
            String(repeating: "a", count: 255), Array(repeating: "a", count: 64).joined(separator: "/"),
            Array(repeating: String(repeating: "x", count: 204), count: 5).joined(separator: "/")
        ])
    func accepts(_ text: String) throws {
        let path = try FilePath(parsing: text)
        #expect(Array(path.text.utf8) == Array(text.utf8))
        #expect(path.parts.joined(separator: "/").utf8.elementsEqual(text.utf8))
        #expect(path.description.utf8.elementsEqual(text.utf8))
    }

    @Test(
        "refuses what could leave the folder or confuse git",
        arguments: [
            "", "/", "/a", "a/", "a//b", ".", "..", "./a", "a/.", "a/..", "../a", "a/../b", "a\0b", "a\nb", "a\tb", "\u{7F}", "\u{1B}[31m",
            "a\\b", "\\", "..\\a", ".git", ".GIT/config", "a/.Git", "a/.gIt/b", String(repeating: "a", count: 256),
            "a/" + String(repeating: "é", count: 128), Array(repeating: "a", count: 65).joined(separator: "/"),
            Array(repeating: String(repeating: "x", count: 205), count: 5).joined(separator: "/")
        ])
    func refuses(_ text: String) {
        let error = #expect(throws: HubError.self) { try FilePath(parsing: text) }
        #expect(error?.code == .invalidPath)
        #expect(error?.message.utf8.allSatisfy { $0 >= 0x20 && $0 != 0x7F } == true, "a message must be safe to print")
    }

    @Test("parts are cut at bytes: a combining mark behind '/' belongs to its name")
    func combiningMark() throws {
        let path = try FilePath(parsing: "a/\u{301}b/c")
        #expect(path.parts.map { Array($0.utf8) } == [Array("a".utf8), Array("\u{301}b".utf8), Array("c".utf8)])
        #expect(Array(try FilePath(parsing: "a/\u{301}b").name.utf8) == Array("\u{301}b".utf8))
    }

    @Test("two Unicode spellings are two paths, in equality, hash and order")
    func unicodeForms() throws {
        let composed = try FilePath(parsing: "\u{e9}")
        let decomposed = try FilePath(parsing: "e\u{301}")
        #expect(composed != decomposed)
        #expect(Set([composed, decomposed]).count == 2)
        #expect(decomposed < composed)
        #expect(!(composed < decomposed))
    }

    @Test("order is byte order", arguments: [("a", "b"), ("a", "a/b"), ("a-b", "a/b"), ("a.b", "a/b"), ("B", "a"), ("z", "é"), ("\u{FFFD}", "😀")])
    func order(_ smaller: String, _ larger: String) throws {
        #expect(try FilePath(parsing: smaller) < FilePath(parsing: larger))
        #expect(try !(FilePath(parsing: larger) < FilePath(parsing: smaller)))
    }

    @Test("whatever random text is accepted obeys the rules, whatever is refused breaks one")
    func random() {
        var chance = Chance(seed: 7)
        let pieces = ["a", "B", "/", "/", ".", "..", ".git", ".GiT", "\\", "\0", "\n", " ", "é", "e\u{301}", "\u{301}", "😀", "-", "\u{7F}", "x.y"]
        var accepted = 0
        for _ in 0..<20_000 {
            let text = (0..<chance.number(0...7)).map { _ in chance.pick(pieces) }.joined()
            let scalars = Array(text.unicodeScalars)
            let parts = scalars.split(separator: "/", omittingEmptySubsequences: false).map { String(String.UnicodeScalarView($0)) }
            let isGood =
                parts.allSatisfy { !["", ".", ".."].contains($0) && $0.lowercased() != ".git" }
                && scalars.allSatisfy { $0.value >= 0x20 && $0.value != 0x7F && $0 != "\\" }
            let path = try? FilePath(parsing: text)
            #expect((path != nil) == isGood, "\(text.debugDescription)")
            if let path {
                accepted += 1
                #expect(path.parts.map { Array($0.utf8) } == parts.map { Array($0.utf8) })
            }
        }
        #expect(accepted > 1000)
    }

    @Test("printable text has no control characters and an end")
    func printable() {
        #expect(FilePath.printable("a\0b\u{1B}c\u{7F}") == "a\\x00b\\x1bc\\x7f")
        #expect(FilePath.printable(String(repeating: "x", count: 300)).count == 200)
    }
}

@Suite("paths that stand in one tree")
struct FilePathTogetherTests {
    @Test(
        "get along",
        arguments: [
            [], ["a"], ["a", "b"], ["a/b", "a/c", "a/d/e"], ["a", "a.b", "a-b", "ab/c"], ["x/a", "y/a", "y/A2"], ["Ab/c", "Ab/d"]
        ])
    func accepts(_ paths: [String]) throws {
        try FilePath.checkTogether(paths.map { try FilePath(parsing: $0) })
    }

    @Test(
        "clash: the same twice, a file that is a folder, case, Unicode form",
        arguments: [
            ["a", "a"], ["a", "a/b"], ["a/b", "a"], ["x/y", "x/y/z/w"], ["README", "readme"], ["A/x", "a/y"], ["dir/A", "dir/a"],
            ["\u{e9}", "e\u{301}"], ["x/\u{e9}/1", "x/e\u{301}/2"], ["A", "a/b"], ["É", "é"], ["a", "a/\u{301}b"], ["É", "e\u{301}"]
        ])
    func refuses(_ paths: [String]) throws {
        for order in [paths, paths.reversed()] {
            let parsed = try order.map { try FilePath(parsing: $0) }
            let error = #expect(throws: HubError.self) { try FilePath.checkTogether(parsed) }
            #expect(error?.code == .invalidPath)
        }
    }

    @Test("random sets: refused exactly when a simple model finds a clash")
    func random() throws {
        var chance = Chance(seed: 11)
        let names = ["a", "A", "b", "\u{e9}", "e\u{301}", "É", "c"]
        for _ in 0..<3000 {
            let texts = (0..<chance.number(1...5)).map { _ in
                (0..<chance.number(1...3)).map { _ in chance.pick(names) }.joined(separator: "/")
            }
            let paths = try texts.map { try FilePath(parsing: $0) }
            #expect((try? FilePath.checkTogether(paths)) == nil ? Self.clash(texts) : !Self.clash(texts), "\(texts)")
        }
    }

    /// By comparing every place with every other, slowly.
    static func clash(_ texts: [String]) -> Bool {
        var places: [(bytes: [UInt8], folded: String, isFile: Bool)] = []
        for text in texts {
            let parts = text.split(separator: "/")
            for i in parts.indices {
                let place = parts[...i].joined(separator: "/")
                places.append((Array(place.utf8), place.lowercased(), i == parts.count - 1))
            }
        }
        for (i, a) in places.enumerated() {
            for b in places[(i + 1)...] {
                if a.bytes == b.bytes, a.isFile || b.isFile { return true }
                if a.bytes != b.bytes, a.folded == b.folded { return true }
            }
        }
        return false
    }
}
