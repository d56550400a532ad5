import Core
import Glibc
import NIOCore
import TestKit
import Testing
import Wire

@Suite("Peers that leave, dawdle or lie")
struct PeerTests {
    @Test("a client that leaves in the middle lets go of the file", arguments: ["file", "road"])
    func leaves(_ road: String) async throws {
        try await TestServer.run { server in
            for abrupt in [true, false] {
                let probe = try await server.connect(receiveBuffer: 65536)
                try await probe.send("GET /\(road)/200000000h HTTP/1.1\r\nHost: x\r\n\r\n")
                #expect(try await probe.take(1_000_000).count == 1_000_000)
                #expect(server.folder.openCount == 1)
                if abrupt { probe.abort() } else { probe.close() }
                try await eventually("the file is closed") { server.folder.openCount == 0 }
            }
            try await eventually("no request is left") { server.metrics.inFlight.value == 0 && server.metrics.connections.value == 0 }
        }
    }

    @Test("a slow reader keeps nobody waiting, nor do greedy ones")
    func slow() async throws {
        try await TestServer.run { server in
            let slow = try await server.connect(receiveBuffer: 4096)
            try await slow.send("GET /file/200000000h HTTP/1.1\r\nHost: x\r\n\r\n")
            _ = try await slow.take(100)
            let greedy = try await server.connect()
            try await greedy.send("GET /file/400000000h HTTP/1.1\r\nHost: x\r\n\r\n")
            let draining = Task { try await greedy.answer().body.count }
            let quick = try await server.connect()
            for _ in 0..<200 {
                try await quick.send("GET /file/4096 HTTP/1.1\r\nHost: x\r\n\r\n")
                #expect(try await quick.answer().body.count == 4096)
            }
            // The greedy one needs hundreds of slices; had the loop served it alone, all the
            // quick answers would have come after it.
            #expect(try await draining.value == 400_000_000)
            slow.abort()
        }
    }

    @Test("a file shorter than its blob ends the connection and is never padded", arguments: [100, 3_000_000])
    func short(_ size: Int) async throws {
        try await TestServer.run { server in
            let probe = try await server.connect()
            try await probe.send("GET /file/\(size)-short HTTP/1.1\r\nHost: x\r\n\r\n")
            let all = try await probe.receiveToEnd()
            #expect(all.count < size * 2)
            try await eventually("the file is closed") { server.folder.openCount == 0 }
            #expect(server.log.lines.contains { $0.hasPrefix("error an answer was broken off") })
            #expect(try await HTTPProbe.ask(port: server.port, "/file/5").body.count == 5)
        }
    }

    @Test("a connection without a whole head is closed in time, also one that drips")
    func idle() async throws {
        try await TestServer.run(adjust: { $0.idle = .milliseconds(1500) }) { server in
            let silent = try await server.connect()
            let kept = try await server.connect()
            try await kept.send("GET /file/5 HTTP/1.1\r\nHost: x\r\n\r\n")
            #expect(try await kept.answer().status == 200)
            #expect(try await silent.receiveToEnd().isEmpty)
            #expect(try await kept.receiveToEnd().isEmpty)
            let drip = try await server.connect()
            await #expect(throws: HTTPProbe.Failure.self) {
                for _ in 0..<1000 {
                    try await drip.send("G")
                    try await Task.sleep(for: .milliseconds(20))
                }
            }
        }
    }

    @Test("a reader that takes nothing for too long is closed; a steady one is not", arguments: ["file", "road"])
    func stalled(_ road: String) async throws {
        try await TestServer.run(adjust: { $0.stall = .seconds(15) }) { server in
            let steady = try await server.connect()
            try await steady.send("GET /\(road)/60000000h HTTP/1.1\r\nHost: x\r\n\r\n")
            let reading = Task {
                _ = try await steady.head()
                var count = 0
                while count < 60_000_000 {
                    count += try await steady.take(6_000_000).count
                    try await Task.sleep(for: .milliseconds(100))
                }
                return count
            }
            let probe = try await server.connect(receiveBuffer: 4096)
            try await probe.send("GET /\(road)/200000001h HTTP/1.1\r\nHost: x\r\n\r\n")
            _ = try await probe.take(100)
            #expect(try await reading.value == 60_000_000)
            try await eventually("the stalled one is let go") { server.folder.openCount == 0 }
        }
    }

    @Test("an upload that stops coming is broken off")
    func stalledUpload() async throws {
        try await TestServer.run(adjust: { $0.stall = .milliseconds(200) }) { server in
            let probe = try await server.connect()
            try await probe.send("PUT /upload HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n\r\nhalf")
            let outcome = try await server.uploads.first()
            #expect(throws: HubError.self) { try outcome.get() }
        }
    }

    @Test("a client that has closed its side still gets its answers")
    func halfClosed() async throws {
        try await TestServer.run { server in
            let probe = try await server.connect()
            try await probe.send(
                "GET /slow/a HTTP/1.1\r\nHost: x\r\n\r\nGET /file/300000 HTTP/1.1\r\nHost: x\r\n\r\nGET /echo/c HTTP/1.1\r\nHost: x\r\n\r\n")
            probe.finishSending()
            #expect(try await probe.answer().text == "a")
            #expect(try await probe.answer().body.count == 300_000)
            #expect(try await probe.answer().text == "c")
            #expect(try await probe.receiveToEnd().isEmpty)
        }
    }
}
