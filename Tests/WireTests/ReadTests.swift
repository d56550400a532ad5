import Core
import Glibc
import TestKit
import Testing
import Wire

@Suite("Reading over a real socket")
struct ReadTests {
    @Test("one connection serves one request after another, from both roads")
    func keepAlive() async throws {
        try await TestServer.run { server in
            let probe = try await server.connect()
            for _ in 0..<3 {
                for (path, expected) in [
                    ("/file/10", Folder.bytes(0..<10)), ("/echo/hi", Array("hi".utf8)), ("/file/300000", Folder.bytes(0..<300_000)),
                    ("/road/5000000", Folder.bytes(0..<5_000_000)), ("/file/0", []), ("/stream", Array("one two three".utf8))
                ] {
                    try await probe.send("GET \(path) HTTP/1.1\r\nHost: x\r\n\r\n")
                    let answer = try await probe.answer()
                    #expect(answer.status == 200)
                    #expect(same(answer.body, expected, path))
                    #expect(answer["date"] != nil && answer["connection"] == nil)
                }
            }
        }
    }

    @Test("pipelined requests are answered in their order, whoever answers")
    func pipelined() async throws {
        try await TestServer.run { server in
            let probe = try await server.connect()
            let paths = (0..<60).map { ["/slow/a\($0)", "/file/\($0)", "/echo/b\($0)", "/file/\(70_000 + $0)", "/file/\($0)"][$0 % 5] }
            try await probe.send(paths.map { "GET \($0) HTTP/1.1\r\nHost: x\r\n\r\n" }.joined())
            for path in paths {
                let answer = try await probe.answer()
                let word = String(path.split(separator: "/")[1])
                #expect(same(answer.body, path.hasPrefix("/file") ? Folder.bytes(0..<Int(word)!) : Array(word.utf8), path))
            }
        }
    }

    @Test("thousands of pipelined reads neither lose their order nor the stack")
    func flood() async throws {
        try await TestServer.run { server in
            let probe = try await server.connect()
            let request = "GET /file/7 HTTP/1.1\r\nHost: x\r\n\r\n"
            async let sent: Void = probe.send(String(repeating: request, count: 20_000))
            for _ in 0..<20_000 { guard try await probe.answer().body.count == 7 else { throw Overdue(description: "wrong body") } }
            try await sent
        }
    }

    @Test(
        "HEAD says what GET would, and sends nothing behind it",
        arguments: ["/file/10", "/file/5000000", "/road/10", "/road/5000000", "/stream", "/echo/x"])
    func head(_ path: String) async throws {
        try await TestServer.run { server in
            let probe = try await server.connect()
            try await probe.send("HEAD \(path) HTTP/1.1\r\nHost: x\r\n\r\nGET /echo/next HTTP/1.1\r\nHost: x\r\n\r\n")
            let head = try await probe.answer(toHead: true)
            #expect(head.status == 200)
            if path.contains("0") { #expect(head["content-length"] == String(path.split(separator: "/")[1])) }
            #expect(try await probe.answer().text == "next")
            #expect(server.folder.openCount == 0)
        }
    }

    @Test(
        "a part is exactly the part of the whole",
        arguments: ["file/1000", "file/70000", "file/5000000", "file/5000000-parts", "file/100-parts", "road/5000000"])
    func ranges(_ path: String) async throws {
        try await TestServer.run { server in
            let size = Int(path.split(separator: "/")[1].prefix { $0.isNumber })!
            let whole = Folder.bytes(0..<size)
            let probe = try await server.connect()
            var chance = SystemRandomNumberGenerator()
            for _ in 0..<25 {
                let from = Int.random(in: 0..<(size + size / 8), using: &chance)
                let to = Int.random(in: 0..<(size + size / 8), using: &chance)
                let (header, model): (String, Range<Int>?) =
                    switch Int.random(in: 0..<3, using: &chance) {
                    case 0: ("bytes=\(from)-", from < size ? from..<size : nil)
                    case 1: ("bytes=-\(to + 1)", max(0, size - to - 1)..<size)
                    default: ("bytes=\(min(from, to))-\(max(from, to))", min(from, to) < size ? min(from, to)..<min(size, max(from, to) + 1) : nil)
                    }
                try await probe.send("GET /\(path) HTTP/1.1\r\nHost: x\r\nRange: \(header)\r\n\r\n")
                let answer = try await probe.answer()
                if let model {
                    #expect(answer.status == 206)
                    #expect(answer["content-range"] == "bytes \(model.lowerBound)-\(model.upperBound - 1)/\(size)")
                    #expect(same(answer.body, Array(whole[model]), header))
                } else {
                    #expect(answer.status == 416 && answer["content-range"] == "bytes */\(size)" && answer.body.isEmpty)
                }
            }
            try await eventually("all files are closed") { server.folder.openCount == 0 }
        }
    }

    @Test("If-None-Match spares the body on both roads", arguments: ["file", "road"])
    func notModified(_ road: String) async throws {
        try await TestServer.run { server in
            let probe = try await server.connect()
            try await probe.send("GET /\(road)/90000 HTTP/1.1\r\nHost: x\r\nIf-None-Match: \"tag-90000\"\r\n\r\n")
            let first = try await probe.answer()
            #expect(first.status == 304 && first["etag"] == "\"tag-90000\"" && first["content-type"] == nil)
            try await probe.send("GET /\(road)/90000 HTTP/1.1\r\nHost: x\r\nIf-None-Match: \"other\"\r\nRange: bytes=1-2\r\n\r\n")
            #expect(try await probe.answer().status == 206)
        }
    }

    @Test("pages that are not in memory are fetched, and the bytes are the same")
    func cold() async throws {
        try await TestServer.run { server in
            let file = OpenFile(server.folder.file(6_000_000))
            fsync(file.descriptor)
            posix_fadvise(file.descriptor, 0, 0, Int32(POSIX_FADV_DONTNEED))
            let answer = try await HTTPProbe.ask(port: server.port, "/file/6000000")
            #expect(same(answer.body, Folder.bytes(0..<6_000_000)))
        }
    }

    @Test("the body of a GET is read past, and the next request found behind it")
    func bodyOfGet() async throws {
        try await TestServer.run { server in
            let probe = try await server.connect()
            let body = String(repeating: "x", count: 300_000)
            try await probe.send("GET /file/5 HTTP/1.1\r\nHost: x\r\nContent-Length: 300000\r\n\r\n\(body)GET /file/6 HTTP/1.1\r\nHost: x\r\n\r\n")
            #expect(try await probe.answer().body.count == 5)
            #expect(try await probe.answer().body.count == 6)
        }
    }

    @Test(
        "old clients and those who ask for it get the end of the connection as the end",
        arguments: ["/file/10", "/file/300000", "/echo/hi", "/stream"])
    func close(_ path: String) async throws {
        try await TestServer.run { server in
            for head in ["GET \(path) HTTP/1.0\r\n\r\n", "GET \(path) HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"] {
                let probe = try await server.connect()
                try await probe.send(head)
                let answer = try await probe.answer()
                #expect(answer.status == 200 && answer["connection"] == "close")
                if head.contains("1.0") { #expect(answer["transfer-encoding"] == nil) }
                #expect(try await probe.receiveToEnd().isEmpty)
            }
            guard path != "/stream" else { return }
            let probe = try await server.connect()
            for _ in 0..<2 {
                try await probe.send("GET \(path) HTTP/1.0\r\nConnection: keep-alive\r\n\r\n")
                #expect(try await probe.answer()["connection"] == "keep-alive")
            }
        }
    }

    @Test("what is not HTTP is refused and the connection closed")
    func garbage() async throws {
        try await TestServer.run { server in
            let probe = try await server.connect()
            try await probe.send("GET /file/10 HTTP/1.1\r\nHost: x\r\n\r\nHELLO\r\n\r\n")
            #expect(try await probe.answer().body.count == 10)
            let refusal = try await probe.answer()
            #expect(refusal.status == 400 && refusal["connection"] == "close")
            #expect(try await probe.receiveToEnd().isEmpty)
            let long = try await server.connect()
            try await long.send("GET / HTTP/1.1\r\nHost: x\r\nX: \(String(repeating: "y", count: 200_000))")
            #expect([400, 431].contains(try await long.answer().status))
        }
    }
}
