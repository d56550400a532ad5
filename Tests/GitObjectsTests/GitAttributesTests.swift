import Core
import Foundation
import GitObjects
import TestKit
import Testing

@Suite(".gitattributes, with git check-attr as the judge")
struct GitAttributesTests {
    static let paths = [
        "a", "b.bin", "dir/a", "dir/b.bin", "dir/sub/a", "dir/sub/b.bin", "x/dir/a", "deep/er/dir/sub/x", "x", "foo/x", "foo/bar/x",
        "a b", "dir/with space.bin", "é.bin", "quo\"te", "[a]", "a-b", "A.BIN", "abc", "abd", "ab/c", "star*", "q?", "back/slash",
        "1", "z9", "dir.d/a", "model.safetensors", "nested/model.safetensors", "dirx/a", "tab", ".hidden", "a]b", "!bang", "#hash"
    ]

    static func git(_ git: Git, _ text: String, _ paths: [String]) throws -> [String: String] {
        try git.write(Array(text.utf8), to: ".gitattributes")
        let output = try git.run("check-attr", "--stdin", "-z", "filter", input: Array(paths.map { $0 + "\0" }.joined().utf8))
        let words = output.split(separator: 0, omittingEmptySubsequences: false).map { String(decoding: $0, as: UTF8.self) }
        return Dictionary(uniqueKeysWithValues: stride(from: 0, to: words.count - 2, by: 3).map { (words[$0], words[$0 + 2]) })
    }

    /// git does not tell `!filter` from silence; both read `unspecified`.
    static func agree(_ ours: Bool?, _ judge: String?) -> Bool {
        switch judge {
        case "lfs": ours == true
        case "unspecified": ours != true
        default: ours == false
        }
    }

    @Test(
        "agrees with git on every kind of pattern",
        arguments: [
            "*.bin filter=lfs", "a filter=lfs", "/a filter=lfs", "dir/** filter=lfs", "**/x filter=lfs", "/dir/*.bin filter=lfs",
            "dir/*.bin filter=lfs", "dir/ filter=lfs", "dir filter=lfs", "foo/**/x filter=lfs", "**/dir/** filter=lfs", "** filter=lfs",
            "* filter=lfs", "[a-b] filter=lfs", "[!a-b] filter=lfs", "[^a]* filter=lfs", "?.bin filter=lfs", "ab? filter=lfs",
            "ab?c filter=lfs", "\"a b\" filter=lfs", "\"dir/with space.bin\" filter=lfs", "\"\\303\\251.bin\" filter=lfs",
            "\"quo\\\"te\" filter=lfs", "\"unclosed filter=lfs", "\"bad\\escape\" filter=lfs", "\\[a\\] filter=lfs", "[[]a] filter=lfs",
            "star\\* filter=lfs", "q[?] filter=lfs", "[[:digit:]] filter=lfs", "[[:alpha:]][[:digit:]] filter=lfs",
            "[[:nonsense:]] filter=lfs", "[a filter=lfs", "a\\ filter=lfs", "[]a]* filter=lfs", "a[]]b filter=lfs", "[a-]* filter=lfs",
            "*.bin filter=lfs\n*.bin -filter", "*.bin -filter\nb.bin filter=lfs", "*.bin filter=lfs\n*.bin !filter",
            "*.bin filter=other", "*.bin filter", "*.bin filter=lfs -filter", "*.bin -filter filter=lfs", "*.bin filter=lfs bad,name",
            "# *.bin filter=lfs", "  \t*.bin\tfilter=lfs  ", "*.bin filter=lfs\r\na filter=lfs\r\n", "!bang filter=lfs", "\\!bang filter=lfs",
            "#hash filter=lfs", "\\#hash filter=lfs", "\u{FEFF}*.bin filter=lfs", "*.bin text\n\n\na  filter=lfs diff=lfs merge=lfs -text",
            "[attr]big filter=lfs", "***/x filter=lfs", "dir/*/a filter=lfs", "dir/**/a filter=lfs", "*/a filter=lfs", "**/*/x filter=lfs",
            "/** filter=lfs", "/**/a filter=lfs", "a** filter=lfs", "*a* filter=lfs", "*.*s filter=lfs", "d*/**/*.bin filter=lfs",
            "[z-a] filter=lfs", "[!/]* filter=lfs", "dir[/]a filter=lfs", "dir?a filter=lfs", "A.bin filter=lfs", "?.bi? filter=lfs",
            "*.bin filter=LFS", "*.bin filter=lfsx", "*.bin filter=", "*.bin -text filter=lfs\n[*.bin -filter"
        ])
    func table(_ text: String) throws {
        let git = try Git()
        let judge = try Self.git(git, text, Self.paths)
        let ours = GitAttributes(parsing: text)
        for path in Self.paths {
            let answer = ours.isLFS(path: try FilePath(parsing: path))
            #expect(Self.agree(answer, judge[path]), "\(path): git says \(judge[path] ?? "?"), we say \(String(describing: answer))")
        }
    }

    @Test("agrees with git on three hundred random files")
    func random() throws {
        let git = try Git()
        let pieces = ["a", "b", "c", "/", "/", "*", "**/", "/**", "?", "[ab]", "[!a]", "[a-c]", ".", "\\a", "\\*", "ab", "[[:alpha:]]"]
        let effects = ["filter=lfs", "filter=lfs", "filter=lfs -text", "-filter", "!filter", "text", "filter=x"]
        let letters = ["a", "b", "c", ".", "ab", "d"]
        for seed in 0..<300 {
            var chance = Chance(seed: seed)
            var text = ""
            for _ in 0..<chance.number(1...6) {
                var pattern = ""
                for _ in 0..<chance.number(1...6) { pattern += chance.pick(pieces) }
                // Git reads '**' glued to a name in two ways, depending on what stands before it.
                if pattern.wholeMatch(of: /(.*[^\/])?\*\*.*/) != nil, !pattern.hasPrefix("**/") { continue }
                if pattern.contains("***") || pattern.contains("//") { continue }
                text += "\(pattern) \(chance.pick(effects))\n"
            }
            var paths: Set<String> = []
            for _ in 0..<60 {
                let path = (0..<chance.number(1...4)).map { _ in
                    (0..<chance.number(1...3)).map { _ in chance.pick(letters) }.joined()
                }.joined(separator: "/")
                if (try? FilePath(parsing: path)) != nil { paths.insert(path) }
            }
            let judge = try Self.git(git, text, paths.sorted())
            let ours = GitAttributes(parsing: text)
            for path in paths {
                let answer = ours.isLFS(path: try FilePath(parsing: path))
                #expect(Self.agree(answer, judge[path]), "seed \(seed), \(path): git says \(judge[path] ?? "?") for\n\(text)")
            }
        }
    }

    @Test("silence and a taken-back filter are not the same")
    func silence() throws {
        let path = try FilePath(parsing: "b.bin")
        #expect(GitAttributes(parsing: "*.txt filter=lfs").isLFS(path: path) == nil)
        #expect(GitAttributes(parsing: "*.bin !filter").isLFS(path: path) == false)
        #expect(GitAttributes(parsing: "*.bin -text").isLFS(path: path) == nil)
        #expect(GitAttributes(parsing: "").isLFS(path: path) == nil)
    }

    @Test("lines of 2048 bytes are passed over, as in git")
    func longLines() throws {
        let git = try Git()
        for count in [2047, 2048] {
            let text = "*.bin filter=lfs " + String(repeating: "x", count: count - 17)
            let judge = try Self.git(git, text, ["b.bin"])
            #expect(Self.agree(GitAttributes(parsing: text).isLFS(path: try FilePath(parsing: "b.bin")), judge["b.bin"]))
        }
    }

    @Test("a hostile pattern costs no more than its length times the path's")
    func hostile() throws {
        let pattern = String(repeating: "*a", count: 900) + "b"
        let path = try FilePath(parsing: (0..<4).map { _ in String(repeating: "a", count: 250) }.joined(separator: "/"))
        let attributes = GitAttributes(parsing: "\(pattern) filter=lfs\n/\(pattern) filter=lfs")
        let began = ContinuousClock.now
        #expect(attributes.isLFS(path: path) == nil)
        #expect(ContinuousClock.now - began < .seconds(5))
    }
}
