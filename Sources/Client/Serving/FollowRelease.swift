package import API
package import Core
import Foundation

extension Session {
    /// Hands on every event of a release behind number `after` as it happens, until the release has
    /// ended. A lost connection is made again where it was lost.
    package func follow(_ id: ReleaseID, after: Int64 = 0, _ onEvent: @escaping @Sendable (ReleaseEventInfo) throws -> Void) async throws {
        let place = EventPlace(after)
        while true {
            var request = request(
                .listReleaseEvents, [id.description], headers: [("Accept", "text/event-stream"), ("Last-Event-ID", "\(place.sequence)")])
            // The server says something every quarter of a minute.
            request.stallSeconds = 120
            // What was handed on already is not to come again: the loop below knows where to go on.
            request.isRepeatable = false
            let sink = LineSink { line in
                // The event stream format of the HTML standard, section 9.2.
                let field = Array("data: ".utf8)
                guard line.starts(with: field) else { return }
                let event: ReleaseEventInfo
                do {
                    event = try JSON.decode(from: Data(line.dropFirst(field.count)))
                } catch {
                    throw HubError(.internalError, "the server sent an event that this grayling does not know; update it (\(error))")
                }
                guard event.sequence > place.sequence else { return }
                place.sequence = event.sequence
                try onEvent(event)
            }
            var wasCut = false
            do {
                try await answer(request, into: sink)
                try sink.finish()
            } catch let error as HubError where error.code == .unavailable {
                wasCut = true
            }
            // A server that restarts is back in a moment; one that is gone is reported by this call.
            if try await release(id).isTerminal, !wasCut { return }
            try await Task.sleep(for: .milliseconds(500))
        }
    }
}

/// The last event that was handed on. Unchecked: one transfer at a time, and its owner in between.
private final class EventPlace: @unchecked Sendable {
    var sequence: Int64
    init(_ sequence: Int64) { self.sequence = sequence }
}
