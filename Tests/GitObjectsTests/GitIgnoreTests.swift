import Core
import Foundation
import GitObjects
import TestKit
import Testing

@Suite("what .gitignore leaves out, with git as judge")
struct GitIgnoreTests {
    static let rules: [String] = [
        "*.log", "# *.txt", "\\#x", "\\!x", "/top", "build/", "a/b", "**/deep", "a/**/z", "x/**", "*.log\n!keep.log", "d/\n!d/keep", "sp ace ",
        "sp\\ ",
        "*.[oa]", "f?o", "!*.txt\n*.txt", "*\n!*/\n!*.txt", "name\r", "dir/*.txt", "/*\n!/a", "", " ", "[", "a\\", "**", "foo/**/bar/"
    ]
    static let paths = [
        "x.log", "a.txt", "#x", "!x", "top", "d/top", "build/x", "build", "d/build/x", "a/b", "c/a/b", "deep", "p/q/deep", "a/z", "a/p/q/z", "x/y",
        "keep.log", "d/keep", "d/other", "sp ace", "sp ", "m.o", "foo", "name", "dir/n.txt", "dir/sub/n.txt", "a/keep.log", "z", "foo/bar/x",
        "foo/q/bar/x"
    ]

    @Test("agrees with git check-ignore", arguments: rules.indices)
    func agrees(_ index: Int) throws {
        let text = Self.rules[index] + "\n"
        let git = try Git()
        try git.write(Array(text.utf8), to: ".gitignore")
        let ignore = GitIgnore(parsing: text)
        // Files that are not there yet are judged by their paths alone.
        let input = Self.paths.joined(separator: "\0") + "\0"
        let output = try git.checkIgnore(Array(input.utf8))
        for path in Self.paths {
            #expect(ignore.ignores(try FilePath(parsing: path)) == output.contains(path), "'\(path)' by \(Self.rules[index].debugDescription)")
        }
    }
}

extension Git {
    /// The paths of a list that git leaves out; it ends with 1 where there are none.
    fileprivate func checkIgnore(_ input: [UInt8]) throws -> Set<String> {
        let process = Process()
        process.executableURL = URL(filePath: "/usr/bin/env")
        process.arguments = ["git", "check-ignore", "--no-index", "-z", "--stdin"]
        process.currentDirectoryURL = folder
        process.environment = ["PATH": ProcessInfo.processInfo.environment["PATH"] ?? "/usr/bin:/bin", "HOME": folder.path]
        let (into, out) = (Pipe(), Pipe())
        process.standardInput = into
        process.standardOutput = out
        try process.run()
        into.fileHandleForWriting.write(Data(input))
        try into.fileHandleForWriting.close()
        let bytes = out.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        return Set(String(decoding: bytes, as: UTF8.self).split(separator: "\0").map(String.init))
    }
}
