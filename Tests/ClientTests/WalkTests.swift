import Client
import Core
import Foundation
import Glibc
import Testing

@Suite("Walking a folder")
struct WalkTests {
    private func paths(_ folder: TestFolder) throws -> [String] { try WalkFolder.files(in: folder.path).map(\.path.text) }

    @Test("files come in byte order, and what is always ignored stays behind")
    func order() throws {
        let folder = try TestFolder()
        for name in ["b.txt", "a/z", "a.txt", "B.txt", ".git/HEAD", ".DS_Store", "src/__pycache__/x.pyc", ".grayling/lock.json", "ä"] {
            try folder.write("x", to: name)
        }
        #expect(try paths(folder) == ["B.txt", "a.txt", "a/z", "b.txt", "ä"])
    }

    @Test("the executable bit is the owner's")
    func executable() throws {
        let folder = try TestFolder()
        try folder.write("x", to: "run", mode: 0o744)
        try folder.write("x", to: "text", mode: 0o655)
        #expect(try WalkFolder.files(in: folder.path).map(\.isExecutable) == [true, false])
    }

    @Test("patterns of .graylingignore, the last match deciding")
    func ignoreFile() throws {
        let folder = try TestFolder()
        try folder.write("# notes\n*.log\n!keep.log\nbuild/\n/top.txt\ncache/*.bin\n**/tmp\n", to: ".graylingignore")
        for name in [
            "a.log", "keep.log", "sub/b.log", "build/x", "sub/build/y", "top.txt", "sub/top.txt", "cache/a.bin", "cache/deep/a.bin", "x/y/tmp/z"
        ] {
            try folder.write("x", to: name)
        }
        #expect(try paths(folder) == [".graylingignore", "cache/deep/a.bin", "keep.log", "sub/top.txt"])
    }

    @Test(
        "ignore patterns",
        arguments: [
            ("*.bin", "a.bin", true), ("*.bin", "d/a.bin", true), ("d/*.bin", "d/a.bin", true), ("d/*.bin", "d/e/a.bin", false),
            ("d/**/a", "d/a", true), ("d/**/a", "d/x/y/a", true), ("d/**", "d/x", true), ("?.txt", "a.txt", true), ("?.txt", "ab.txt", false),
            ("[a-c].txt", "b.txt", true), ("[!a-c].txt", "b.txt", false), ("[!a-c].txt", "d.txt", true), ("\\#x", "#x", true), ("[", "[", false),
            ("/a", "b/a", false), ("*", ".hidden", true)
        ])
    func globs(_ pattern: String, _ path: String, _ ignored: Bool) {
        #expect(IgnoreRules(text: pattern).ignores(path, isFolder: false) == ignored, "\(pattern) on \(path)")
    }

    @Test("a link to a file is the file; a link to a folder or to nothing is refused by name")
    func links() throws {
        let folder = try TestFolder()
        try folder.write("content", to: "real.txt")
        folder.link("link.txt", to: "real.txt")
        let files = try WalkFolder.files(in: folder.path)
        #expect(files.map(\.path.text) == ["link.txt", "real.txt"])
        #expect(files.map(\.stamp.size) == [7, 7])

        for target in ["nowhere", "."] {
            folder.link("bad", to: target)
            let error = #expect(throws: HubError.self) { try WalkFolder.files(in: folder.path) }
            #expect(error?.message.contains("'bad'") == true)
            unlink("\(folder.path)/bad")
        }
    }

    @Test("a pipe is refused, not waited for")
    func pipe() throws {
        let folder = try TestFolder()
        mkfifo("\(folder.path)/pipe", 0o644)
        #expect(throws: HubError.self) { try WalkFolder.files(in: folder.path) }
    }

    @Test("hashing gives the digests, and sees a file that changed since it was found")
    func hashing() async throws {
        let folder = try TestFolder()
        try folder.write("abc", to: "a")
        let files = try WalkFolder.files(in: folder.path)
        let hashed = try await HashFiles.hash(files, progress: ProgressMeter())
        #expect(hashed.map(\.digest.hex) == ["ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"])
        try folder.write("abcd", to: "a")
        await #expect(throws: HubError.self) { try await HashFiles.hash(files, progress: ProgressMeter()) }
    }

    @Test("nothing to publish is said, not published")
    func empty() async throws {
        let folder = try TestFolder()
        try folder.write("x", to: ".git/HEAD")
        await #expect(throws: HubError.self) { try await PublishSource.open(folder.path) }
    }
}
