import API
import Core
import Foundation
import Hub
import TestKit
import Testing

@Suite("many blobs in one body")
struct BatchTests {
    static func record(_ content: String) -> String {
        BlobStream.header(digestHex: TestHub.digest(content).hex, size: Int64(content.utf8.count)) + content
    }

    static func send(_ body: String, to server: NativeServer) async throws -> HTTPProbe.Answer {
        try await server.ask("POST", "/hub/v1/blobs", as: TestHub.adminSecret, headers: [("Content-Type", BlobStream.mediaType)], body: body)
    }

    static func code(_ answer: HTTPProbe.Answer) throws -> String { try JSON.decode(Problem.self, from: Data(answer.body)).code }

    @Test("more than fit into one batch all arrive, in order")
    func many() async throws {
        try await NativeServer.run { (server) async throws in
            let contents = (0..<600).map { "blob number \($0)\n" } + ["", String(repeating: "x", count: 1 << 20)]
            let answer = try await Self.send(contents.map(Self.record).joined(), to: server)
            #expect(answer.status == 201)
            let items = try JSON.decode(Page<BlobInfo>.self, from: Data(answer.body)).items
            #expect(items.map(\.digest) == contents.map { TestHub.digest($0).description })
            #expect(items.count { !$0.wasNew } == 0)
            for content in [contents[0], contents[599], ""] {
                #expect(try await server.ask("GET", "/hub/v1/blobs/\(TestHub.digest(content).hex)", as: TestHub.adminSecret).text == content)
            }
            #expect(try await server.test.verify().blobs == 602)
        }
    }

    @Test("an empty body is no blobs")
    func empty() async throws {
        try await NativeServer.run { (server) async throws in
            let answer = try await Self.send("", to: server)
            #expect(answer.status == 201 && answer.text == #"{"items":[]}"#)
        }
    }

    struct Broken: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let body: String
        let code: String
        init(_ story: String, _ body: String, _ code: String) {
            (testDescription, self.body, self.code) = (story, body, code)
        }
    }
    static let hex = TestHub.digest("abc").hex

    @Test(
        "broken framing is refused with what was expected, and keeps nothing of its batch",
        arguments: [
            Broken("no digest", "hello\nworld", "invalid-request"),
            Broken("no size", "\(hex)\nabc", "invalid-request"),
            Broken("a size below zero", "\(hex) -1\nabc", "invalid-request"),
            Broken("a size in words", "\(hex) three\nabc", "invalid-request"),
            Broken("two spaces", "\(hex)  3\nabc", "invalid-request"),
            Broken("a digest of another kind", "\(String(repeating: "G", count: 64)) 3\nabc", "invalid-digest"),
            Broken("a header without end", String(repeating: "a", count: 10_000), "invalid-request"),
            Broken("an end inside a header", "\(hex) 3", "size-mismatch"),
            Broken("an end inside a blob", "\(hex) 3\nab", "size-mismatch"),
            Broken("too large for a batch", "\(hex) \(1 << 20 + 1)\nabc", "too-large"),
            Broken("a size that is no number of ours", "\(hex) 99999999999999999999\n", "invalid-request"),
            Broken("other bytes", "\(hex) 3\nabd", "digest-mismatch"),
            Broken("a good one before a bad one", record("good") + "\(hex) 3\nabd", "digest-mismatch"),
            Broken("bytes behind the last", record("good") + "more\n", "invalid-request")
        ])
    func broken(_ broken: Broken) async throws {
        try await NativeServer.run { (server) async throws in
            let answer = try await Self.send(broken.body, to: server)
            #expect((400...413).contains(answer.status))
            #expect(try Self.code(answer) == broken.code)
            #expect(try await server.ask("HEAD", "/hub/v1/blobs/\(Self.hex)", as: TestHub.adminSecret).status == 404)
            #expect(try await server.test.verify().blobs == 0)
        }
    }

    @Test("a client that breaks off inside a record has sent only what was whole before")
    func brokenOff() async throws {
        try await NativeServer.run { (server) async throws in
            let probe = try await HTTPProbe.connect(port: server.port)
            try await probe.send(
                "POST /hub/v1/blobs HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer \(TestHub.adminSecret)\r\nContent-Length: 5000\r\n\r\n"
                    + Self.record("whole") + "\(Self.hex) 3\na")
            probe.abort()
            let again = try await Self.send(Self.record("later"), to: server)
            #expect(again.status == 201)
            #expect(try await server.ask("HEAD", "/hub/v1/blobs/\(Self.hex)", as: TestHub.adminSecret).status == 404)
            #expect(try await server.test.verify().isWhole)
        }
    }
}
