import API
import ArgumentParser
import Client
import Core
import Foundation

struct ReleaseList: AsyncParsableCommand, ReportsFailure {
    static let configuration = CommandConfiguration(
        commandName: "list", abstract: "List releases, the newest first.",
        discussion: """
              grayling release list
              grayling release list --endpoint chat --phase paused
            """)

    @Option(name: .long, help: ArgumentHelp("Only this endpoint's.", valueName: "name"))
    var endpoint: String?

    @Option(name: .long, help: "Only those in this phase, such as progressing, paused, succeeded or rolled-back.")
    var phase: String?

    @Option(name: .shortAndLong, help: "At most so many (default 50).")
    var number: Int = 50

    @OptionGroup var connection: ServerOptions
    var output: OutputOptions { connection.output }

    func validate() throws {
        guard (1...100_000).contains(number) else { throw ValidationError("--number must be 1 to 100000") }
    }

    func run() async throws {
        var query: [(String, String)] = []
        if let endpoint { query.append(("endpoint", try EndpointName(parsing: endpoint).text)) }
        if let phase { query.append(("phase", phase)) }
        let found: [ReleaseInfo] = try await connection.session().all(.listReleases, query: query, limit: number)
        if output.json { return try Terminal.json(Page(items: found)) }
        Terminal.table(
            [["RELEASE", "VERSION", "PHASE", "STEP", "WEIGHT", "WHY", "BY", "CREATED"]]
                + found.map {
                    [
                        $0.id, PlanText.label($0.to), $0.phase, ReleaseText.step($0), Units.percent($0.weights.candidate), ReleaseText.why($0),
                        $0.submittedBy, String($0.created.prefix(19))
                    ]
                })
    }
}
