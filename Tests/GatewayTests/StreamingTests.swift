import Core
import Gateway
import Glibc
import Testing

@Suite("streams")
struct StreamingTests {
    @Test("each event reaches the client before the next is sent, in order")
    func flush() async throws {
        let next = Gate()
        let upstream = try Upstream { call in
            try call.readBody()
            try call.send("HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n")
            for number in 0..<200 {
                let event = "data: {\"n\":\(number)}\n\n"
                try call.send("\(String(event.utf8.count, radix: 16))\r\n\(event)\r\n")
                next.pass()
            }
            try call.send("0\r\n\r\n")
        }
        try await Lab.run { lab in
            try await lab.simple(upstream) { $0.wire = .openai }
            let client = try await lab.connect()
            try await client.send(Lab.posting("/v1/chat/completions", #"{"model":"chat","stream":true}"#))
            let head = try await client.head()
            #expect(head.status == 200 && head["content-type"] == "text/event-stream")
            #expect(head["content-length"] == nil && head["content-encoding"] == nil)
            for number in 0..<200 {
                // Would never come if the gateway waited for more.
                let size = Int(try await client.until("\r\n"), radix: 16) ?? 0
                let event = String(decoding: try await client.exactly(size), as: UTF8.self)
                #expect(event == "data: {\"n\":\(number)}\n\n")
                _ = try await client.exactly(2)
                next.open()
            }
            #expect(try await client.until("\r\n") == "0")
        }
    }

    @Test("the head alone comes through before there is a body")
    func headFirst() async throws {
        let next = Gate()
        let upstream = try Upstream { call in
            try call.readBody()
            try call.send("HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n")
            next.pass()
            try call.send("2\r\nhi\r\n0\r\n\r\n")
        }
        try await Lab.run { lab in
            try await lab.simple(upstream)
            let client = try await lab.connect()
            try await client.send("GET /v1/endpoints/chat/x HTTP/1.1\r\nHost: h\r\n\r\n")
            var head = try await client.head()
            next.open()
            try await client.readBody(of: &head)
            #expect(head.text == "hi")
        }
    }

    @Test("a request's body reaches the replica before it is complete")
    func requestStreams() async throws {
        let half = Gate()
        let upstream = try Upstream { call in
            let first = try call.exactly(5)
            half.open()
            let second = try call.exactly(5)
            try call.send("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n")
            try call.send(first + second)
            try call.hangUp()
        }
        try await Lab.run { lab in
            try await lab.simple(upstream)
            let client = try await lab.connect()
            try await client.send("POST /v1/endpoints/chat/x HTTP/1.1\r\nHost: h\r\nContent-Length: 10\r\n\r\nhello")
            await Task.detached { half.pass() }.value
            try await client.send("world")
            #expect(try await client.answer(to: "POST").text == "helloworld")
        }
    }

    @Test("a client that leaves frees the replica", arguments: ["before the answer", "in the stream", "in its own body", "by reset"])
    func disconnect(_ moment: String) async throws {
        let upstream = try Upstream { call in
            if moment != "in its own body" { try call.readBody() }
            if moment == "in the stream" || moment == "by reset" {
                try call.send("HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nhi\r\n")
            }
            try call.untilGone()
        }
        try await Lab.run { lab in
            try await lab.simple(upstream)
            let client = try await lab.connect()
            let length = moment == "in its own body" ? 100 : 2
            try await client.send("POST /v1/endpoints/chat/x HTTP/1.1\r\nHost: h\r\nContent-Length: \(length)\r\n\r\n{}")
            try await eventually("the request is there") { upstream.seen.count == 1 }
            if moment == "in the stream" || moment == "by reset" { _ = try await client.until("hi\r\n") }
            #expect(lab.gateway.inFlight(of: Lab.stable) == 1)
            if moment == "by reset" { client.abort() } else { client.close() }
            try await eventually("the replica is free") { upstream.gone == 1 && lab.gateway.inFlight(of: Lab.stable) == 0 }
        }
    }

    @Test("a stalled client stops the flow from a fast replica")
    func stalledClient() async throws {
        let sent = Shared(0)
        let upstream = try Upstream { call in
            try call.readBody()
            try call.send("HTTP/1.1 200 OK\r\nContent-Length: 268435456\r\n\r\n")
            let block = [UInt8](repeating: 0x61, count: 1 << 16)
            for _ in 0..<4096 {
                try call.send(block)
                sent.withLock { $0 += block.count }
            }
        }
        try await Lab.run { lab in
            try await lab.simple(upstream)
            let client = try await lab.connect(receiveBuffer: 1 << 16)
            try await client.send("GET /v1/endpoints/chat/x HTTP/1.1\r\nHost: h\r\n\r\n")
            _ = try await client.head()
            // Until nothing moves any more.
            var before = -1
            for _ in 0..<200 {
                try await Task.sleep(for: .milliseconds(100))
                let now = sent.value
                if now == before { break }
                before = now
            }
            // Both kernels' socket buffers, each up to some MiB on the loopback, and what the gateway holds.
            #expect(before < 32 << 20, "\(before) bytes were taken from the replica for a client that reads nothing")
            var rest = 268_435_456
            while rest > 0 {
                let part = try await client.receive(upTo: min(rest, 1 << 20))
                if part.isEmpty { break }
                #expect(part.allSatisfy { $0 == 0x61 })
                rest -= part.count
            }
            #expect(rest == 0)
        }
    }

    @Test("a stalled replica stops the flow from a fast client")
    func stalledReplica() async throws {
        let go = Gate()
        let upstream = try Upstream { call in
            go.pass()
            let body = try call.readBody()
            try call.answer(200, "\(body.count)")
        }
        try await Lab.run { lab in
            try await lab.simple(upstream)
            let client = try await lab.connect()
            let size = 64 << 20
            try await client.send("POST /v1/endpoints/chat/x HTTP/1.1\r\nHost: h\r\nContent-Length: \(size)\r\n\r\n")
            let sent = Shared(0)
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask {
                    let block = [UInt8](repeating: 0x62, count: 1 << 16)
                    for _ in 0..<size / block.count {
                        try await client.send(block)
                        sent.withLock { $0 += block.count }
                    }
                }
                var before = -1
                for _ in 0..<200 {
                    try await Task.sleep(for: .milliseconds(100))
                    let now = sent.value
                    if now == before { break }
                    before = now
                }
                #expect(before < 32 << 20, "\(before) bytes were taken from the client for a replica that reads nothing")
                go.open()
                try await group.waitForAll()
            }
            #expect(try await client.answer(to: "POST").text == "\(size)")
        }
    }

    @Test("a slow reader gets everything", arguments: [1, 2])
    func slowReader(_ seed: UInt64) async throws {
        var chance = Chance(seed)
        let body = chance.bytes(3 << 20)
        let upstream = try Upstream { call in
            try call.readBody()
            try call.send("HTTP/1.1 200 OK\r\nContent-Length: \(body.count)\r\n\r\n")
            try call.send(body)
        }
        try await Lab.run { lab in
            try await lab.simple(upstream)
            let client = try await lab.connect(receiveBuffer: 4096)
            try await client.send("GET /v1/endpoints/chat/x HTTP/1.1\r\nHost: h\r\n\r\n")
            _ = try await client.head()
            var got: [UInt8] = []
            var chance = Chance(seed + 9)
            while got.count < body.count {
                let part = try await client.receive(upTo: min(body.count - got.count, chance.number(1...60_000)))
                if part.isEmpty { break }
                got += part
                if chance.number(0...9) == 0 { try await Task.sleep(for: .milliseconds(2)) }
            }
            #expect(got == body)
        }
    }

    @Test("a client that stalls for too long is cut, and its replica freed")
    func idleWrite() async throws {
        let upstream = try Upstream { call in
            try call.readBody()
            try call.send("HTTP/1.1 200 OK\r\nContent-Length: 268435456\r\n\r\n")
            for _ in 0..<4096 { try call.send([UInt8](repeating: 0x61, count: 1 << 16)) }
        }
        try await Lab.run { lab in
            try await lab.simple(upstream) { $0.limits.idleTimeout = 300 }
            let client = try await lab.connect(receiveBuffer: 1 << 16)
            try await client.send("GET /v1/endpoints/chat/x HTTP/1.1\r\nHost: h\r\n\r\n")
            try await eventually("it is given up") {
                upstream.seen.count == 1 && upstream.openConnections == 0 && lab.gateway.inFlight(of: Lab.stable) == 0
            }
            client.close()
        }
    }

    @Test(
        "a stream that the replica breaks off is broken off for the client, never ended as if it were whole",
        arguments: ["reset", "closed", "cut chunk"])
    func brokenStream(_ how: String) async throws {
        let upstream = try Upstream { call in
            try call.readBody()
            try call.send("HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n9\r\ndata: 1\n\n\r\n")
            usleep(20_000)
            if how == "cut chunk" { try call.send("20\r\ndata:") }
            if how == "reset" { try call.reset() } else { try call.hangUp() }
        }
        try await Lab.run { lab in
            try await lab.simple(upstream)
            let client = try await lab.connect()
            try await client.send("GET /v1/endpoints/chat/x HTTP/1.1\r\nHost: h\r\n\r\n")
            let text = String(decoding: try await client.receiveToEnd(), as: UTF8.self)
            #expect(text.contains("data: 1"))
            // Between two events there is room for a last word.
            if how == "closed" { #expect(text.contains("event: error\n")) }
            if how == "cut chunk" { #expect(!text.contains("event: error")) }
            #expect(!text.hasSuffix("\r\n0\r\n\r\n"))
        }
    }

    @Test("many streams at once keep apart")
    func manyStreams() async throws {
        let upstream = try Upstream { call in
            let body = try call.readBody()
            let name = String(decoding: body, as: UTF8.self)
            try call.send("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
            for number in 0..<20 {
                let event = "\(name) \(number)\n"
                try call.send("\(String(event.utf8.count, radix: 16))\r\n\(event)\r\n")
                usleep(1000)
            }
            try call.send("0\r\n\r\n")
        }
        try await Lab.run { lab in
            try await lab.simple(upstream) { $0.limits.maxInFlightPerReplica = 100 }
            try await withThrowingTaskGroup(of: Bool.self) { group in
                for number in 0..<40 {
                    group.addTask {
                        let answer = try await lab.post("/v1/endpoints/chat/x", "stream \(number)")
                        return answer.text == (0..<20).map { "stream \(number) \($0)\n" }.joined()
                    }
                }
                for try await isRight in group { #expect(isRight) }
            }
        }
    }
}
