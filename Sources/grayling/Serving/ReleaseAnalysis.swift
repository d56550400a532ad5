import API
import ArgumentParser
import Client
import Core
import Foundation

struct ReleaseAnalysis: AsyncParsableCommand, ReportsFailure {
    static let configuration = CommandConfiguration(
        commandName: "analysis", abstract: "Show the evidence of each metric and how far it is from deciding.",
        discussion: """
            Evidence is an e-value, shown as its logarithm to base 10 with the limit where the test decides. 'harm' rolls back, \
            'safety' lets a release be promoted, 'gate' lets the weight rise, 'guard' stops at once, 'srm' finds that the \
            split of the traffic is not what it was meant to be. No data is never success.

              grayling release analysis chat
            """)

    @OptionGroup var release: ReleaseArgument
    @OptionGroup var connection: ServerOptions
    var output: OutputOptions { connection.output }

    func run() async throws {
        let session = try connection.session()
        let found = try await release.find(session)
        let answer = try await session.bytes(.showAnalysis, [found.id])
        if output.json { return Terminal.json(answer) }
        let analysis = try JSON.decode(AnalysisInfo.self, from: Data(answer))
        Terminal.line("\(found.id): \(ReleaseText.phase(found))")
        guard !analysis.metrics.isEmpty else { return Terminal.line("  nothing was measured yet") }
        for metric in analysis.metrics {
            for line in EvidenceText.lines(metric, width: 24) { Terminal.line("  " + line) }
        }
    }
}
