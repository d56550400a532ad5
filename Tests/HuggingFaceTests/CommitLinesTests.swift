import Core
import Foundation
import Hub
@testable import HuggingFace
import NIOCore
import TestKit
import Testing
import Wire

@Suite("the lines of a commit")
struct CommitLinesTests {
    static func parse(_ text: String) throws -> CommitLines.Line { try CommitLines.parse(ByteBuffer(string: text), number: 7) }

    @Test("are read as the changes they mean")
    func changes() throws {
        guard
            case .header("One", "Two", "abcde")? = try? Self.parse(
                #"{"key":"header","value":{"summary":"One","description":"Two","parentCommit":"abcde"}}"#)
        else {
            Issue.record("no header")
            return
        }
        guard case .file(let path, let content) = try Self.parse(#"{"key":"file","value":{"path":"d\/a","content":"aGVsbG8=","encoding":"base64"}}"#)
        else {
            Issue.record("no file")
            return
        }
        #expect(path.text == "d/a" && String(buffer: content) == "hello")
        guard case .file(_, let plain) = try Self.parse(#"{"key":"file","value":{"path":"a","content":"héllo"}}"#) else {
            Issue.record("no plain file")
            return
        }
        #expect(String(buffer: plain) == "héllo")
        func change(_ text: String) throws -> FileChange? { if case .change(let change) = try Self.parse(text) { change } else { nil } }
        let digest = TestHub.digest("x")
        #expect(
            try change(#"{"key":"lfsFile","value":{"path":"a","algo":"sha256","oid":"\#(digest.hex)","size":3}}"#)
                == .add(try FilePath(parsing: "a"), digest, size: 3, .lfs))
        #expect(
            try change(#"{"key":"lfsFile","value":{"path":"a","oid":"\#(digest.hex)"}}"#) == .add(try FilePath(parsing: "a"), digest, size: nil, .lfs)
        )
        #expect(try change(#"{"key":"deletedFile","value":{"path":"a"}}"#) == .deleteFile(try FilePath(parsing: "a")))
        for path in ["d", "d/"] {
            #expect(try change(#"{"key":"deletedFolder","value":{"path":"\#(path)"}}"#) == .deleteFolder(try FilePath(parsing: "d")))
        }
        #expect(
            try change(#"{"key":"copyFile","value":{"path":"b","srcPath":"a","srcRevision":"refs/tags/v1"}}"#)
                == .copy(from: try FilePath(parsing: "a"), at: try RevisionSpec(parsing: "v1"), to: try FilePath(parsing: "b")))
    }

    @Test(
        "are refused with the number of the line and what was expected",
        arguments: [
            "", "[]", "{", #"{"key":"file"}"#, #"{"value":{}}"#, #"{"key":"file","value":{"content":"","encoding":"base64"}}"#,
            #"{"key":"file","value":{"path":"a","content":"a","encoding":"base64"}}"#,
            #"{"key":"file","value":{"path":"a","content":"","encoding":"zip"}}"#,
            #"{"key":"lfsFile","value":{"path":"a"}}"#, #"{"key":"lfsFile","value":{"path":"a","algo":"md5","oid":"0"}}"#,
            #"{"key":"deletedFolder","value":{}}"#,
            #"{"key":"copyFile","value":{"path":"a"}}"#, #"{"key":"moved","value":{"path":"a"}}"#
        ])
    func refused(_ text: String) {
        let error = #expect(throws: HubError.self) { try Self.parse(text) }
        #expect(error?.code == .invalidRequest && error?.message.contains("line 7") == true)
    }

    @Test("a file of eleven MiB fits, and one byte more is told where to go")
    func largest() throws {
        func line(_ count: Int) -> String {
            #"{"key":"file","value":{"path":"a","content":"\#(Data(count: count).base64EncodedString())","encoding":"base64"}}"#
        }
        guard case .file(_, let content) = try Self.parse(line(CommitLines.largestFile)) else {
            Issue.record("no file")
            return
        }
        #expect(content.readableBytes == CommitLines.largestFile)
        let error = #expect(throws: HubError.self) { try Self.parse(line(CommitLines.largestFile + 1)) }
        #expect(error?.code == .tooLarge && error?.message.contains("LFS") == true)
    }

    @Test("come in pieces of any size, and a body may be longer than memory allows a line to be")
    func stream() async throws {
        try await DialectServer.runHuggingFace { server in
            _ = try await server.ask("POST", "/api/repos/create", as: TestHub.adminSecret, body: #"{"name":"whale"}"#)
            var chance = Chance(seed: 7)
            // More than one batch by number and, with its 24 MiB, by size.
            let small = (0..<300).map { "f\($0)" }
            let large = (0..<3).map { _ in chance.bytes(8 << 20) }
            var lines = [#"{"key":"header","value":{"summary":"Many"}}"#]
            lines += small.map {
                #"{"key":"file","value":{"path":"s/\#($0)","content":"\#(Data($0.utf8).base64EncodedString())","encoding":"base64"}}"#
            }
            lines += large.enumerated().map {
                #"{"key":"file","value":{"path":"l/\#($0)","content":"\#(Data($1).base64EncodedString())","encoding":"base64"}}"#
            }
            let answer = try await server.commit(lines, to: "admin/whale", as: TestHub.adminSecret)
            #expect(answer.status == 200, "\(answer.text)")
            let files = try server.test.hub.files(of: try server.test.repo("admin/whale"), at: .main, for: server.test.admin).files
            #expect(files.count == 304)
            for (i, bytes) in large.enumerated() {
                let read = try await server.ask("GET", "/admin/whale/resolve/main/l/\(i)")
                #expect(read.status == 200 && read.body == bytes)
            }
        }
    }

    @Test("a line that does not end is not waited for")
    func endless() async throws {
        try await DialectServer.runHuggingFace { server in
            _ = try await server.ask("POST", "/api/repos/create", as: TestHub.adminSecret, body: #"{"name":"whale"}"#)
            let long =
                #"{"key":"header","value":{"summary":"Many"}}"# + "\n" + #"{"key":"file","value":{"path":"a","content":""#
                + String(repeating: "A", count: 18 << 20)
            let answer = try await server.commit([long], to: "admin/whale", as: TestHub.adminSecret)
            #expect(answer.status == 413, "\(answer.text)")
            #expect(answer.text.contains("LFS or Xet"))
        }
    }
}
