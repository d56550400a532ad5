import Core
import Foundation
import GitObjects
import TestKit
import Testing

@Suite("commits, with git as the judge")
struct CommitTests {
    @Test(
        "names, times and messages become the bytes that commit-tree writes",
        arguments: [
            ("Ada", "ada@example.org", 1_000_000_000, 0, "first"),
            ("Ada Lovelace, Countess", "ada@example.org", 0, 60, "a subject\n\nand a body\n"),
            ("  <Grace> \"Hopper\"; ", " <grace@navy.mil> ", 1_700_000_000, -330, "two\nlines"),
            ("O'Neil & Söhne\nGmbH", "söhne@example.org", 253_402_300_799, 845, "größer 😀\r\n"),
            ("日本", "", 123, -90, "  leading spaces and trailing  \n\n\n"),
            (":x,", ":,", 5, 0, "")
        ])
    func bytes(name: String, email: String, seconds: Int, offset: Int, message: String) throws {
        let git = try Git()
        let tree = try GitID(parsing: git.line(try git.run("mktree")))
        let first = try GitID(parsing: git.line(try git.run("commit-tree", tree.hex, "-m", "parent one")))
        let second = try GitID(parsing: git.line(try git.run("commit-tree", tree.hex, "-m", "parent two")))
        for parents in [[], [first], [first, second]] {
            let when = GitSignature(name: "c", email: "c@c", seconds: Int64(seconds), offsetMinutes: offset)
            let date = "@" + when.text.split(separator: " ").suffix(2).joined(separator: " ")
            let environment = [
                "GIT_AUTHOR_NAME": name, "GIT_AUTHOR_EMAIL": email, "GIT_AUTHOR_DATE": date,
                "GIT_COMMITTER_NAME": "Hub", "GIT_COMMITTER_EMAIL": "hub@example.org", "GIT_COMMITTER_DATE": "@7 -0100"
            ]
            let printed =
                switch parents.count {
                case 0: try git.run("commit-tree", tree.hex, "-m", message, environment: environment)
                case 1: try git.run("commit-tree", tree.hex, "-p", first.hex, "-m", message, environment: environment)
                default:
                    try git.run(
                        "commit-tree", tree.hex, "-p", first.hex, "-p", second.hex, "-m", message, environment: environment)
                }
            let commit = GitCommit(
                tree: tree, parents: parents,
                author: GitSignature(name: name, email: email, seconds: Int64(seconds), offsetMinutes: offset),
                committer: GitSignature(name: "Hub", email: "hub@example.org", seconds: 7, offsetMinutes: -60), message: message)
            let expected = try git.run("cat-file", "commit", git.line(printed))
            #expect(String(decoding: commit.bytes, as: UTF8.self) == String(decoding: expected, as: UTF8.self))
            #expect(commit.id.hex == git.line(printed))
            #expect(try GitCommit(parsing: expected) == commit)
        }
    }

    @Test("nobody's name can break the line it stands in")
    func hostileNames() throws {
        let tree = GitID(bytes: [UInt8](repeating: 1, count: 20))
        let evil = GitSignature(name: "a\0b\n> 1 +0000\nparent x <", email: "x>\n\ny\0", seconds: -5, offsetMinutes: 1_000_000)
        let nobody = GitSignature(name: " <>\n", email: "", seconds: 1)
        #expect(nobody.text == "unknown <> 1 +0000")
        let commit = GitCommit(tree: tree, parents: [], author: evil, committer: nobody, message: "m\0n")
        let again = try GitCommit(parsing: commit.bytes)
        #expect(again == commit)
        #expect(again.author.seconds == 0)
        #expect(again.message == "mn\n")
        let git = try Git()
        #expect(git.line(try git.run("hash-object", "-t", "commit", "--stdin", input: commit.bytes)) == commit.id.hex)
    }

    @Test("a point at the end of a name stays, as in git of today")
    func point() { #expect(GitSignature(name: "Sammy Davis Jr.", email: "s@d", seconds: 1).name == "Sammy Davis Jr.") }

    @Test("headers we do not know and foreign encodings keep their bytes and id")
    func keepsBytes() throws {
        let text =
            "tree 4b825dc642cb6eb9a060e54bf8d69288fbee4904\nauthor A  <a@b> 5 -0000\ncommitter B <c> 6 +0530\nencoding latin1\n"
            + "gpgsig -----BEGIN\n \n abc\n -----END\n\nsubject\n"
        let bytes = Array(text.utf8) + [0xFC, 0x0A]
        let commit = try GitCommit(parsing: bytes)
        #expect(commit.bytes == bytes)
        #expect(commit.committer.offsetMinutes == 330)
        #expect(commit.message == "subject\n\u{FFFD}\n")
        let git = try Git()
        #expect(git.line(try git.run("hash-object", "-t", "commit", "--stdin", input: bytes)) == commit.id.hex)
    }

    static let good = "tree 4b825dc642cb6eb9a060e54bf8d69288fbee4904\nauthor A <a@b> 5 +0000\ncommitter B <c> 6 +0000\n\nm\n"

    @Test(
        "what is not a commit is refused",
        arguments: [
            "", "tree x\n", good.replacing("author", with: "auth0r"), good.replacing("4b8", with: "4B8"),
            good.replacing(" 5 +", with: " five +"), good.replacing("+0000", with: "+00"), good.replacing("<a@b>", with: "a@b"),
            good.replacing("\n\nm\n", with: "\n"), good.replacing("\n\nm\n", with: ""), good.replacing("tree", with: "parent")
        ])
    func refuses(_ text: String) {
        #expect(throws: HubError.self) { try GitCommit(parsing: Array(text.utf8)) }
    }
}
