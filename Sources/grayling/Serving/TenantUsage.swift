import API
import ArgumentParser
import Client
import Core
import Foundation

struct TenantUsage: AsyncParsableCommand, ReportsFailure {
    static let configuration = CommandConfiguration(
        commandName: "usage", abstract: "Show what a customer used, hour by hour.",
        discussion: """
            Requests, tokens, the time that replicas worked and the bytes sent, by endpoint and version. The ledger of pay per use; \
            --json gives every row, the table ends with the sum.

              grayling tenant usage shop
              grayling tenant usage shop --from 2026-05-01 --until 2026-06-01 --endpoint chat
            """)

    @Argument(help: "The tenant; 'anonymous' is who had no key.")
    var name: String

    @Option(name: .long, help: ArgumentHelp("From when: RFC 3339 or a date (default 30 days ago).", valueName: "time"))
    var from: String?

    @Option(name: .long, help: ArgumentHelp("Until when (default now).", valueName: "time"))
    var until: String?

    @Option(name: .long, help: ArgumentHelp("Only this endpoint's.", valueName: "name"))
    var endpoint: String?

    @OptionGroup var connection: ServerOptions
    var output: OutputOptions { connection.output }

    func run() async throws {
        var query: [(String, String)] = [("limit", "1000")]
        if let from { query.append(("from", try Moment.parse(from).description)) }
        if let until { query.append(("until", try Moment.parse(until).description)) }
        if let endpoint { query.append(("endpoint", try EndpointName(parsing: endpoint).text)) }
        let answer = try await connection.session().bytes(.listUsage, [name], query: query)
        if output.json { return Terminal.json(answer) }
        let rows = try JSON.decode(Page<UsageInfo>.self, from: Data(answer)).items
        Terminal.table(
            [["HOUR", "ENDPOINT", "VERSION", "REQUESTS", "FAILED", "TOKENS IN", "TOKENS OUT", "SECONDS", "SENT"]]
                + rows.map { row($0, hour: String($0.hour.prefix(13))) } + [total(rows)])
    }

    private func row(_ usage: UsageInfo, hour: String) -> [String] {
        [
            hour, usage.endpoint, usage.version, "\(usage.requests)", "\(usage.failed)", "\(usage.inputTokens)", "\(usage.outputTokens)",
            EvidenceText.decimal(Double(usage.milliseconds) / 1000), Terminal.size(usage.bytesOut)
        ]
    }

    private func total(_ rows: [UsageInfo]) -> [String] {
        var sum = UsageInfo(
            tenant: name, endpoint: "", version: "", hour: "", requests: 0, failed: 0, inputTokens: 0, outputTokens: 0, milliseconds: 0, bytesOut: 0)
        for row in rows {
            sum.requests += row.requests
            sum.failed += row.failed
            sum.inputTokens += row.inputTokens
            sum.outputTokens += row.outputTokens
            sum.milliseconds += row.milliseconds
            sum.bytesOut += row.bytesOut
        }
        return row(sum, hour: "all")
    }
}
