import Core
import Gateway
import Testing

@Suite("what goes in comes out, byte for byte")
struct PassThroughTests {
    /// A body, framed by its length or in chunks that `chance` draws.
    static func framed(_ body: [UInt8], isChunked: Bool, _ chance: inout Chance) -> (fields: String, bytes: [UInt8]) {
        guard isChunked else { return ("Content-Length: \(body.count)\r\n", body) }
        var bytes: [UInt8] = []
        var rest = body[...]
        while !rest.isEmpty {
            let piece = rest.prefix(chance.number(1...chance.pick([1, 10, 1000, 70_000])))
            let size = String(piece.count, radix: 16, uppercase: chance.number(0...1) == 0)
            bytes += Array("\(size)\(chance.pick(["", "", ";a=b", ";q=\"x;y\""]))\r\n".utf8) + piece + [13, 10]
            rest = rest.dropFirst(piece.count)
        }
        return ("Transfer-Encoding: chunked\r\n", bytes + Array("0\r\n\r\n".utf8))
    }

    @Test("bodies of any size and framing, in any pieces, both ways", arguments: 0..<24)
    func bodies(_ seed: Int) async throws {
        var chance = Chance(UInt64(seed))
        let sizes = [0, 1, 2, 100, 4095, 4096, 65_535, 65_536, 65_537, 300_000]
        var planned: [(asked: [UInt8], said: [UInt8], askedChunked: Bool)] = []
        for _ in 0..<6 { planned.append((chance.bytes(chance.pick(sizes)), chance.bytes(chance.pick(sizes)), chance.number(0...1) == 0)) }
        var answers: [(String, [UInt8])] = []
        for plan in planned { answers.append(Self.framed(plan.said, isChunked: chance.number(0...1) == 0, &chance)) }
        let script = (answers, chance)
        let upstream = try Upstream { call in
            var chance = script.1
            try call.readBody()
            let (fields, bytes) = script.0[call.number]
            var rest = (Array("HTTP/1.1 200 OK\r\nX-Number: \(call.number)\r\n\(fields)\r\n".utf8) + bytes)[...]
            while !rest.isEmpty {
                let piece = rest.prefix(chance.number(1...chance.pick([1, 50, 5000, 100_000])))
                try call.send(Array(piece))
                rest = rest.dropFirst(piece.count)
            }
        }
        let plans = planned
        try await Lab.run { lab in
            try await lab.simple(upstream)
            let client = try await lab.connect()
            var chance = Chance(UInt64(seed) + 1000)
            for (number, plan) in plans.enumerated() {
                let (fields, bytes) = Self.framed(plan.asked, isChunked: plan.askedChunked, &chance)
                try await client.send(
                    Array("POST /v1/endpoints/chat/p/\(number)?q=%20 HTTP/1.1\r\nHost: h\r\n\(fields)\r\n".utf8) + bytes, inPiecesBy: chance)
                let answer = try await client.answer(to: "POST")
                #expect(answer.status == 200 && answer["x-number"] == "\(number)")
                #expect(answer.body == plan.said)
                #expect(upstream.seen[number].body == plan.asked)
                #expect(upstream.seen[number].target == "/p/\(number)?q=%20")
            }
            #expect(upstream.connections == 1)
        }
    }

    @Test("end-to-end headers pass as they are, hop-by-hop headers do not")
    func headers() async throws {
        let upstream = try Upstream.saying(
            "x",
            fields:
                "X-Odd:  two  blanks \r\nset-cookie: a=1\r\nset-cookie: b=2\r\nConnection: x-private, keep-alive\r\n"
                + "X-Private: 1\r\nKeep-Alive: timeout=5\r\nProxy-Authenticate: no\r\nServer: pretend\r\n"
        )
        try await Lab.run { lab in
            try await lab.simple(upstream)
            let answer = try await lab.get(
                fields:
                    "Connection: X-Mine\r\nX-Mine: 1\r\nTE: trailers\r\nUpgrade: h2c\r\nKeep-Alive: 3\r\n"
                    + "Proxy-Connection: keep-alive\r\nX-Twice: a\r\nx-twice: b\r\nAccept: */*\r\nX-Empty:\r\n"
            )
            #expect(answer.status == 200)
            #expect(answer["x-odd"]?.split(separator: " ") == ["two", "blanks"])
            #expect(answer.all("set-cookie") == ["a=1", "b=2"])
            #expect(answer["server"] == "pretend")
            for gone in ["x-private", "proxy-authenticate"] { #expect(answer[gone] == nil, "\(gone)") }
            #expect(answer["keep-alive"] == nil)
            let seen = upstream.seen[0]
            #expect(seen["host"] == "127.0.0.1:\(upstream.port)" && seen["x-forwarded-host"] == "h")
            #expect(seen.all("x-twice") == ["a", "b"])
            #expect(seen["accept"] == "*/*")
            #expect(seen["x-empty"] == "")
            for gone in ["x-mine", "upgrade", "keep-alive", "proxy-connection"] { #expect(seen[gone] == nil, "\(gone)") }
        }
    }

    @Test("an answer without a body ends where it ends", arguments: ["HEAD", "204", "304"])
    func noBody(_ kind: String) async throws {
        let upstream = try Upstream { call in
            try call.readBody()
            switch kind {
            case "HEAD": try call.send("HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n")
            case "204": try call.send("HTTP/1.1 204 No Content\r\n\r\n")
            default: try call.send("HTTP/1.1 304 Not Modified\r\nContent-Length: 77\r\nETag: \"a\"\r\n\r\n")
            }
        }
        try await Lab.run { lab in
            try await lab.simple(upstream)
            let client = try await lab.connect()
            let method = kind == "HEAD" ? "HEAD" : "GET"
            for _ in 0..<3 {
                try await client.send("\(method) /v1/endpoints/chat/x HTTP/1.1\r\nHost: h\r\n\r\n")
                let answer = try await client.answer(to: method)
                #expect(answer.status == (kind == "HEAD" ? 200 : Int(kind)))
                if kind == "HEAD" { #expect(answer["content-length"] == "1000") }
                #expect(answer["transfer-encoding"] == nil)
            }
            #expect(upstream.connections == 1)
        }
    }

    @Test("trailers pass both ways")
    func trailers() async throws {
        let upstream = try Upstream { call in
            try call.readBody()
            try call.send("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nTrailer: X-Sum\r\n\r\n3\r\nabc\r\n0\r\nX-Sum: 6\r\n\r\n")
        }
        try await Lab.run { lab in
            try await lab.simple(upstream)
            let client = try await lab.connect()
            try await client.send(
                "POST /v1/endpoints/chat/x HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nhi\r\n0\r\nX-Check: 1\r\n\r\n")
            let answer = try await client.answer(to: "POST")
            #expect(answer.text == "abc")
            #expect(answer.trailers.map(\.name) == ["x-sum"] && answer.trailers.map(\.value) == ["6"])
            #expect(upstream.seen[0].body == Array("hi".utf8))
            #expect(upstream.seen[0].trailers.map(\.name) == ["x-check"])
        }
    }

    @Test("1xx answers come before the answer, 100 only to those who expect it")
    func informational() async throws {
        let upstream = try Upstream { call in
            try call.send("HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n")
            try call.readBody()
            try call.answer(200, "done")
        }
        try await Lab.run { lab in
            try await lab.simple(upstream)
            let client = try await lab.connect()
            try await client.send("GET /v1/endpoints/chat/x HTTP/1.1\r\nHost: h\r\n\r\n")
            var answer = try await client.head()
            // A gateway may leave 103 out, but never the answer.
            if answer.status == 103 { answer = try await client.head() }
            #expect(answer.status == 200)
        }
    }

    @Test("a client that expects 100 gets it before it sends its body")
    func expect() async throws {
        let upstream = try Upstream { call in
            let body = try call.readBody()
            try call.answer(200, "got \(body.count)")
        }
        try await Lab.run { lab in
            try await lab.simple(upstream)
            let client = try await lab.connect()
            for _ in 0..<2 {
                try await client.send("POST /v1/endpoints/chat/x HTTP/1.1\r\nHost: h\r\nExpect: 100-continue\r\nContent-Length: 5\r\n\r\n")
                #expect(try await client.head().status == 100)
                try await client.send("hello")
                #expect(try await client.answer(to: "POST").text == "got 5")
            }
        }
    }

    @Test("an answer may come before the request is sent: it passes, and the connection is not used again")
    func earlyAnswer() async throws {
        let upstream = try Upstream { call in
            try call.answer(413, "too large", fields: "Connection: close\r\n")
            try call.hangUp()
        }
        try await Lab.run { lab in
            try await lab.simple(upstream)
            let client = try await lab.connect()
            try await client.send(
                "POST /v1/endpoints/chat/x HTTP/1.1\r\nHost: h\r\nContent-Length: 50000000\r\n\r\n" + String(repeating: "a", count: 1000))
            let answer = try await client.answer(to: "POST")
            #expect(answer.status == 413 && answer.text == "too large")
            #expect(await client.isEnded())
        }
    }

    @Test("an early answer while the body still flows passes too, and the next request works")
    func earlyAnswerThenBody() async throws {
        let upstream = try Upstream { call in
            try call.answer(200, "early")
            try call.readBody()
        }
        try await Lab.run { lab in
            try await lab.simple(upstream)
            let client = try await lab.connect()
            try await client.send("POST /v1/endpoints/chat/x HTTP/1.1\r\nHost: h\r\nContent-Length: 10\r\n\r\n01234")
            #expect(try await client.answer(to: "POST").text == "early")
            try? await client.send("56789")
            // Either the rest is taken and the connection lives, or it is closed: never is the rest read as a request.
            try? await client.send("GET /v1/endpoints/chat/y HTTP/1.1\r\nHost: h\r\n\r\n")
            let rest = String(decoding: (try? await client.receive()) ?? [], as: UTF8.self)
            #expect(rest.isEmpty || rest.hasPrefix("HTTP/1.1 200"), "\(rest)")
        }
    }

    @Test("pipelined requests are answered in their order")
    func pipelining() async throws {
        let upstream = try Upstream { call in
            try call.readBody()
            try call.answer(200, call.seen.target)
        }
        try await Lab.run { lab in
            try await lab.simple(upstream)
            let client = try await lab.connect()
            var all = ""
            for number in 0..<50 {
                all +=
                    number % 3 == 0
                    ? Lab.posting("/v1/endpoints/chat/\(number)", String(repeating: "b", count: number * 100))
                    : "GET /v1/endpoints/chat/\(number) HTTP/1.1\r\nHost: h\r\n\r\n"
            }
            try await client.send(all)
            for number in 0..<50 { #expect(try await client.answer().text == "/\(number)") }
        }
    }

    @Test("a client that ends its side has left, as far as anybody can tell: its replica is freed and the connection closed")
    func halfClosed() async throws {
        let upstream = try Upstream { call in
            try call.readBody()
            if call.seen.target == "/x" { try call.untilGone() }
            try call.answer(200, "whole")
        }
        try await Lab.run { lab in
            try await lab.simple(upstream)
            let client = try await lab.connect()
            try await client.send("POST /v1/endpoints/chat/x HTTP/1.1\r\nHost: h\r\nContent-Length: 2\r\n\r\nhi")
            try await eventually("the request is there") { upstream.seen.count == 1 }
            client.finishSending()
            #expect(await client.isEnded())
            try await eventually("the replica is free") { upstream.gone == 1 }
            // After its answer a half-closed connection ends in order.
            let second = try await lab.connect()
            try await second.send("GET /v1/endpoints/chat/y HTTP/1.1\r\nHost: h\r\n\r\n")
            #expect(try await second.answer().text == "whole")
            second.finishSending()
            #expect(await second.isEnded())
        }
    }

    @Test("HTTP/1.0 clients get no chunks and a closed connection, unless they ask to keep it")
    func oldVersion() async throws {
        let upstream = try Upstream { call in
            try call.readBody()
            if call.seen.target == "/chunks" {
                try call.send("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n3\r\ndef\r\n0\r\n\r\n")
            } else {
                try call.answer(200, "plain")
            }
        }
        try await Lab.run { lab in
            try await lab.simple(upstream)
            let chunks = try await lab.connect()
            try await chunks.send("GET /v1/endpoints/chat/chunks HTTP/1.0\r\n\r\n")
            let answer = try await chunks.answer()
            #expect(answer["transfer-encoding"] == nil)
            #expect(answer.text == "abcdef")
            #expect(await chunks.isEnded())

            let plain = try await lab.connect()
            try await plain.send("GET /v1/endpoints/chat/x HTTP/1.0\r\nHost: h\r\n\r\n")
            #expect(try await plain.answer().text == "plain")
            #expect(await plain.isEnded())
        }
    }

    @Test("an answer that ends with the connection ends so for the client too")
    func untilClose() async throws {
        let upstream = try Upstream { call in
            try call.readBody()
            try call.send("HTTP/1.1 200 OK\r\n\r\n" + String(repeating: "q", count: 70_000))
            try call.hangUp()
        }
        try await Lab.run { lab in
            try await lab.simple(upstream)
            let answer = try await lab.get()
            #expect(answer.status == 200 && answer.body == [UInt8](repeating: 0x71, count: 70_000))
        }
    }

    @Test("Connection: close is kept")
    func close() async throws {
        let upstream = try Upstream.saying("x")
        try await Lab.run { lab in
            try await lab.simple(upstream)
            let client = try await lab.connect()
            try await client.send("GET /v1/endpoints/chat/x HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n")
            let answer = try await client.answer()
            #expect(answer["connection"]?.lowercased() == "close")
            #expect(await client.isEnded())
            // Hop by hop: the upstream's connection is not the client's.
            #expect(upstream.seen[0]["connection"]?.lowercased() != "close")
        }
    }

    @Test("a replica's base path comes before every path")
    func basePath() async throws {
        let upstream = try Upstream.saying("x")
        try await Lab.run { lab in
            await lab.gateway.setReplicas([.init(slot: 0, host: "127.0.0.1", port: upstream.port, basePath: "/llm")], of: Lab.stable)
            try await lab.route()
            #expect(try await lab.get("/v1/endpoints/chat/a/b?c").status == 200)
            #expect(upstream.seen[0].target == "/llm/a/b?c")
        }
    }
}
