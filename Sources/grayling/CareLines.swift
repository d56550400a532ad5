import API
import Client
import Core
import Foundation
import Synchronization

/// Follows a call that answers in lines: progress, then its report.
enum CareLines {
    /// With --json the lines are passed on as they come.
    static func follow<Report: Decodable & Sendable>(
        _ session: Session, _ endpoint: Endpoint, body: some Encodable, _ output: OutputOptions
    ) async throws -> Report {
        let meter = ProgressMeter()
        let found = Found<Report>()
        try await ProgressLine.watching(meter, output) {
            try await session.lines(endpoint, body: body) { line in
                if output.json { Terminal.json(line) }
                let data = Data(line)
                if let report = try? JSON.decode(Report.self, from: data) {
                    found.report.withLock { $0 = report }
                } else if let step = try? JSON.decode(CareProgress.self, from: data) {
                    let before = meter.reading
                    if before.total != step.total || before.stage != .checking { meter.begin(.checking, total: step.total) }
                    meter.add(step.done - meter.reading.done)
                } else if let problem = try? JSON.decode(Problem.self, from: data) {
                    throw HubError(HubError.Code(rawValue: problem.code) ?? .internalError, problem.detail, details: problem.details ?? [:])
                }
            }
        }
        guard let report = found.report.withLock({ $0 }) else {
            throw HubError(.unavailable, "\(session.server) stopped before it reported; look into its log, and run the command again")
        }
        return report
    }

    private final class Found<Report: Sendable>: Sendable {
        let report = Mutex<Report?>(nil)
    }
}
