import API
import Core
import HTTPTypes
import Hub
import Hummingbird
import NIOCore
import Release
import Wire

/// The events of a release as they happen, as a `text/event-stream`: each with its sequence number
/// as id, so that a client that lost the connection goes on behind the last it saw. It ends when
/// the release has ended, when the server stops, and after an hour at the latest; clients that know
/// the format come back by themselves.
struct ReleaseStream: Sendable {
    private let call: Call
    private let id: ReleaseID
    private let start: Int64
    private static let pause: Duration = .milliseconds(250)
    /// Silence that a proxy on the way bears.
    private static let heartbeat: Duration = .seconds(15)
    private static let longest: Duration = .seconds(3600)
    private static let batch = 100

    /// Throws where the release is not there for them: before the head of the answer is out.
    init(_ call: Call, _ id: ReleaseID) throws {
        _ = try call.hub.release(id, for: call.who)
        self.call = call
        self.id = id
        guard let name = HTTPField.Name("Last-Event-ID"), let text = call.request.headers[name], !text.isEmpty else {
            start = try call.behind
            return
        }
        guard let number = Int64(text), number >= 0 else {
            throw HubError(.invalidRequest, "Last-Event-ID is the number of the event received last, or absent")
        }
        start = number
    }

    var response: Response {
        var headers = HTTPFields([HTTPField(name: .contentType, value: "text/event-stream")])
        headers[.cacheControl] = "no-store"
        return Response(status: .ok, headers: headers, body: ResponseBody { try await write(&$0) })
    }

    private func write(_ writer: inout any ResponseBodyWriter) async throws {
        let began = ContinuousClock.now
        var last = began
        var sequence = start
        try await writer.write(ByteBuffer(string: "retry: 1000\n\n"))
        while !call.serving.isStopping(), ContinuousClock.now - began < Self.longest {
            // Asked before the events are read, so that the last of them is not missed.
            let hasEnded = try call.hub.release(id, for: call.who).phase.isTerminal
            let events = try call.hub.releaseEvents(of: id, after: sequence, limit: Self.batch, for: call.who)
            for event in events {
                let data = String(decoding: try JSON.encode(ReleaseEventInfo(event)), as: UTF8.self)
                try await writer.write(ByteBuffer(string: "id: \(event.sequence)\nevent: \(event.event.name)\ndata: \(data)\n\n"))
                sequence = event.sequence
                last = .now
            }
            if events.count == Self.batch { continue }
            if hasEnded { break }
            if ContinuousClock.now - last > Self.heartbeat {
                try await writer.write(ByteBuffer(string: ": still here\n\n"))
                last = .now
            }
            try await Task.sleep(for: Self.pause)
        }
        try await writer.finish(nil)
    }
}
