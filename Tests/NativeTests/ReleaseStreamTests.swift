import API
import Core
import Foundation
import Hub
import Release
import TestKit
import Testing

@Suite("the stream of a release's events")
struct ReleaseStreamTests {
    private static let manifest = """
        apiVersion: serving/v1
        kind: Endpoint
        metadata: {name: chat}
        spec:
          model: {name: ada/whale, version: "1.0"}
          runtime: {urls: ["http://127.0.0.1:9000"]}
        """

    /// A server with a release that waits, and its events read as they come.
    private func submit(_ server: NativeServer) async throws {
        let ada = try await server.test.user("ada")
        try await server.test.publish(["w": "weights"], to: "ada/whale", version: "1.0", by: ada)
        let plan = try await server.ask("POST", "/hub/v1/plans", as: TestHub.adminSecret, body: Self.manifest)
        let hash = try JSON.decode(PlanInfo.self, from: Data(plan.body)).hash
        let made = try await server.ask("POST", "/hub/v1/releases", as: TestHub.adminSecret, body: #"{"planHash": "\#(hash)"}"#)
        #expect(made.status == 201, "\(made.text)")
    }

    private func open(_ server: NativeServer, lastEvent: Int? = nil) async throws -> HTTPProbe {
        let probe = try await HTTPProbe.connect(port: server.port)
        let last = lastEvent.map { "Last-Event-ID: \($0)\r\n" } ?? ""
        try await probe.send(
            "GET /hub/v1/releases/chat-1/events HTTP/1.1\r\nHost: x\r\nAccept: text/event-stream\r\n\(last)Connection: close\r\n\r\n")
        return probe
    }

    /// What was received once `part` is in it.
    private func read(_ probe: HTTPProbe, until part: String) async throws -> String {
        var bytes: [UInt8] = []
        while true {
            let more = try await probe.receive()
            bytes += more
            let text = String(decoding: bytes, as: UTF8.self)
            if text.contains(part) { return text }
            guard !more.isEmpty else {
                Issue.record("the stream ended without '\(part)': \(text)")
                return text
            }
        }
    }

    @Test("an event is out while the release goes on, and the stream ends with the release")
    func streams() async throws {
        try await NativeServer.run { (server) async throws in
            try await submit(server)
            let probe = try await open(server)
            let first = try await read(probe, until: "id: 1\n")
            #expect(first.contains("Content-Type: text/event-stream") && first.contains("event: submitted\n"))
            #expect(!first.contains("\"succeeded\""), "nothing happened yet")
            try await PretendController(hub: server.test.hub).perform("tick chat-1")
            let rest = String(decoding: try await probe.receiveToEnd(), as: UTF8.self)
            let ids = rest.split(whereSeparator: \.isNewline).filter { $0.hasPrefix("id: ") }.compactMap { Int($0.dropFirst(4)) }
            #expect(!ids.isEmpty && ids == Array(2...(1 + ids.count)), "\(ids)")
            #expect(rest.contains(#""phase":"succeeded""#))
        }
    }

    @Test("who lost the connection goes on behind the last event seen")
    func resumes() async throws {
        try await NativeServer.run { (server) async throws in
            try await submit(server)
            try await PretendController(hub: server.test.hub).perform("tick chat-1")
            let all = String(decoding: try await open(server).receiveToEnd(), as: UTF8.self)
            let last = all.split(whereSeparator: \.isNewline).count { $0.hasPrefix("id: ") }
            let rest = String(decoding: try await open(server, lastEvent: last - 1).receiveToEnd(), as: UTF8.self)
            #expect(rest.split(whereSeparator: \.isNewline).filter { $0.hasPrefix("id: ") } == ["id: \(last)"])
        }
    }

    @Test("a release that is not there is refused before the stream begins")
    func refused() async throws {
        try await NativeServer.run { (server) async throws in
            let answer = try await server.ask("GET", "/hub/v1/releases/chat-1/events", headers: [("Accept", "text/event-stream")])
            #expect(answer.status == 404 && answer["Content-Type"] == "application/problem+json")
            try await submit(server)
            let wrong = try await server.ask(
                "GET", "/hub/v1/releases/chat-1/events", headers: [("Accept", "text/event-stream"), ("Last-Event-ID", "last")])
            #expect(wrong.status == 400)
        }
    }
}
