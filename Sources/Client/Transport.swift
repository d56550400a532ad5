import Core
import Foundation
import Synchronization

/// Sends requests over a crew of threads and tries again where that can help.
final class Transport: Sendable {
    let server: ServerAddress
    let crew: Crew
    private let retry: Retry
    private let hasAnswered = Atomic<Bool>(false)
    /// Redirects of one call that are followed.
    private static let longestDetour = 5

    init(server: ServerAddress, lanes: Int, retry: Retry) {
        self.server = server
        self.retry = retry
        crew = Crew(count: lanes, name: "transfer")
    }

    /// The answer, whatever its status. `prepare` may change the request before each try: a
    /// download goes on where it was cut.
    func send(
        _ request: Request, into sink: (any BodySink)? = nil, limit: Int = 64 << 20,
        prepare: @Sendable (inout Request) throws -> Void = { _ in }
    ) async throws -> Response {
        var number = 0
        while true {
            number += 1
            try Task.checkCancellation()
            var current = request
            try prepare(&current)
            let wait: Double
            do {
                let response = try await follow(current, into: sink, limit: limit)
                hasAnswered.store(true, ordering: .relaxed)
                guard let pause = pause(number, .answered(response.head), request) else { return response }
                wait = pause
            } catch let failure as TransportFailure {
                guard let pause = pause(number, .failed(failure), request) else { throw sentence(failure, tries: number) }
                wait = pause
            }
            try await Task.sleep(for: .seconds(wait))
        }
    }

    private func pause(_ number: Int, _ outcome: Retry.Outcome, _ request: Request) -> Double? {
        retry.pause(
            after: number, outcome, isRepeatable: request.isRepeatable, hasEverAnswered: hasAnswered.load(ordering: .relaxed),
            chance: Double.random(in: 0..<1))
    }

    private func follow(_ request: Request, into sink: (any BodySink)?, limit: Int) async throws -> Response {
        var request = request
        for _ in 0...Self.longestDetour {
            let response = try await once(request, into: sink, limit: limit)
            let keepsMethod = response.head.status == 307 || response.head.status == 308
            guard keepsMethod || ([301, 302, 303].contains(response.head.status) && ["GET", "HEAD"].contains(request.method)),
                let location = response.head.headers["location"]
            else { return response }
            guard let target = server.follow(location, from: request.url) else {
                throw HubError(
                    .unavailable,
                    "\(server) sends this call to another server (\(FilePath.printable(location))); if you trust it, name it with --server")
            }
            request.url = target
        }
        throw HubError(.unavailable, "\(server) sent this call round in a circle of redirects; check the address given with --server")
    }

    private func once(_ request: Request, into sink: (any BodySink)?, limit: Int) async throws -> Response {
        let flag = CancelFlag()
        return try await withTaskCancellationHandler {
            try await crew.run { seat in
                guard !flag.isSet else { throw TransportFailure.cancelled }
                return try seat.handle().perform(request, sink: sink, limit: limit) { flag.isSet }
            }
        } onCancel: {
            flag.set()
        }
    }

    private func sentence(_ failure: TransportFailure, tries: Int) -> any Error {
        let after = tries > 1 ? " after \(tries) tries" : ""
        switch failure {
        case .unreachable(let reason):
            return HubError(
                .unavailable,
                "cannot reach \(server)\(after) (\(reason)): is the server running? start it with 'grayling serve', or name another with --server or GRAYLING_URL"
            )
        case .cut(let reason):
            return HubError(
                .unavailable, "the connection to \(server) was lost\(after) (\(reason)); run the command again, it goes on where it stopped")
        case .refused(let reason):
            return HubError(.unavailable, "\(server) cannot be talked to safely (\(reason)); check the address and its certificate")
        case .cancelled: return CancellationError()
        }
    }
}

private final class CancelFlag: Sendable {
    private let flag = Atomic<Bool>(false)
    var isSet: Bool { flag.load(ordering: .relaxed) }
    func set() { flag.store(true, ordering: .relaxed) }
}
