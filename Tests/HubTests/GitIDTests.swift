import Core
import Foundation
import Hub
import TestKit
import Testing

@Suite("ids are those that git gives", .enabled(if: Git.isHere))
struct GitIDTests {
    static func publish(
        _ files: [(path: String, bytes: [UInt8], isExecutable: Bool)], _ test: TestHub, message: String, seconds: Int64
    ) async throws -> PublishedRevision {
        var list: [DraftFile] = []
        for file in files {
            let digest = try await test.send(file.bytes, by: test.admin)
            list.append(
                DraftFile(path: try FilePath(parsing: file.path), size: Int64(file.bytes.count), digest: digest, isExecutable: file.isExecutable))
        }
        var draft = PublishDraft(repo: try test.repo("acme/whale"), files: list.shuffled())
        (draft.message, draft.authorName, draft.authorEmail, draft.date) = (message, "Ada Whale", "ada@example.org", seconds)
        return try await test.hub.publish(draft, by: test.admin)
    }

    @Test("three revisions in a row have the commits and trees that git makes of the same folders")
    func commits() async throws {
        var chance = Chance(7)
        let pointers = "*.safetensors filter=lfs diff=lfs merge=lfs -text\nplain.safetensors !filter !diff !merge text\n"
        let large = chance.bytes(Int(FileStorage.lfsThreshold))
        let almost = Array(large.dropLast())
        let folders: [[(path: String, bytes: [UInt8], isExecutable: Bool)]] = [
            [
                ("README.md", Array("# Whale\n".utf8), false), ("a-b", [1], false), ("a.b", [2], false), ("a/x", [3], false),
                ("run.sh", Array("#!/bin/sh\n".utf8), true), ("empty", [], false), ("späße/ü", [0, 255], false), ("just-below.bin", almost, false)
            ],
            [
                (".gitattributes", Array(pointers.utf8), false), ("model.safetensors", chance.bytes(1000), false),
                ("sub/more.safetensors", chance.bytes(10), true), ("plain.safetensors", Array("no pointer\n".utf8), false),
                ("README.md", Array("# Whale\n".utf8), false)
            ],
            [(".gitattributes", Array(pointers.utf8), false), ("model.safetensors", chance.bytes(1000), false)]
        ]
        let git = try Git()
        let test = try await TestHub()
        for (i, files) in folders.enumerated() {
            for name in try FileManager.default.contentsOfDirectory(atPath: git.folder.path) where name != ".git" {
                try FileManager.default.removeItem(at: git.folder.appending(path: name))
            }
            for file in files { try git.write(file.bytes, to: file.path, executable: file.isExecutable) }
            let seconds = 1_700_000_000 + Int64(i)
            let real = try git.commit("step \(i)\n\nwith a body", name: "Ada Whale", email: "ada@example.org", seconds: seconds)
            let ours = try await Self.publish(files, test, message: "step \(i)\n\nwith a body", seconds: seconds).named.revision
            #expect(ours.tree.hex == real.tree, "tree \(i)")
            #expect(ours.commit.hex == real.commit, "commit \(i)")
            for file in try test.hub.files(of: test.repo("acme/whale"), at: .main, for: test.admin).files {
                #expect(try git.text("rev-parse", "HEAD:\(file.path)") == file.gitID.hex, "\(file.path)")
            }
        }
        await test.close()
    }

    @Test("from 10 MiB on a file is a pointer without being told")
    func threshold() async throws {
        var chance = Chance(8)
        let large = chance.bytes(Int(FileStorage.lfsThreshold))
        let git = try Git()
        try git.write(large, to: "model.bin")
        try Data("model.bin filter=lfs diff=lfs merge=lfs -text\n".utf8).write(to: git.folder.appending(path: ".git/info/attributes"))
        let real = try git.commit("one", name: "Ada Whale", email: "ada@example.org", seconds: 1_700_000_000)
        let test = try await TestHub()
        let ours = try await Self.publish([("model.bin", large, false)], test, message: "one", seconds: 1_700_000_000)
        #expect(ours.named.revision.commit.hex == real.commit)
        #expect(try test.hub.files(of: test.repo("acme/whale"), at: .main, for: test.admin).files.map(\.storage) == [.lfs])
        await test.close()
    }
}
