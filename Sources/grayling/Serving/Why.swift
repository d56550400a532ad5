import API
import ArgumentParser
import Client
import Core
import Foundation

struct Why: AsyncParsableCommand, ReportsFailure {
    static let configuration = CommandConfiguration(
        abstract: "Tell which version served at a time, and why.",
        discussion: """
            The version and its share of the traffic; the release that brought it in; what that was decided by, with the numbers; \
            who approved it; who published it, and what it was made from. All of it is read from what was stored when it happened.

              grayling why chat
              grayling why chat --at 2026-05-03T09:30:00Z
              grayling why chat --at 2026-05-03 --json
            """)

    @Argument(help: "The endpoint.")
    var endpoint: String

    @Option(name: .long, help: ArgumentHelp("When: RFC 3339, or a date for its beginning (UTC); default now.", valueName: "time"))
    var at: String?

    @OptionGroup var connection: ServerOptions
    var output: OutputOptions { connection.output }

    func run() async throws {
        let name = try EndpointName(parsing: endpoint).text
        let query = try at.map { [("at", try Moment.parse($0).description)] } ?? []
        let answer = try await connection.session().bytes(.showWhy, [name], query: query)
        if output.json { return Terminal.json(answer) }
        for line in WhyStory(try JSON.decode(WhyInfo.self, from: Data(answer))).lines { Terminal.line(line) }
    }
}

/// The answer told in sentences.
struct WhyStory {
    let why: WhyInfo

    init(_ why: WhyInfo) { self.why = why }

    var lines: [String] {
        let when = "at \(why.at.prefix(19))Z"
        guard let route = why.route, !why.served.isEmpty else { return ["\(why.endpoint) served nothing \(when)."] }
        var lines = ["\(why.endpoint) \(when), by route \(route.generation) of \(route.at.prefix(19))Z:"]
        for served in why.served { lines += tell(served) }
        if let release = why.underWay {
            lines.append("  Under way then: \(release.id), \(ReleaseText.phase(release)), to \(PlanText.label(release.to)).")
        }
        return lines
    }

    private func tell(_ served: WhyServedInfo) -> [String] {
        var lines = [
            "  \(Units.percent(served.weight)) went to \(PlanText.label(served.backend)) (\(served.variant), commit \(served.backend.commit.prefix(12)), manifest \(served.backend.manifest))."
        ]
        if let since = served.since { lines += tell(since, served) } else { lines.append("    Which release brought it in is not recorded.") }
        if let published = served.published {
            let message = published.message.split(separator: "\n").first.map { ": \($0)" } ?? ""
            lines.append("    Published by \(published.author) at \(published.at.prefix(19))Z\(message)")
        } else {
            lines.append("    The revision itself is no longer here.")
        }
        for edge in served.lineage {
            let parent = "\(edge.parent.repo)@\(edge.parent.version ?? String(edge.parent.commit.prefix(12)))"
            lines.append(
                "    \(String(repeating: "  ", count: max(0, edge.depth - 1)))It is a \(edge.kind) of \(parent)\(edge.parent.kind == "dataset" ? " (dataset)" : "")."
            )
        }
        return lines
    }

    private func tell(_ release: ReleaseInfo, _ served: WhyServedInfo) -> [String] {
        let ended = release.ended.map { ", ended \($0.prefix(19))Z" } ?? ""
        var lines = [
            "    Brought in by \(release.id) (\(release.kind), \(release.strategy)), submitted by \(release.submittedBy) at \(release.created.prefix(19))Z\(ended): \(ReleaseText.phase(release)).",
            "    It carried out the lock \(release.lock)."
        ]
        if !release.reason.isEmpty { lines.append("    Its reason: \(release.reason)") }
        if served.decisions.isEmpty, release.from == nil { lines.append("    It was the first: there was nothing to compare it with.") }
        // As it happened: what was decided, and who agreed.
        var story = served.decisions.map { decision in
            let reason = decision.reason.isEmpty ? "" : " \(decision.reason)"
            return (at: decision.at, line: "    Decided at \(decision.at.prefix(19))Z by rule \(decision.rule): \(decision.verdict).\(reason)")
        }
        story += served.approvals.map { approval in
            (
                at: approval.at ?? "",
                line: "    \(approval.at.map { "At \($0.prefix(19))Z " } ?? "")\(ReleaseText.approved(approval))."
            )
        }
        lines += story.sorted { $0.at < $1.at }.map(\.line)
        return lines
    }
}
