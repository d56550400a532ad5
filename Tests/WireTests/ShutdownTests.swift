import NIOCore
import TestKit
import Testing
import Wire

@Suite("Shutting down")
struct ShutdownTests {
    @Test("an answer in progress is finished, on either road", arguments: ["/file/60000000h", "/road/60000000h", "/slow/x"])
    func finishes(_ path: String) async throws {
        try await TestServer.run { server in
            let idle = try await server.connect()
            try await idle.send("GET /file/5 HTTP/1.1\r\nHost: x\r\n\r\n")
            _ = try await idle.answer()
            let probe = try await server.connect(receiveBuffer: 65536)
            try await probe.send("GET \(path) HTTP/1.1\r\nHost: x\r\n\r\n")
            if path == "/slow/x" {
                try await eventually("the request begins") { server.metrics.inFlight.value == 1 }
                await server.shutDown()
                #expect(try await probe.answer().text == "x")
            } else {
                let (status, _) = try await probe.head()
                #expect(status == 200)
                _ = try await probe.take(1000)
                await server.shutDown()
                // Nothing more than this connection is waited for.
                #expect(try await idle.receiveToEnd().isEmpty)
                #expect(try await probe.take(59_999_000).count == 59_999_000)
            }
            #expect(try await probe.receiveToEnd().isEmpty)
            await #expect(throws: HTTPProbe.Failure.self) {
                let late = try await server.connect()
                try await late.send("GET /file/5 HTTP/1.1\r\nHost: x\r\n\r\n")
                _ = try await late.answer()
            }
        }
    }

    @Test("what is on its way out comes before the end, however slowly it is taken", arguments: [true, false])
    func flushes(_ byShutdown: Bool) async throws {
        try await TestServer.run { server in
            let probe = try await server.connect(receiveBuffer: 65536)
            try await probe.send("GET /bulk HTTP/1.1\r\nHost: x\r\n\(byShutdown ? "" : "Connection: close\r\n")\r\n")
            _ = try await probe.head()
            if byShutdown { await server.shutDown() } else { probe.finishSending() }
            // By now the server is done with it, or held back by flow control: both must end well.
            try await Task.sleep(for: .milliseconds(300))
            #expect(try await probe.take(20_000_000).count == 20_000_000)
            #expect(try await probe.receiveToEnd().isEmpty)
        }
    }
}
