import API
import ArgumentParser
import Client
import Foundation

struct WhoAmICommand: AsyncParsableCommand, ReportsFailure {
    static let configuration = CommandConfiguration(
        commandName: "whoami", abstract: "Show the user behind the token.",
        discussion: """
            Shows the user, the token's name and the most that the token allows.

              grayling whoami --server https://hub.example.com
            """)

    @OptionGroup var connection: ServerOptions
    var output: OutputOptions { connection.output }

    func run() async throws {
        let session = try connection.session()
        let answer = try await session.bytes(.whoami)
        if output.json { return Terminal.json(answer) }
        let who = try JSON.decode(WhoAmI.self, from: Data(answer))
        Terminal.table([
            ["user", who.user + (who.isSiteAdmin ? " (site admin)" : "")], ["role", who.role], ["token", who.token], ["server", session.server.text]
        ])
    }
}
