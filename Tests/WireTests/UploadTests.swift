import Core
import NIOCore
import TestKit
import Testing
import Wire

@Suite("Receiving")
struct UploadTests {
    @Test("a whole body arrives whole, announced or in chunks")
    func whole() async throws {
        try await TestServer.run { server in
            let probe = try await server.connect()
            let body = [UInt8](repeating: 7, count: 5_000_000)
            try await probe.send("PUT /upload HTTP/1.1\r\nHost: x\r\nContent-Length: 5000000\r\n\r\n")
            try await probe.send(body)
            #expect(try await probe.answer().text == "5000000")
            try await probe.send("PUT /upload HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n6\r\n world\r\n0\r\n\r\n")
            #expect(try await probe.answer().text == "11")
            #expect(server.metrics.bytesReceived.value == 5_000_011)
        }
    }

    @Test(
        "a body that breaks off is never taken for a whole one",
        arguments: [
            "Content-Length: 1000\r\n\r\nhalf", "Transfer-Encoding: chunked\r\n\r\n4\r\nhalf\r\n", "Transfer-Encoding: chunked\r\n\r\nff\r\nha",
            "Content-Length: 1000\r\n\r\n"
        ],
        ["finish", "close", "abort"])
    func brokenOff(_ rest: String, _ manner: String) async throws {
        try await TestServer.run { server in
            let probe = try await server.connect()
            try await probe.send("PUT /upload HTTP/1.1\r\nHost: x\r\n\(rest)")
            // The request is under way before it breaks off.
            try await eventually("the request begins") { server.metrics.inFlight.value == 1 }
            switch manner {
            case "finish": probe.finishSending()
            case "close": probe.close()
            default: probe.abort()
            }
            switch try await server.uploads.first() {
            case .success(let count): Issue.record("\(count) bytes were taken for a whole body")
            case .failure(let error): #expect(error.code == .sizeMismatch)
            }
            if manner == "finish" {
                let answer = try await probe.answer()
                #expect(answer.text.hasPrefix("size-mismatch|") && answer["connection"] == "close")
                #expect(try await probe.receiveToEnd().isEmpty)
            }
        }
    }

    @Test("chunks that are none break the body off")
    func badChunk() async throws {
        try await TestServer.run { server in
            let probe = try await server.connect()
            try await probe.send("PUT /upload HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nhalf\r\nzz\r\n")
            let outcome = try await server.uploads.first()
            #expect(throws: HubError.self) { try outcome.get() }
            #expect(try await probe.answer()["connection"] == "close")
        }
    }

    @Test("who asks before sending is told to go on")
    func goOn() async throws {
        try await TestServer.run { server in
            let probe = try await server.connect()
            for _ in 0..<2 {
                try await probe.send("PUT /upload HTTP/1.1\r\nHost: x\r\nContent-Length: 4\r\nExpect: 100-continue\r\n\r\n")
                #expect(try await probe.answer().status == 100)
                try await probe.send("body")
                let answer = try await probe.answer()
                #expect(answer.status == 200 && answer.text == "4")
            }
        }
    }

    @Test("who is refused is told so before a byte is sent", arguments: ["/refused", "/upload", "/nowhere"])
    func refusedFirst(_ path: String) async throws {
        try await TestServer.run { server in
            let probe = try await server.connect()
            try await probe.send("PUT \(path) HTTP/1.1\r\nHost: x\r\nContent-Length: 99000000\r\nExpect: 100-continue\r\n\r\n")
            let answer = try await probe.answer()
            #expect(answer.status >= 400 && answer["connection"] == "close")
            #expect(try await probe.receiveToEnd().isEmpty)
        }
    }

    @Test("a refusal reaches a client that sends all the same, and the connection lives on")
    func refusedLate() async throws {
        try await TestServer.run { server in
            let probe = try await server.connect()
            try await probe.send("PUT /refused HTTP/1.1\r\nHost: x\r\nContent-Length: 3000000\r\n\r\n")
            try await probe.send([UInt8](repeating: 1, count: 3_000_000))
            #expect(try await probe.answer().text.hasPrefix("not-permitted|not you|"))
            try await probe.send("GET /file/5 HTTP/1.1\r\nHost: x\r\n\r\n")
            #expect(try await probe.answer().body.count == 5)
        }
    }

    @Test("a small body has a limit, announced or not", arguments: ["Content-Length: 101\r\n\r\n", "Transfer-Encoding: chunked\r\n\r\n65\r\n"])
    func limit(_ rest: String) async throws {
        try await TestServer.run { server in
            let probe = try await server.connect()
            try await probe.send("POST /small HTTP/1.1\r\nHost: x\r\n\(rest)\(String(repeating: "x", count: 101))")
            #expect(try await probe.answer().text.hasPrefix("too-large|"))
            let fits = try await HTTPProbe.ask(port: server.port, "/small", method: "POST", body: [UInt8](repeating: 1, count: 100))
            #expect(fits.text == "100")
        }
    }
}
