import API
import ArgumentParser
import Client
import Core
import Foundation

struct ReleaseShow: AsyncParsableCommand, ReportsFailure {
    static let configuration = CommandConfiguration(
        commandName: "show", abstract: "Show one release and where it stands.",
        discussion: """
              grayling release show chat-7
              grayling release show chat --json | jq .phase
            """)

    @OptionGroup var release: ReleaseArgument
    @OptionGroup var connection: ServerOptions
    var output: OutputOptions { connection.output }

    func run() async throws {
        let found = try await release.find(try connection.session())
        if output.json { return try Terminal.json(found) }
        Terminal.table(ReleaseText.facts(found))
    }
}
